"""Summarize Data of many columns at once, against pandas and scipy for each alone."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from modules.contract import DataTable
from modules.statistical_functions.summarize_data import summarize_data


def truth(column: pd.Series) -> dict[str, float]:
    known = column.dropna()
    values = known.to_numpy("float64")
    result = {
        "Count": len(column),
        "Unique Value Count": len(set(known.tolist())),
        "Missing Value Count": int(column.isna().sum()),
    }
    if not len(values):
        return result
    with warnings.catch_warnings():
        # Of a single value scipy warns that it has no spread.
        warnings.simplefilter("ignore", RuntimeWarning)
        spread = {
            "Sample Skewness": stats.skew(values, bias=False) if len(values) > 2 else np.nan,
            "Sample Kurtosis": stats.kurtosis(values, bias=False) if len(values) > 3 else np.nan,
        }
    found, times = np.unique(values, return_counts=True)
    return result | {
        "Min": min(values),
        "Max": max(values),
        "Mean": known.mean(),
        "Mean Deviation": np.abs(values - values.mean()).mean(),
        "1st Quartile": known.quantile(0.25),
        "Median": known.median(),
        "3rd Quartile": known.quantile(0.75),
        "Mode": found[times == max(times)][0],
        "Range": max(values) - min(values),
        "Sample Variance": known.var(),
        "Sample Standard Deviation": known.std(),
        **spread,
        "P0.5": np.percentile(values, 0.5),
        "P1": np.percentile(values, 1),
        "P5": np.percentile(values, 5),
        "P95": np.percentile(values, 95),
        "P99.5": np.percentile(values, 99.5),
    }


def check(frame: pd.DataFrame, names: list[str]) -> None:
    result = summarize_data(DataTable(frame)).frame.set_index("Feature")
    assert result.index.tolist() == frame.columns.tolist()
    for name in names:
        expected = truth(frame[name])
        found = result.loc[name]
        assert found[list(expected)].to_dict() == pytest.approx(expected, nan_ok=True), name
        assert found.drop(list(expected)).isna().all()


def test_columns_with_any_number_of_missing_values() -> None:
    random = np.random.default_rng(3)
    columns = {}
    for place in range(60):
        values = random.normal(place, 3, 12).round(random.integers(0, 3))
        values[random.permutation(12)[: random.integers(0, 13)]] = np.nan
        columns[f"c{place}"] = values
    columns["whole"] = random.integers(0, 4, 12)
    columns["small"] = random.normal(size=12).astype("float32")
    columns["text"] = ["a", None, "b"] * 4
    columns["yes"] = [True, False, False] * 4
    columns["day"] = pd.to_datetime(["2024-01-01", None, "2024-01-02"] * 4)
    columns["kind"] = pd.Categorical([1, None, 1] * 4)
    frame = pd.DataFrame(columns)
    frame = frame[random.permutation(frame.columns)]
    counts_only = ["text", "yes", "day", "kind"]
    check(frame, [name for name in frame if name not in counts_only])
    result = summarize_data(DataTable(frame)).frame.set_index("Feature").loc[counts_only]
    assert result["Unique Value Count"].tolist() == [2, 2, 2, 1]
    assert result["Missing Value Count"].tolist() == [4, 0, 4, 4]
    assert result.drop(columns=list(result)[:3]).isna().all(axis=None)


def test_more_columns_than_are_taken_at_once() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=(700, 3100)).round(2)
    values[5, ::7] = np.nan
    frame = pd.DataFrame(values, columns=[f"c{place}" for place in range(3100)])
    check(frame, [f"c{place}" for place in (0, 1, 2994, 2995, 2996, 3098, 3099)])


def test_a_column_is_the_same_among_others_and_alone() -> None:
    frame = pd.DataFrame(np.random.default_rng(5).normal(size=(50, 40))).rename(columns=str)
    together = summarize_data(DataTable(frame)).frame
    alone = [summarize_data(DataTable(frame[[name]])).frame for name in frame]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True), check_exact=True)


def test_long_whole_numbers_are_told_apart() -> None:
    frame = pd.DataFrame({"id": [2**53, 2**53 + 1, 2**53 + 2], "n": [1, 1, 2]})
    result = summarize_data(DataTable(frame)).frame
    assert result["Unique Value Count"].tolist() == [3, 2]


def test_values_without_end() -> None:
    frame = pd.DataFrame({"x": [1.0, np.inf, np.inf], "y": [1.0, 2.0, 2.0]})
    result = summarize_data(DataTable(frame)).frame.set_index("Feature")
    assert result.loc["x", ["Max", "Mode", "Unique Value Count"]].tolist() == [np.inf, np.inf, 2]
    assert result.loc["y", "Mean"] == pytest.approx(5 / 3)
