"""Summarize Data of columns that hold infinity: order still says what lies in the middle."""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable
from modules.statistical_functions.summarize_data import summarize_data

INF = float("inf")


def summary(values: list[float]) -> pd.Series:
    return summarize_data(DataTable(pd.DataFrame({"x": values}))).frame.iloc[0]


@pytest.mark.parametrize(
    "values",
    [
        [1.5, 2, INF],
        [-INF, 1, INF],
        [-INF, 1, 2, INF],
        [1, INF, INF],
        [1, 2, INF, INF],
        [-INF, -INF, 3],
        [INF, INF],
        [5, INF, None, 7],
    ],
)
def test_median_is_that_of_the_statistics_module(values: list[float]) -> None:
    known = [value for value in values if value is not None]
    assert summary(values)["Median"] == statistics.median(known)


def test_a_median_between_both_infinities_is_missing() -> None:
    assert np.isnan(summary([-INF, INF])["Median"])


def test_quantiles_among_finite_values_are_those_of_a_large_value() -> None:
    values = [float(number) for number in range(201)]
    found, expected = summary([*values[:-1], INF]), summary([*values[:-1], 1e9])
    names = ["P0.5", "P1", "P5", "1st Quartile", "Median", "3rd Quartile", "P95", "P99.5"]
    assert found[names].tolist() == expected[names].tolist()
