"""Summarize Data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.contract import DataTable, module
from modules.contract.data_table import kind_of

if TYPE_CHECKING:
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


@module(
    "Summarize Data",
    outputs=("result_dataset",),
    keywords=("describe", "statistics", "mean", "quantile", "profile", "report"),
    requires=("pandas", "numpy"),
)
def summarize_data(dataset: DataTable) -> DataTable:
    """Describe every column of a dataset by its statistics.

    The first look at new data: what is missing, what is constant, how far the values reach.

    Parameters
    ----------
    dataset : DataTable
        Any table.

    Returns
    -------
    result_dataset : DataTable
        One row for each column: counts, and for numbers the statistics.

    Notes
    -----
    Count is the number of rows; unique and all further statistics leave missing values out.
    Mean deviation is the mean of ``|x - mean|``. Quartiles and percentiles interpolate
    linearly between values. The mode is the commonest value, of several the smallest.
    Variance and standard deviation divide by n - 1. Skewness and kurtosis are the sample
    statistics G1 and G2 of Joanes and Gill (1998), Comparing measures of sample skewness
    and kurtosis, The Statistician 47; kurtosis is the excess over a normal distribution.
    A statistic that too few values define is missing.
    """
    import pandas as pd

    frame = dataset.frame
    rows = [
        {
            "Feature": name,
            "Count": len(frame),
            "Unique Value Count": int(frame[name].nunique()),
            "Missing Value Count": int(frame[name].isna().sum()),
        }
        | _statistics(frame[name])
        for name in frame.columns
    ]
    counts = ["Count", "Unique Value Count", "Missing Value Count"]
    result = pd.DataFrame(rows, columns=["Feature", *counts, *_STATISTICS])
    kinds = {"Feature": "str"} | dict.fromkeys(counts, "int64")
    return DataTable(result.astype(kinds | dict.fromkeys(_STATISTICS, "float64")))


def _statistics(column: pd.Series) -> dict[str, float]:
    import numpy as np

    if kind_of(column.dtype) not in ("integer", "number"):
        return {}
    values = column.dropna().astype("float64")
    if not len(values):
        return {}
    array = values.to_numpy()
    with np.errstate(invalid="ignore", over="ignore"):
        shares = [0.005, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995]
        p05, p1, p5, first, median, third, p95, p995 = np.quantile(array, shares)
        mean = float(array.mean())
        found = (
            array.min(),
            array.max(),
            mean,
            np.abs(array - mean).mean(),
            first,
            median,
            third,
            values.mode().iloc[0],
            array.max() - array.min(),
            values.var(),
            values.std(),
            values.skew(),
            values.kurt(),
            p05,
            p1,
            p5,
            p95,
            p995,
        )
    return dict(zip(_STATISTICS, map(float, found), strict=True))
