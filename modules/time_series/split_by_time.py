"""Split by Time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Needed,
    Serving,
    When,
    module,
    warn,
)
from modules.contract.code import CodeStep
from modules.contract.data_table import kind_of
from modules.contract.registry.automated import Division
from modules.tables.typed_text import number_of
from modules.time_series._calendar import check_time

if TYPE_CHECKING:
    import pandas as pd


def _automated(share: float, seed: int, label: str, time: str) -> dict[str, Any]:
    return {"time_column": [time], "later_share": share}


def _code(step: CodeStep) -> None:
    frame, name = step.inputs["dataset"], f"{step.columns('time_column', 'dataset')}[0]"
    given = ", ".join(f"{each}={step.source(each)}" for each in ("mode", "later_share", "point"))
    call = f"{step.helper(divided)}({frame}, {name}, {given})"
    step.write(f"{', '.join(step.outputs)} = {call}")
    for port in ("earlier_rows", "later_rows"):
        step.know(port, step.facts("dataset"))


@module(
    "Split by Time",
    outputs=("earlier_rows", "later_rows"),
    keywords=("train", "test", "chronological", "out of time", "holdout", "forecast"),
    requires=("pandas", "numpy"),
    when_serving=Serving.DROP,
    code=_code,
    automated=Division("time", _automated),
)
def split_by_time(
    dataset: DataTable,
    *,
    time_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("datetime", "integer", "number"))
    ],
    mode: Annotated[Literal["share of rows", "point in time"], Field(title="Split by")] = (
        "share of rows"
    ),
    later_share: Annotated[
        float, Field(gt=0, lt=1, title="Share of later rows"), When(mode="share of rows")
    ] = 0.2,
    point: Annotated[
        str, Field(title="First time of later rows"), Needed(), When(mode="point in time")
    ] = "",
) -> tuple[DataTable, DataTable]:
    """Divide the rows at a point in time, to train on the past and test on the future.

    A random split lets a model see what happens after the rows that it is tested on, and so
    overrates it. Use this instead whenever the model will predict the future.

    Parameters
    ----------
    dataset : DataTable
        A table with a column of times or numbers.
    time_column : ColumnSelector
        The column that orders the rows.
    mode : str
        Share of rows: the latest rows become the second output. Point in time: the rows from a
        certain time on do.
    later_share : float
        Share of the rows in the second output. Rows of the same time are never separated, so it
        may get more.
    point : str
        For example ``2024-07-01``, ``2024-07-01 12:00``, or a number for a numeric column.

    Returns
    -------
    earlier_rows : DataTable
        The rows before the point, in their order.
    later_rows : DataTable
        The other rows, in their order.

    Notes
    -----
    Rows without a time are left out, with a warning. In a column with a time zone, a point
    without one has the zone of the column.
    """
    name = time_column.resolve_one(dataset.columns, parameter="time_column")
    check_time(dataset.frame[name])
    frames = divided(dataset.frame, name, mode=mode, later_share=later_share, point=point)
    earlier, later = map(dataset.with_frame, frames)
    return earlier, later


def divided(
    frame: pd.DataFrame, name: str, *, mode: str, later_share: float, point: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the earlier and the later rows of a frame."""
    import numpy as np

    times = frame[name]
    known = times.dropna() if times.hasnans else times
    if len(known) < len(times):
        warn(f"{len(times) - len(known):,} rows without a value of “{name}” were left out.")
    if mode == "point in time":
        border = _point(point, times)
    elif len(known):
        place = min(math.ceil(len(known) * (1 - later_share)), len(known) - 1)
        values = known.astype("int64") if kind_of(known.dtype) == "datetime" else known
        border = known.iloc[np.argpartition(values.to_numpy(), place)[place]]
    else:
        return frame.iloc[:0], frame.iloc[:0]
    parts = ((times < border).to_numpy(), (times >= border).to_numpy())
    earlier, later = (frame[part].reset_index(drop=True) for part in parts)
    for part, where in ((earlier, "before"), (later, "from")):
        if not len(part):
            warn(f"There are no rows {where} {border}.")
    return earlier, later


def _point(text: str, times: pd.Series) -> Any:
    """Return the point as a value that can be compared with the times."""
    import pandas as pd

    try:
        if kind_of(times.dtype) != "datetime":
            return number_of(text) if kind_of(times.dtype) == "integer" else float(text)
        found = pd.Timestamp(text)
        if pd.isna(found):
            raise ValueError(text)
        zone = times.dt.tz
        if zone is None:
            return found.tz_convert("UTC").tz_localize(None) if found.tz else found
        return found if found.tz else found.tz_localize(zone)
    except (ValueError, OverflowError) as error:
        raise ModuleError(
            "bad-point",
            f"“{text}” can't be compared with column “{times.name}”.",
            "Enter a value such as "
            f"{'2024-07-01' if kind_of(times.dtype) == 'datetime' else '100'}.",
            parameter="point",
            column=str(times.name),
        ) from error
