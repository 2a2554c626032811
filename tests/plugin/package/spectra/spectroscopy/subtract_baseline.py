"""Subtract Baseline."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    RowForm,
    RowStep,
    module,
)
from modules.contract.value import Row


def _make(step: ExampleStep) -> dict[str, Any]:
    names = step.arguments["columns"].resolve(step.inputs["dataset"].columns)
    return {"columns": names, "baseline": step.arguments["baseline"]}


def _load(form: Mapping[str, Any], folder: Path) -> RowStep:
    names, baseline = form["columns"], form["baseline"]

    def subtract(row: Row) -> dict[str, Any]:
        found = {name: row[name] for name in names}
        return {
            **row,
            **{name: None if old is None else old - baseline for name, old in found.items()},
        }

    return subtract


@module(
    "Subtract Baseline",
    outputs=("corrected",),
    requires=("pandas",),
    row=RowForm(_make, _load),
)
def subtract_baseline(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Columns("dataset", kinds=("integer", "number"))],
    baseline: float = 1.0,
) -> DataTable:
    """Subtract the same number from every value.

    Parameters
    ----------
    dataset : DataTable
        The measured intensities.
    columns : ColumnSelector
        The columns to correct.
    baseline : float
        What is measured where there is no light.

    Returns
    -------
    corrected : DataTable
        The table with corrected columns.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    frame = dataset.frame
    return dataset.with_frame(frame.assign(**{name: frame[name] - baseline for name in names}))
