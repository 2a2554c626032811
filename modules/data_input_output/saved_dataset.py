"""Saved Dataset."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import DataTable, PathOf, module
from modules.contract.code import CodeStep


def _code(step: CodeStep) -> None:
    from modules.data_input_output._code.reading import write_saved

    write_saved(step, step.outputs[0], "path")


@module(
    "Saved Dataset",
    outputs=("dataset",),
    keywords=("load", "inference", "result", "reference", "arrow"),
    requires=("pandas", "pyarrow"),
    gives_roles=True,
    code=_code,
)
def saved_dataset(
    *, path: Annotated[str, Field(title="Folder"), PathOf("read", folder=True, value=True)]
) -> DataTable:
    """Load a table saved from a run.

    An inference pipeline uses it for lookup tables, and as an example of the rows of a
    request.

    Parameters
    ----------
    path : str
        The folder of the table, relative to the folder of the pipeline.

    Returns
    -------
    dataset : DataTable
        The table with the roles of its columns.

    Notes
    -----
    The folder is the one in which the run stored the output, or a copy of it. It is read like any
    output of a step; a pickle is never loaded. The conversion to an inference pipeline adds the
    module for what training fitted.
    """
    from modules.values.saved import load_saved

    return load_saved(path, DataTable)
