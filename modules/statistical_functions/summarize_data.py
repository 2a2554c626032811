"""Summarize Data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract import DataTable, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.columns import NUMERIC
from modules.contract.data_table import kind_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_STATISTICS = (
    "Min",
    "Max",
    "Mean",
    "Mean Deviation",
    "1st Quartile",
    "Median",
    "3rd Quartile",
    "Mode",
    "Range",
    "Sample Variance",
    "Sample Standard Deviation",
    "Sample Skewness",
    "Sample Kurtosis",
    "P0.5",
    "P1",
    "P5",
    "P95",
    "P99.5",
)
_CELLS_AT_ONCE = 2**21
_EXACT = 2**53


def _code(step: CodeStep) -> None:
    step.write(f"{step.outputs[0]} = {step.helper(summary)}({step.inputs['dataset']})")
    step.know("result_dataset", TableFacts())


@module(
    "Summarize Data",
    outputs=("result_dataset",),
    keywords=("describe", "statistics", "mean", "quantile", "profile", "report"),
    requires=("pandas", "numpy"),
    row="it combines all rows of a request",
    code=_code,
)
def summarize_data(dataset: DataTable) -> DataTable:
    """Compute descriptive statistics of every column.

    Use it to explore new data: missing values, constant columns, and value ranges.

    Parameters
    ----------
    dataset : DataTable
        Any table.

    Returns
    -------
    result_dataset : DataTable
        One row for each column: counts, and statistics of numeric columns.

    Notes
    -----
    Count is the number of rows; unique and all other statistics ignore missing values.
    Mean deviation is the mean of ``|x - mean|``. Quartiles and percentiles interpolate
    linearly between values. The mode is the most frequent value, the smallest if there are several.
    Variance and standard deviation divide by n - 1. Skewness and kurtosis are the sample
    statistics G1 and G2 of Joanes and Gill (1998), Comparing measures of sample skewness
    and kurtosis, The Statistician 47; kurtosis is the excess over a normal distribution.
    A statistic is missing if there are too few values.
    """
    return DataTable(summary(dataset.frame))


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Return counts and statistics of the columns of a frame, one row for each."""
    import numpy as np
    import pandas as pd

    missing, unique = np.zeros((2, frame.shape[1]), dtype="int64")
    statistics = np.full((frame.shape[1], len(_STATISTICS)), np.nan)
    numeric = []
    for index, dtype in enumerate(frame.dtypes):
        if kind_of(dtype) in NUMERIC:
            numeric.append(index)
        else:
            column = frame.iloc[:, index]
            missing[index], unique[index] = column.isna().sum(), column.nunique()
    together = max(1, _CELLS_AT_ONCE // max(1, len(frame)))
    for start in range(0, len(numeric), together):
        indices = np.array(numeric[start : start + together])
        # A row for each column, so that its values are contiguous as in a single column: sums
        # are the same to the last bit.
        cells = np.ascontiguousarray(frame.iloc[:, indices].to_numpy("float64").T)
        known = ~np.isnan(cells)
        counts = known.sum(axis=1)
        missing[indices] = len(frame) - counts
        for count in np.unique(counts[counts > 0]):
            alike = counts == count
            values = cells[alike]
            if count < len(frame):
                values = values[known[alike]].reshape(-1, count)
            statistics[indices[alike]], unique[indices[alike]] = _statistics(values)
        for index in indices[(np.abs(cells) >= _EXACT).any(axis=1)]:
            # Different integers may be equal as floating point numbers.
            unique[index] = frame.iloc[:, index].nunique()
    result = pd.DataFrame(statistics, columns=list(_STATISTICS))
    result.insert(0, "Feature", pd.Series(list(frame.columns), dtype="str"))
    result.insert(1, "Count", np.full(len(result), len(frame), dtype="int64"))
    result.insert(2, "Unique Value Count", unique)
    result.insert(3, "Missing Value Count", missing)
    return result


def _statistics(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the statistics of each row, in a row each, and how many values are distinct.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (columns, values), at least one of each, none missing.
    """
    import numpy as np
    import pandas as pd

    ordered = np.sort(values, axis=1)
    begins = np.ones(ordered.shape, dtype=bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    modes = np.array([_mode(*row) for row in zip(ordered, begins, strict=True)])
    low, high = ordered[:, 0], ordered[:, -1]
    # One by one: for several columns together pandas computes skewness and kurtosis
    # differently in the last bits.
    alone = [pd.Series(row, copy=False) for row in values]
    with np.errstate(invalid="ignore", over="ignore"):
        p05, p1, p5, first, median, third, p95, p995 = _quantiles(ordered)
        mean = values.mean(axis=1)
        variance = pd.DataFrame(values.T, copy=False).var().to_numpy()
        found = (
            low,
            high,
            mean,
            np.abs(values - mean[:, None]).mean(axis=1),
            first,
            median,
            third,
            modes,
            high - low,
            variance,
            np.sqrt(variance),
            np.array([column.skew() for column in alone], dtype="float64"),
            np.array([column.kurt() for column in alone], dtype="float64"),
            p05,
            p1,
            p5,
            p95,
            p995,
        )
    return np.column_stack(found), begins.sum(axis=1)


def _quantiles(ordered: np.ndarray) -> np.ndarray:
    """Return the quantiles of each row of ordered values, a row for each of the shares."""
    import numpy as np

    shares = np.array([0.005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995])
    found: np.ndarray = np.quantile(ordered, shares, axis=1)
    unknown = np.isnan(found)
    if unknown.any():
        # NumPy multiplies by zero unnecessarily, which converts infinity to NaN.
        positions = shares * (ordered.shape[1] - 1)
        below = ordered[:, np.floor(positions).astype(int)].T
        above = ordered[:, np.ceil(positions).astype(int)].T
        exact = np.where(below == above, below, below + above)
        found[unknown] = exact[unknown]
    return found


def _mode(ordered: np.ndarray, begins: np.ndarray) -> float:
    """Return the most frequent of ordered values, the smallest if there are several.

    Parameters
    ----------
    begins : numpy.ndarray of bool
        True where a new value starts.
    """
    import numpy as np

    starts = np.flatnonzero(begins)
    lengths = np.diff(starts, append=len(ordered))
    return float(ordered[starts[lengths.argmax()]])
