"""Saved Transformation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import PathOf, module
from modules.contract.code import CodeStep, literal
from modules.values import Transformation


def _code(step: CodeStep) -> None:
    from modules.tables.fitted_code import facts_of
    from modules.values.saved import load_saved

    folder = step.path("path")
    if folder is None:
        step.refuse("its folder isn't known before the run")
    facts = facts_of(type(load_saved(str(folder), Transformation)))
    if facts is None:
        step.refuse("its transformation can't be applied without ModelDesk")
    source = step.path_source("path")
    file = f"({source} / {literal(Transformation.fields_file)})"
    step.write(f'{step.outputs[0]} = {step.module("json")}.loads({file}.read_text("utf-8"))')
    step.know("transformation", facts)


@module(
    "Saved Transformation",
    outputs=("transformation",),
    keywords=("fitted", "load", "inference", "TD"),
    requires=("pandas", "numpy"),
    code=_code,
)
def saved_transformation(
    *, path: Annotated[str, Field(title="Folder"), PathOf("read", folder=True, value=True)]
) -> Transformation:
    """Load a fitted transformation saved from a run.

    In an inference pipeline it transforms new data in the same way as the training data.

    Parameters
    ----------
    path : str
        The folder of the transformation, relative to the folder of the pipeline.

    Returns
    -------
    transformation : Transformation
        For Apply Transformation.

    Notes
    -----
    The folder is the one in which the run stored the output, or a copy of it. It is read like any
    output of a step; a pickle is never loaded. The conversion to an inference pipeline adds the
    module for what training fitted.
    """
    from modules.values.saved import load_saved

    return load_saved(path, Transformation)
