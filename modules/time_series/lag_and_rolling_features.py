"""Lag and Rolling Features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Numbers,
    Serving,
    module,
)
from modules.contract.code import CodeStep, TransformationFacts
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, numeric_columns, rebuilt, wrong_kind
from modules.time_series._calendar import check_time, instants
from modules.time_series._series import SeriesColumns, keys_of
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def _code(step: CodeStep) -> None:
    frame, (target, fitted) = step.inputs["dataset"], step.outputs
    groups = "[]"
    if step.is_given("series_columns"):
        groups = step.columns("series_columns", "dataset")
    names = step.columns("columns", "dataset")
    parameters = ("lags", "windows", "statistic", "current_row")
    given = ", ".join(f"{name}={step.source(name)}" for name in parameters)
    time = f"{step.columns('time_column', 'dataset')}[0]"
    call = f"{step.helper(fit_lags)}({frame}, {time}, {names}, {groups}, {given})"
    step.write(f"{target}, {fitted} = {call}")
    step.know(
        "lag_transformation",
        TransformationFacts(lambda other, its, rows: f"{other.helper(add_lags)}({rows}, {its})"),
    )


@module(
    "Lag and Rolling Features",
    outputs=("results_dataset", "lag_transformation"),
    keywords=("shift", "previous", "moving average", "window", "autoregressive", "time series"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def lag_and_rolling_features(
    dataset: DataTable,
    *,
    time_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, kinds=("datetime", "integer", "number"))
    ],
    columns: Annotated[ColumnSelector, Columns(of="dataset", kinds=("integer", "number"))],
    series_columns: SeriesColumns = ColumnSelector(),
    lags: Annotated[str, Numbers(), Field(title="Lags in rows")] = "1",
    windows: Annotated[str, Numbers(), Field(title="Windows in rows")] = "",
    statistic: Annotated[
        Literal["mean", "sum", "std", "min", "max", "median"],
        Field(title="Statistic of the windows"),
    ] = "mean",
    current_row: Annotated[bool, Field(title="Include the current row in windows")] = False,
) -> tuple[DataTable, Transformation]:
    """Add earlier values of numeric columns, and statistics of the rows before.

    With them, any regression learner can predict a series from its past.

    The last rows are kept in the transformation, so that new rows see them: the first row of the
    test data, or of a request, has the lags that it would have right after the training data.

    Parameters
    ----------
    dataset : DataTable
        One row per time, and per series if there are several. The order doesn't matter.
    time_column : ColumnSelector
        The column that orders the rows.
    columns : ColumnSelector
        The numeric columns whose earlier values are added.
    series_columns : ColumnSelector
        Columns whose values identify a series; rows see only rows of their series.
    lags : str
        How many rows back the values are, separated by commas.
    windows : str
        Numbers of rows to compute the statistic of, separated by commas; empty for none.
    statistic : str
        What is computed over a window; std is that of a sample.
    current_row : bool
        A window ends with the row itself; otherwise with the one before. Don't include the row for
        a column that isn't known when the model predicts, such as the label.

    Returns
    -------
    results_dataset : DataTable
        The dataset with the columns ``COLUMN lag N`` and ``COLUMN STATISTIC of N``, in its order.
    lag_transformation : Transformation
        Adds the same columns to later rows.

    Notes
    -----
    A value is missing if there are fewer rows before, if the row has no time or series, and in a
    window that contains a missing value. Rows of the same time are in the order of the dataset.
    Lags count rows, not periods: add missing periods first.
    """
    time = time_column.resolve_one(dataset.columns, parameter="time_column")
    check_time(dataset.frame[time])
    names = numeric_columns(columns, dataset, "to look back at")
    groups = series_columns.resolve_each(
        dataset.columns, parameter="series_columns", allow_empty=True
    )
    frame, fitted = fit_lags(
        dataset.frame,
        time,
        names,
        groups,
        lags=lags,
        windows=windows,
        statistic=statistic,
        current_row=current_row,
    )
    return dataset.with_frame(frame), Lags(**fitted)


def fit_lags(
    frame: pd.DataFrame,
    time: str,
    names: list[str],
    groups: list[str],
    *,
    lags: str,
    windows: str,
    statistic: str,
    current_row: bool,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a frame with earlier values, and what is added with the last rows of each series."""
    found_lags, found_windows = _counts(lags, "lags"), _counts(windows, "windows")
    if not found_lags and not found_windows:
        raise ModuleError(
            "no-lags",
            "There are neither lags nor windows.",
            "Enter at least one number of rows.",
            parameter="lags",
        )
    taken = set(frame.columns)
    outputs = []
    for name in names:
        wanted = [f"{name} lag {count}" for count in found_lags]
        wanted += [f"{name} {statistic} of {count}" for count in found_windows]
        for each in wanted:
            outputs.append(free_name(each, taken))
            taken.add(outputs[-1])
    fitted: dict[str, Any] = {
        "time": time,
        "columns": names,
        "groups": groups,
        "lags": found_lags,
        "windows": found_windows,
        "statistic": statistic,
        "current_row": current_row,
        "outputs": outputs,
        "history": [],
    }
    rows = _ordered(_rows(frame, fitted), fitted)
    fitted["history"] = _last_rows(frame, rows, fitted)
    return _with_lags(frame, rows, fitted), fitted


