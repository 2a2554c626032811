"""Resample by Time against pandas and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.time_series.resample_by_time import numbered, resample_by_time

RNG = np.random.default_rng(4)
ROWS = pd.DataFrame(
    {
        "at": pd.Timestamp("2023-11-20") + pd.to_timedelta(RNG.integers(0, 10_000_000, 300), "s"),
        "price": RNG.normal(size=300),
        "count": RNG.integers(0, 9, 300),
        "shop": RNG.choice(["a", "b"], 300),
    }
)
ROWS.loc[::7, "price"] = np.nan


def made(rows: pd.DataFrame = ROWS, **more: object) -> pd.DataFrame:
    given = {"time_column": ColumnSelector.names("at"), "columns": ColumnSelector.names("price")}
    return resample_by_time(DataTable(rows), **(given | more)).frame


@pytest.mark.parametrize(
    ("frequency", "rule"),
    [
        ("hour", "h"),
        ("day", "D"),
        ("week", "W-MON"),
        ("month", "MS"),
        ("quarter", "QS"),
        ("year", "YS"),
    ],
)
@pytest.mark.parametrize("function", ["mean", "sum", "median", "maximum", "first", "last"])
@pytest.mark.proves("resample_by_time", by="pandas")
def test_it_equals_pandas(frequency: str, rule: str, function: str) -> None:
    found = made(frequency=frequency, functions=(function,))
    options = {"closed": "left", "label": "left"}
    name = {"maximum": "max"}.get(function, function)
    more = {"min_count": 1} if function == "sum" else {}
    groups = ROWS.sort_values("at", kind="stable").resample(rule, on="at", **options)["price"]
    wanted = getattr(groups, name)(**more)
    assert found["at"].tolist() == wanted.index.tolist()
    assert found["price"].to_numpy() == pytest.approx(wanted.to_numpy(), nan_ok=True)


def test_several_series_and_functions() -> None:
    found = made(
        series_columns=ColumnSelector.names("shop"),
        columns=ColumnSelector.names("price", "count"),
        functions=("sum", "count"),
        frequency="week",
    )
    assert list(found) == [
        "at", "shop", "sum(price)", "count(price)", "sum(count)", "count(count)",
    ]  # fmt: skip
    for shop, part in ROWS.groupby("shop"):
        wanted = part.resample("W-MON", on="at", closed="left", label="left")
        mine = found[found["shop"] == shop]
        assert mine["count(price)"].fillna(0).tolist() == wanted["price"].count().tolist()
        assert mine["sum(count)"].fillna(0).tolist() == wanted["count"].sum().tolist()


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        ("leave missing", [1, None, None, 4, 9, None, 7]),
        ("zero", [1, 0, 0, 4, 9, 0, 7]),
        ("last value", [1, 1, 1, 4, 9, 9, 7]),
        ("interpolate", [1, 2, 3, 4, 9, 8, 7]),
        ("leave out", [1, 4, 9, 7]),
    ],
)
def test_gaps(gaps: str, expected: list[float | None]) -> None:
    rows = pd.DataFrame(
        {
            "at": pd.to_datetime(["2024-01-01", "2024-01-04", "2024-03-01", "2024-03-03"]),
            "price": [1.0, 4.0, 9.0, 7.0],
            "shop": ["a", "a", "b", "b"],
        }
    )
    found = made(rows, series_columns=ColumnSelector.names("shop"), gaps=gaps)["price"]
    assert found.astype(object).where(found.notna(), None).tolist() == expected


def test_what_can_not_be_resampled(refused) -> None:
    far = pd.DataFrame({"at": pd.to_datetime(["1700-01-01", "2200-01-01"]), "price": [1.0, 2.0]})
    with refused("too-many-periods", "rows", parameter="frequency"):
        made(far, frequency="minute")
    with refused("column-type", "“shop”", parameter="time_column", column="shop"):
        made(time_column=ColumnSelector.names("shop"))
    with refused("column-type", "“shop”", parameter="columns", column="shop"):
        made(columns=ColumnSelector.names("shop"))
    assert len(made(ROWS.head(0))) == 0


@pytest.mark.parametrize("high", [1, 40, 900, 10**12])
@pytest.mark.parametrize("rows", [0, 1, 300])
def test_periods_are_numbered_in_their_order(high: int, rows: int) -> None:
    values = RNG.integers(-high, high, rows)
    codes, cells = numbered(values)
    wanted, positions = np.unique(values, return_inverse=True)
    assert cells.tolist() == wanted.tolist()
    assert codes.tolist() == positions.tolist()
