"""Edit Metadata: numbers that become dates, by their digits or as seconds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.data_transformation.edit_metadata import edit_metadata


def moments(values: Any, form: str = "") -> list[Any]:
    table = DataTable(pd.DataFrame({"day": values}))
    result = edit_metadata(
        table,
        columns=ColumnSelector.names("day"),
        data_type="datetime",
        datetime_format=form,
    )
    assert result.columns[0].kind == "datetime"
    return [None if pd.isna(one) else one.to_pydatetime() for one in result.frame["day"]]


@pytest.mark.parametrize("form", ["", "%Y%m%d"])
def test_digits_of_a_date_are_the_date(form: str) -> None:
    assert moments([20240102, 20231231], form) == [
        dt.datetime(2024, 1, 2),
        dt.datetime(2023, 12, 31),
    ]


def test_a_missing_date_and_the_last_one_of_all() -> None:
    assert moments([20240229.0, None, 99991231.0]) == [
        dt.datetime(2024, 2, 29),
        None,
        dt.datetime(9999, 12, 31),
    ]


def test_a_format_says_what_other_digits_mean() -> None:
    assert moments([31012024, 1022024 + 10_000_000], "%d%m%Y")[0] == dt.datetime(2024, 1, 31)
    assert moments([202401, 202312], "%Y%m") == [dt.datetime(2024, 1, 1), dt.datetime(2023, 12, 1)]


@pytest.mark.parametrize(
    "values",
    [
        [1706832000, 0],  # Seconds, as clocks of computers count them.
        [20240102, 20240230],  # The second is no day.
        [20240102, 5],
        [20240102.5, 20240102],
        [-20240102, 20240102],
    ],
)
def test_other_numbers_are_seconds_and_that_is_told(values: list[float]) -> None:
    with pytest.warns(ModuleWarning) as told:
        result = moments(values)
    start = dt.datetime(1970, 1, 1)
    assert result == [start + dt.timedelta(seconds=value) for value in values]
    (warning,) = [str(one.message) for one in told if one.category is ModuleWarning]
    assert "column “day” were read as seconds since 1970" in warning
    first = result[0].isoformat(" ", "seconds")
    assert f": {values[0]} became {first}." in warning
    assert "enter a date and time format" in warning


def test_a_column_without_values_has_no_dates() -> None:
    assert moments([float("nan")] * 2) == [None, None]
