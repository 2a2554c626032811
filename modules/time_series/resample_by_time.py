"""Resample by Time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.normalize_frame import part_of
from modules.tables.fitted_code import arguments
from modules.tables.frames import free_name, wrong_kind
from modules.time_series._calendar import Calendar

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Function = Literal["mean", "sum", "median", "minimum", "maximum", "first", "last", "count"]
_PANDAS = {"minimum": "min", "maximum": "max"}
MOST_ROWS = 50_000_000


def _code(step: CodeStep) -> None:
    time = f"{step.columns('time_column', 'dataset')}[0]"
    columns = step.columns("columns", "dataset")
    series = step.columns("series_columns", "dataset") if step.is_given("series_columns") else "[]"
    more = arguments(step, "frequency", "functions", "gaps")
    step.write(
        f"{step.outputs[0]} = {step.helper(resampled)}({step.inputs['dataset']}, {time}, "
        f"{columns}, {series}{more})"
    )
    facts: TableFacts = step.facts("dataset")
    step.know("results_dataset", TableFacts(facts.roles))


@module(
    "Resample by Time",
    outputs=("results_dataset",),
    keywords=(
        "downsample",
        "upsample",
        "aggregate",
        "daily",
        "monthly",
        "interpolate",
        "frequency",
        "forward fill",
    ),
    requires=("numpy", "pandas"),
    when_serving=Serving.MERGES_ROWS,
    row="it combines rows",
    code=_code,
)
def resample_by_time(
    dataset: DataTable,
    *,
    time_column: Annotated[
        ColumnSelector,
        Field(title="Time column"),
        Columns(of="dataset", single=True, kinds=("datetime",)),
    ],
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to aggregate"),
        Columns(of="dataset", kinds=("integer", "number", "boolean")),
    ] = ColumnSelector.types("numeric"),
    series_columns: Annotated[
        ColumnSelector, Field(title="Columns that identify a series"), Columns(of="dataset")
    ] = ColumnSelector(),
    frequency: Literal["minute", "hour", "day", "week", "month", "quarter", "year"] = "day",
    functions: Annotated[tuple[Function, ...], Field(title="Functions")] = ("mean",),
    gaps: Annotated[
        Literal["leave missing", "zero", "last value", "interpolate", "leave out"],
        Field(title="Periods without rows"),
    ] = "leave missing",
) -> DataTable:
    """Aggregate rows to one for each day, month or other period, and fill the gaps.

    Parameters
    ----------
    dataset : DataTable
        A table with times.
    time_column : ColumnSelector
        The times. Rows without one are left out.
    columns : ColumnSelector
        The columns to aggregate, by default all numeric ones.
    series_columns : ColumnSelector
        Rows with equal values in these columns are a separate series. Empty for one series.
    frequency : str
        The length of a period. Weeks begin on Monday.
    functions : tuple of str
        Computed for each column and period; count is the number of values.
    gaps : str
        What to output for periods between the first and the last one that have no rows: missing
        values, zeros, the value of the period before, a line between the values around, or no row.

    Returns
    -------
    results_dataset : DataTable
        A row for each series and period, in their order: the start of the period, and a column
        ``mean(price)`` for each function and column; ``price`` if there is one function.

    Notes
    -----
    As ``frame.resample(...)`` of pandas, with the start of a period as its time. Missing values are
    ignored. Times with a time zone are divided into periods of UTC. First and last are by time; a
    period that has rows, but no value, is treated as a gap too. Sums and counts of gaps are 0 with
    “zero” only.
    """
    time = time_column.resolve_one(dataset.columns, parameter="time_column")
    names = [
        name for name in columns.resolve_each(dataset.columns, parameter="columns") if name != time
    ]
    keys = series_columns.resolve_each(
        dataset.columns, parameter="series_columns", allow_empty=True
    )
    kinds = {column.name: column.kind for column in dataset.columns}
    if kinds[time] != "datetime":
        raise wrong_kind(time, kinds[time], "times are needed", parameter="time_column")
    for name in names:
        if kinds[name] not in ("integer", "number", "boolean"):
            raise wrong_kind(name, kinds[name], "numbers are required", parameter="columns")
    result = resampled(
        dataset.frame, time, names, keys, frequency=frequency, functions=functions, gaps=gaps
    )
    return dataset.with_frame(result)


def resampled(
    frame: pd.DataFrame,
    time: str,
    columns: list[str],
    series: Sequence[str],
    *,
    frequency: str = "day",
    functions: Sequence[str] = ("mean",),
    gaps: str = "leave missing",
) -> pd.DataFrame:
    """Return a row for each series and period of a frame."""
    import numpy as np
    import pandas as pd

    if not functions:
        raise ModuleError(
            "nothing-chosen",
            "No function is chosen for the columns to aggregate.",
            "Choose at least one function.",
            parameter="functions",
        )
    columns = [name for name in columns if name != time and name not in series]
    used = {time, *series, *columns}
    frame = part_of(frame, [name for name in frame.columns if name in used])
    there = frame[time].notna()
    if not there.all():
        frame = frame[there]
    if any(each in ("first", "last") for each in functions):
        frame = frame.sort_values(time, kind="stable")
    keys = [name for name in series if name != time]
    calendar = Calendar(frequency)
    periods = calendar.numbers(frame[time])
    groups = np.zeros(1, dtype="int64")
    if keys:
        grouped = frame.groupby(keys, dropna=False, observed=True, sort=True)
        groups = grouped.ngroup().to_numpy()
    low = int(periods.min()) if len(periods) else 0
    width = int(periods.max()) - low + 1 if len(periods) else 1
    # Numbered by series, then period.
    codes, cells = numbered(groups * width + (periods - low) if keys else periods - low)
    full = cells if gaps == "leave out" or not len(cells) else without_gaps(cells, width)
    places, group = np.searchsorted(full, cells), full // width
    made = aggregated(frame, columns, functions, codes, len(cells))
    result: dict[str, Any] = {}
    if keys:
        first_row = np.zeros(int(groups.max(initial=-1)) + 1, dtype="int64")
        first_row[groups[::-1]] = np.arange(len(groups))[::-1]
        for name in keys:
            result[name] = frame[name].take(first_row[group]).array
    starts = pd.Series(calendar.times(full % width + low))
    zone = frame[time].dt.tz
    result[time] = starts if zone is None else starts.dt.tz_localize("UTC").dt.tz_convert(zone)
    taken = {*keys, time}
    for (name, function), values in made.items():
        title = free_name(name if len(functions) == 1 else f"{function}({name})", taken)
        taken.add(title)
        spread = np.full(len(full), np.nan)
        spread[places] = values
        result[title] = filled(spread, group, gaps)
    order = [name for name in frame.columns if name in result]
    return pd.DataFrame(result)[[*order, *[name for name in result if name not in order]]]


def numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each value among the different ones, and those in their order."""
    import numpy as np
    import pandas as pd

    low = int(values.min(initial=0))
    count = int(values.max(initial=-1)) - low + 1
    if count > 2 * len(values):
        return pd.factorize(values, sort=True)
    # Close enough to be positions themselves.
    places = values - low if low else values
    there = np.zeros(count, dtype="bool")
    there[places] = True
    codes = places if there.all() else (np.cumsum(there) - 1)[places]
    return codes, np.flatnonzero(there) + low


