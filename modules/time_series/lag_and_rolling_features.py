"""Lag and Rolling Features."""

from __future__ import annotations

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
from modules.contract.data_table import kind_of
from modules.contract.messages import KIND_LABELS
from modules.tables.frames import free_name, numeric_columns, rebuilt, wrong_kind
from modules.time_series._calendar import instants
from modules.time_series._series import SeriesColumns, keys_of
from modules.values import Transformation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_SERIES, _TIME, _ROW = range(3)
"""Names of the columns that order the rows; the values have names from 3 on."""


@module(
    "Lag and Rolling Features",
    outputs=("results_dataset", "lag_transformation"),
    keywords=("shift", "previous", "moving average", "window", "autoregressive", "time series"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
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
    names = numeric_columns(columns, dataset, "to look back at")
    groups = series_columns.resolve(dataset.columns, parameter="series_columns", allow_empty=True)
    found_lags, found_windows = _counts(lags, "lags"), _counts(windows, "windows")
    if not found_lags and not found_windows:
        raise ModuleError(
            "no-lags",
            "There are neither lags nor windows.",
            "Enter at least one number of rows.",
            parameter="lags",
        )
    taken = set(dataset.names)
    outputs = []
    for name in names:
        wanted = [f"{name} lag {count}" for count in found_lags]
        wanted += [f"{name} {statistic} of {count}" for count in found_windows]
        for each in wanted:
            outputs.append(free_name(each, taken))
            taken.add(outputs[-1])
    settings: dict[str, Any] = {
        "time": time,
        "columns": names,
        "groups": groups,
        "lags": found_lags,
        "windows": found_windows,
        "statistic": statistic,
        "current_row": current_row,
        "outputs": outputs,
    }
    history = Lags(**settings, history=[]).last_rows(dataset)
    lagging = Lags(**settings, history=history)
    return lagging.apply(dataset), lagging


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
        import numpy as np

        rows = self._ordered(self._rows(table))
        grouped = rows.groupby(_SERIES, sort=False)
        found: dict[str, np.ndarray] = {}
        outputs = iter(self.outputs)
        at = rows[_ROW].to_numpy()
        for column in range(3, 3 + len(self.columns)):
            made = [grouped[column].shift(lag) for lag in self.lags]
            base = rows[column] if self.current_row else grouped[column].shift(1)
            for window in self.windows:
                rolling = base.groupby(rows[_SERIES], sort=False).rolling(window)
                made.append(getattr(rolling, self.statistic)().droplevel(0).loc[rows.index])
            for values in made:
                placed = np.full(len(table), np.nan)
                placed[at[at >= 0]] = values.to_numpy("float64")[at >= 0]
                found[next(outputs)] = placed
        return table.with_frame(rebuilt(table.frame, appended=found))

    def last_rows(self, table: DataTable) -> list[dict[str, Any]]:
        """Return the last rows of each series, as many as later rows need."""
        needed = max([*self.lags, *self.windows])
        rows = self._ordered(self._rows(table))
        keys = keys_of(table.frame, self.groups)
        history = []
        for _, part in rows.groupby(_SERIES, sort=False):
            last = part.tail(needed)
            values = last[list(range(3, 3 + len(self.columns)))].astype(object)
            history.append(
                {
                    "key": list(keys[int(last[_ROW].iloc[0])]),
                    "times": last[_TIME].tolist(),
                    "values": values.where(values.notna(), None).to_numpy().tolist(),
                }
            )
        return sorted(history, key=lambda each: [(str(type(k)), k) for k in each["key"]])

    def describe(self) -> pd.DataFrame:
        """Return one row per created column."""
        import pandas as pd

        counts = [f"lag {count}" for count in self.lags]
        counts += [f"{self.statistic} of {count} rows" for count in self.windows]
        pairs = [(column, count) for column in self.columns for count in counts]
        rows = [(*pair, output) for pair, output in zip(pairs, self.outputs, strict=True)]
        return pd.DataFrame(rows, columns=["Column", "Rows before", "Output"], dtype="str")

    def _rows(self, table: DataTable) -> pd.DataFrame:
        """Return series, time, position, and values of the rows that have a time and a series."""
        import numpy as np
        import pandas as pd

        table.require([self.time, *self.groups, *self.columns])
        times = _times(table.frame[self.time], self.time)
        columns: dict[int, Any] = {_TIME: times, _ROW: np.arange(len(table))}
        for number, name in enumerate(self.columns, start=3):
            column = table.frame[name]
            if kind_of(column.dtype) not in ("integer", "number") and column.notna().any():
                raise wrong_kind(name, kind_of(column.dtype), "earlier values must be numbers")
            columns[number] = column.to_numpy("float64", na_value=np.nan)
        keys = keys_of(table.frame, self.groups)
        index = {tuple(each["key"]): at for at, each in enumerate(self.history)}
        for key in keys:
            index.setdefault(key, len(index))
        rows = pd.DataFrame({_SERIES: [index[key] for key in keys], **columns})
        known = ~np.isnan(times) & np.array([None not in key for key in keys], bool)
        return rows[known]

    def _ordered(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows by series and time, each series after its earlier rows of the history."""
        import pandas as pd

        first = rows.groupby(_SERIES)[_TIME].min()
        parts = []
        for series, each in enumerate(self.history):
            start = first.get(series)
            earlier = [
                at for at, time in enumerate(each["times"]) if start is not None and time < start
            ]
            parts += [[series, each["times"][at], -1, *each["values"][at]] for at in earlier]
        before = pd.DataFrame(parts, columns=rows.columns).astype(rows.dtypes.to_dict())
        whole = pd.concat([before, rows], ignore_index=True) if parts else rows
        return whole.sort_values([_SERIES, _TIME], kind="stable", ignore_index=True)


def _times(column: pd.Series, name: str) -> np.ndarray:
    """Return the times as floats that order the rows; NaN for missing ones."""
    import numpy as np

    kind = kind_of(column.dtype)
    if kind == "datetime":
        return np.where(column.isna(), np.nan, instants(column).astype("int64").astype(float))
    if kind not in ("integer", "number"):
        raise ModuleError(
            "column-type",
            f"Column “{name}” contains {KIND_LABELS[kind]}; times or numbers are needed.",
            "Choose another column, or change its type with Edit Metadata.",
            parameter="time_column",
            column=name,
        )
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