def add_lags(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with earlier values of its columns."""
    return _with_lags(frame, _ordered(_rows(frame, fitted), fitted), fitted)


def _with_lags(frame: pd.DataFrame, rows: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with earlier values of its columns, given its rows in order."""
    import numpy as np
    import pandas as pd

    series, at = rows["series"].to_numpy(), rows["row"].to_numpy()
    found: dict[str, np.ndarray] = {}
    outputs = iter(fitted["outputs"])
    for column in range(len(fitted["columns"])):
        values = rows[column].to_numpy()
        made = [_shifted(values, series, lag) for lag in fitted["lags"]]
        if fitted["windows"]:
            base = values if fitted["current_row"] else _shifted(values, series, 1)
            grouped = pd.Series(base).groupby(series, sort=False)
        for window in fitted["windows"]:
            statistic = getattr(grouped.rolling(window), fitted["statistic"])()
            made.append(statistic.droplevel(0).loc[rows.index].to_numpy())
        for each in made:
            placed = np.full(len(frame), np.nan)
            placed[at[at >= 0]] = each[at >= 0]
            found[next(outputs)] = placed
    return rebuilt(frame, appended=found)


def _shifted(values: np.ndarray, series: np.ndarray, lag: int) -> np.ndarray:
    """Return the values some rows before, of the same series; its rows are consecutive."""
    import numpy as np

    found = np.full(len(values), np.nan)
    same = series[lag:] == series[: max(len(series) - lag, 0)]
    found[lag:][same] = values[: max(len(values) - lag, 0)][same]
    return found


@dataclass(frozen=True, eq=False)
class Lags(Transformation):
    """Lags and windows, with the last rows of the data that they were fitted to.

    Parameters
    ----------
    time, columns, groups, lags, windows, statistic, current_row
        As in the module, with the names of columns and the counts of rows.
    outputs : list of str
        By column, the names of its lags and then of its windows.
    history : list of dict
        By series: its ``key``, and the ``times`` and ``values`` of its last rows, None for a
        missing value. Times are microseconds since 1970.
    """

    title: ClassVar[str] = "Lags"

    time: str
    columns: list[str]
    groups: list[str]
    lags: list[int]
    windows: list[int]
    statistic: str
    current_row: bool
    outputs: list[str]
    history: list[dict[str, Any]]

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the earlier values; see :class:`Transformation`."""
        table.require([self.time, *self.groups, *self.columns])
        check_time(table.frame[self.time])
        for name in self.columns:
            column = table.frame[name]
            if kind_of(column.dtype) not in ("integer", "number") and column.notna().any():
                raise wrong_kind(name, kind_of(column.dtype), "earlier values must be numbers")
        return table.with_frame(add_lags(table.frame, vars(self)))

    def describe(self) -> pd.DataFrame:
        """Return one row per created column."""
        import pandas as pd

        counts = [f"lag {count}" for count in self.lags]
        counts += [f"{self.statistic} of {count} rows" for count in self.windows]
        pairs = [(column, count) for column in self.columns for count in counts]
        rows = [(*pair, output) for pair, output in zip(pairs, self.outputs, strict=True)]
        return pd.DataFrame(rows, columns=["Column", "Rows before", "Output"], dtype="str")


def _last_rows(
    frame: pd.DataFrame, rows: pd.DataFrame, fitted: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the last rows of each series, as many as later rows need."""
    import numpy as np

    needed = max([*fitted["lags"], *fitted["windows"]])
    series, times, at = (rows[name].to_numpy() for name in ("series", "time", "row"))
    values = rows[list(range(len(fitted["columns"])))].to_numpy("float64")
    starts = np.flatnonzero(np.diff(series, prepend=-1))
    codes, keys = keys_of(frame.iloc[at[starts]], fitted["groups"])
    history = []
    for code, start, end in zip(codes, starts, [*starts[1:], len(rows)], strict=False):
        first = max(start, end - needed)
        history.append(
            {
                "key": list(keys[code]),
                "times": times[first:end].tolist(),
                "values": [
                    [None if value != value else value for value in row]
                    for row in values[first:end].tolist()
                ],
            }
        )
    return sorted(history, key=lambda each: [(str(type(k)), k) for k in each["key"]])


def _rows(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return series, time, row, and values of the rows that have a time and a series."""
    import numpy as np
    import pandas as pd

    times = _times(frame[fitted["time"]])
    codes, keys = keys_of(frame, fitted["groups"])
    index = {tuple(each["key"]): at for at, each in enumerate(fitted["history"])}
    for key in keys:
        index.setdefault(key, len(index))
    columns: dict[Any, Any] = {
        "series": np.array([*(index[key] for key in keys), -1])[codes],
        "time": times,
        "row": np.arange(len(frame)),
    }
    for number, name in enumerate(fitted["columns"]):
        columns[number] = frame[name].to_numpy("float64", na_value=np.nan)
    known = ~np.isnan(times) & (codes >= 0)
    rows: pd.DataFrame = pd.DataFrame(columns).loc[known]
    return rows


def _ordered(rows: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return the rows by series and time, each series after its earlier rows of the history."""
    import numpy as np
    import pandas as pd

    first = rows.groupby("series")["time"].min()
    parts = []
    for series, each in enumerate(fitted["history"]):
        start = first.get(series, -float("inf"))
        for time, values in zip(each["times"], each["values"], strict=True):
            if time < start:
                parts.append([series, time, -1, *values])
    before = pd.DataFrame(parts, columns=rows.columns).astype(rows.dtypes.to_dict())
    whole = pd.concat([before, rows], ignore_index=True) if parts else rows
    by_time = np.argsort(whole["time"].to_numpy(), kind="stable")
    codes = whole["series"].to_numpy()[by_time]
    if len(codes) and codes.max() < 2**16:
        # Sorted by digits, much faster than by comparing.
        codes = codes.astype("uint16")
    return whole.take(by_time[np.argsort(codes, kind="stable")]).reset_index(drop=True)


def _times(column: pd.Series) -> np.ndarray:
    """Return the times as floats that order the rows; NaN for missing ones."""
    import numpy as np

    if kind_of(column.dtype) == "datetime":
        return np.where(column.isna(), np.nan, instants(column).astype("int64").astype(float))
    return column.to_numpy("float64")


def _counts(text: str, parameter: str) -> list[int]:
    """Return the numbers of rows of a list, each once.

    Raises
    ------
    ModuleError
        If it isn't a list of integers from 1.
    """
    try:
        found = sorted({int(part) for part in text.split(",") if part.strip()})
    except ValueError:
        found = [0]
    if found and not 1 <= found[0] <= found[-1] <= 100_000:
        raise ModuleError(
            "bad-lags",
            f"“{text}” isn't a list of numbers of rows.",
            "Enter integers from 1 to 100,000, for example 1, 2, 7.",
            parameter=parameter,
        )
    return found