def aggregated(
    frame: pd.DataFrame, columns: list[str], functions: Sequence[str], codes: np.ndarray, count: int
) -> dict[tuple[str, str], np.ndarray]:
    """Return each function of each column for each of the periods that have rows."""
    import pandas as pd

    # Numbers that are the groups already aren't looked up again.
    periods = pd.CategoricalIndex(pd.Categorical.from_codes(codes, pd.RangeIndex(count)))
    made = {}
    for name in columns:
        groups = frame[name].astype("float64").groupby(periods, observed=False)
        for function in functions:
            options = {"min_count": 1} if function == "sum" else {}
            values = getattr(groups, _PANDAS.get(function, function))(**options)
            made[name, function] = values.to_numpy("float64")
    return made


def without_gaps(cells: np.ndarray, width: int) -> np.ndarray:
    """Return every cell from the first to the last one of each series."""
    import numpy as np

    starts = np.flatnonzero(np.diff(cells // width, prepend=-1))
    ends = np.append(starts[1:], len(cells)) - 1
    lengths = cells[ends] - cells[starts] + 1
    total = int(lengths.sum())
    if total > MOST_ROWS:
        raise ModuleError(
            "too-many-periods",
            f"The result would have {total:,} rows: the times are far apart.",
            "Choose a longer period, or leave out the periods without rows.",
            parameter="frequency",
        )
    offsets = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    found: np.ndarray = np.repeat(cells[starts], lengths) + offsets
    return found


def filled(values: np.ndarray, groups: np.ndarray, gaps: str) -> np.ndarray:
    """Return the values of periods with the gaps between them filled, in each group."""
    import numpy as np
    import pandas as pd

    if gaps == "zero":
        return np.where(np.isnan(values), 0.0, values)
    if gaps == "last value":
        return pd.Series(values).groupby(groups).ffill().to_numpy()
    if gaps == "interpolate":
        known = np.flatnonzero(~np.isnan(values))
        if not len(known):
            return values
        places = np.arange(len(values))
        found = np.interp(places, known, values[known])
        before = known[np.maximum(np.searchsorted(known, places, side="right") - 1, 0)]
        after = known[np.minimum(np.searchsorted(known, places), len(known) - 1)]
        inside = (groups[before] == groups) & (groups[after] == groups)
        inside &= (before <= places) & (after >= places)
        return np.where(inside, found, np.nan)
    return values
