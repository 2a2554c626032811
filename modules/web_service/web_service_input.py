"""Web Service Input."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import DataTable, module


@module(
    "Web Service Input",
    outputs=("dataset",),
    keywords=("endpoint", "request", "real-time", "inference", "score", "REST"),
    requires=("pandas",),
    code="a script has no web service; take it out, or export the training pipeline",
)
def web_service_input(
    *,
    name: Annotated[str, Field(min_length=1)] = "input1",
    columns: list[dict[str, Any]] | None = None,
    unseen_values: Annotated[
        Literal["refuse", "accept"], Field(title="Values that training never saw")
    ] = "refuse",
) -> DataTable:
    """Mark where the rows of a request enter the pipeline.

    It shares an input with a dataset of the same columns: a run uses the dataset, a request
    replaces it.

    Parameters
    ----------
    name : str
        The name of the rows in the request, different for each input.
    columns : list, optional
        The schema of a row: ``name`` and ``kind`` of each column, ``missing`` if it may be
        null, ``optional`` if it may be omitted, and the known ``values`` of a column with
        few. If None, rows aren't validated.
    unseen_values : str
        Whether a value that isn't among the known ones of its column is rejected, with an
        error that names the closest, or passed to the model as unknown.

    Returns
    -------
    dataset : DataTable
        The rows of the request.

    Notes
    -----
    In a run it outputs a table with these columns and no rows.

    As in Azure ML designer, the name is the key of the rows in a request. Unlike there, the
    columns of a request are part of the module.
    """
    from modules.requests.tables import RequestSchema, table_of

    return table_of([], RequestSchema.from_json(columns or []))
