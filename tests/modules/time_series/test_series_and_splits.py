"""How tables become series of regular times, and how they are split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.time_series._calendar import Calendar, calendar_of
from modules.time_series._series import read_series
from modules.time_series.split_by_time import split_by_time


@pytest.mark.parametrize(
    ("frequency", "alias"),
    [
        ("minute", "min"), ("hour", "h"), ("day", "D"), ("week", "W-MON"), ("month", "MS"),
        ("quarter", "QS"), ("year", "YS"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("shift", ["0h", "3min"])
def test_times_are_numbered_and_found_again(frequency: str, alias: str, shift: str) -> None:
    for start in ("1931-05-05", "2023-11-11"):
        times = pd.Series(pd.date_range(start, periods=30, freq=alias)) + pd.Timedelta(shift)
        if frequency == "minute":
            times = times.dt.floor("min")
        calendar = calendar_of(times, "auto")
        assert calendar.frequency == frequency
        numbers = calendar.numbers(times)
        assert np.diff(numbers).tolist() == [1] * 29
        np.testing.assert_array_equal(calendar.times(numbers), times.to_numpy())


def test_ends_of_months_stay_ends_of_months() -> None:
    times = pd.Series(pd.date_range("2023-10-31", periods=6, freq="ME"))
    calendar = calendar_of(times, "auto")
    later = calendar.times(calendar.numbers(times) + 12)
    assert pd.Series(later).dt.strftime("%Y-%m-%d").tolist()[:5] == [
        "2024-10-31", "2024-11-30", "2024-12-31", "2025-01-31", "2025-02-28",
    ]  # fmt: skip
    assert Calendar("week").numbers(
        pd.Series(pd.to_datetime(["2024-01-07", "2024-01-08"]))
    ).tolist() == [2818, 2819]


def series(frame: pd.DataFrame, **parameters: Any) -> Any:
    settings = {"frequency": "auto", "aggregate": "error", "missing": "interpolate"} | parameters
    selectors = (ColumnSelector.names(name) for name in ("t", "y"))
    return read_series(DataTable(frame), *selectors, ColumnSelector(), **settings).series


def test_holes_are_filled_and_ends_cut_off() -> None:
    frame = pd.DataFrame({"t": [5, 1, 2, 8, 9, 0], "y": [4.0, 1, np.nan, 10, None, None]})
    (found,) = series(frame)
    assert (found.start, found.values.tolist()) == (1, [1, 1.75, 2.5, 3.25, 4, 6, 8, 10])
    (zeros,) = series(frame, missing="zero")
    assert zeros.values.tolist() == [1, 0, 0, 0, 4, 0, 0, 10]


@pytest.mark.parametrize(("how", "value"), [("sum", 9), ("mean", 4.5), ("last", 3)])
def test_several_values_of_a_period_are_combined(how: str, value: float) -> None:
    times = pd.to_datetime(["2024-01-01", "2024-01-20", "2024-02-01"])
    frame = pd.DataFrame({"t": times, "y": [6, 3, 1]})
    (found,) = series(frame, frequency="month", aggregate=how)
    assert found.values.tolist() == [value, 1]
    with pytest.raises(ModuleError, match="several rows in the month 2024-01") as caught:
        series(frame, frequency="month")
    assert caught.value.parameter == "aggregate"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"t": ["a", "b"], "y": [1, 2]}, "column-type"),
        ({"t": [1, 2], "y": ["a", "b"]}, "column-type"),
        ({"t": [1, 2], "y": [np.inf, 1]}, "infinite-value"),
        ({"t": [1, 10**9], "y": [1, 2]}, "too-many-periods"),
        ({"t": [1, 2], "y": [np.nan, np.nan]}, "too-few-rows"),
        ({"t": [np.nan, np.nan], "y": [1, 2]}, "no-times"),
    ],
)
def test_columns_that_are_no_series_are_explained(frame: dict[str, Any], code: str) -> None:
    with pytest.raises(ModuleError) as caught:
        series(pd.DataFrame(frame))
    assert caught.value.code == code
    assert caught.value.hint


def split(frame: pd.DataFrame, **parameters: Any) -> tuple[list[Any], list[Any]]:
    parts = split_by_time(DataTable(frame), time_column=ColumnSelector.names("t"), **parameters)
    return tuple(part.frame["t"].tolist() for part in parts)  # type: ignore[return-value]


@pytest.mark.proves("split_by_time", by="by hand")
def test_the_latest_rows_come_second() -> None:
    frame = pd.DataFrame({"t": [5, 1, 4, 2, 3]})
    assert split(frame, later_share=0.4) == ([1, 2, 3], [5, 4])
    # Equal times are never separated.
    assert split(pd.DataFrame({"t": [1, 2, 2, 2]}), later_share=0.25) == ([1], [2, 2, 2])


def test_a_point_in_time_divides() -> None:
    times = pd.to_datetime(["2024-03-01", "2024-01-01", "2024-02-01", None])
    frame = pd.DataFrame({"t": times})
    with pytest.warns(ModuleWarning, match="1 rows without a value of “t” were left out"):
        earlier, later = split(frame, mode="point in time", point="2024-02-01")
    assert (earlier, later) == ([times[1]], [times[0], times[2]])
    zoned = frame.dropna().assign(t=lambda f: f["t"].dt.tz_localize("Asia/Tokyo"))
    assert len(split(zoned, mode="point in time", point="2024-02-01")[1]) == 2
    assert len(split(zoned, mode="point in time", point="2024-02-01T00:00Z")[1]) == 1
    assert split(pd.DataFrame({"t": [1, 2]}), mode="point in time", point="2") == ([1], [2])


@pytest.mark.parametrize("point", ["", "soon", "NaT", "2024-13-01"])
def test_a_point_that_is_no_time_is_explained(point: str) -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-03-01"])})
    with pytest.raises(ModuleError, match="can't be compared") as caught:
        split(frame, mode="point in time", point=point)
    assert caught.value.parameter == "point"
