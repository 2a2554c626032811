"""Evaluate Survival Model."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    ValueOf,
    module,
)
from modules.contract.data_table import kind_of
from modules.survival_analysis._code import write_survival_evaluation
from modules.survival_analysis._durations import columns_of, durations
from modules.tables.frames import wrong_kind


@module(
    "Evaluate Survival Model",
    outputs=("evaluation",),
    keywords=("concordance", "c-index", "harrell", "cox", "metric", "censored"),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    code=write_survival_evaluation,
)
def evaluate_survival_model(
    scored_dataset: DataTable,
    *,
    duration_column: Annotated[
        ColumnSelector, Columns(of="scored_dataset", single=True, kinds=("integer", "number"))
    ],
    event_column: Annotated[ColumnSelector, Columns(of="scored_dataset", single=True)],
    event_value: Annotated[
        str, Field(title="Value that means the event happened"), ValueOf("event_column")
    ] = "",
    risk_column: Annotated[
        ColumnSelector,
        Columns(of="scored_dataset", single=True, kinds=("integer", "number")),
    ] = ColumnSelector.names("Risk score"),
) -> DataTable:
    """Measure how often a higher risk was predicted for the row that had the event first.

    Parameters
    ----------
    scored_dataset : DataTable
        From Score Survival Model, best rows that the model wasn't trained on.
    duration_column : ColumnSelector
        The time until the event, or as long as the row was observed without it.
    event_column : ColumnSelector
        Whether the event happened at the end of that time.
    event_value : str
        The value of that column if it happened. Empty for true or 1.
    risk_column : ColumnSelector
        Higher numbers for rows that are expected to have the event earlier.

    Returns
    -------
    evaluation : DataTable
        ``Concordance index``: 1 if every pair is in order, 0.5 for chance; the number of
        ``Comparable pairs``, ``Rows`` and ``Events``.

    Notes
    -----
    Harrell et al. (1982). A pair is comparable if the event happened to one row while the other
    was still observed. Equal risks count half.
    """
    from modules.survival_analysis._cox import concordance_table

    scored_dataset.require_rows(1, port="scored_dataset")
    duration, event = columns_of(scored_dataset, duration_column, event_column)
    risk = risk_column.resolve_one(scored_dataset.columns, parameter="risk_column")
    kind = kind_of(scored_dataset.frame[risk].dtype)
    if kind not in ("integer", "number"):
        raise wrong_kind(risk, kind, "a risk must be a number", parameter="risk_column")
    frame = scored_dataset.frame[scored_dataset.frame[risk].notna()].reset_index(drop=True)
    if not len(frame):
        raise ModuleError(
            "no-scored-rows",
            f"Column “{risk}” has no values.",
            "Check the scored dataset, or choose another column.",
            parameter="risk_column",
            column=risk,
        )
    time, happened, known = durations(frame, duration, event, event_value.strip())
    table = concordance_table(time, happened, frame.loc[known, risk])
    index = float(table["Concordance index"].iloc[0])
    return DataTable(table, metrics={} if math.isnan(index) else {"Concordance index": index})
