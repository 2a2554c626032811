"""Window and Rank against the window functions of SQLite."""

from __future__ import annotations

import sqlite3

import numpy as np
import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.contract.context import ModuleWarning
from modules.table_manipulation.window_and_rank import window_and_rank

names = ColumnSelector.names

QUERIES = {
    "row number": "row_number() over (partition by shop order by day, id)",
    "rank": "rank() over (partition by shop order by day)",
    "dense rank": "dense_rank() over (partition by shop order by day)",
    "percent rank": "percent_rank() over (partition by shop order by day)",
    "lag": "lag(price, 2) over (partition by shop order by day, id)",
    "lead": "lead(price, 2) over (partition by shop order by day, id)",
    "difference": "price - lag(price, 2) over (partition by shop order by day, id)",
    "cumulative maximum": "max(price) over (partition by shop order by day, id)",
    "moving mean": "avg(price) over (partition by shop order by day, id rows 1 preceding)",
    "moving sum": "sum(price) over (partition by shop order by day, id rows 1 preceding)",
    "moving minimum": "min(price) over (partition by shop order by day, id rows 1 preceding)",
    "moving maximum": "max(price) over (partition by shop order by day, id rows 1 preceding)",
    "cumulative sum": "sum(price) over (partition by shop order by day, id)",
    "cumulative minimum": "min(price) over (partition by shop order by day, id)",
    "share of total": "price / sum(price) over (partition by shop)",
}
OF_VALUES = [name for name in QUERIES if "number" not in name and "rank" not in name]


def sales() -> DataTable:
    random = np.random.default_rng(3)
    shop = pd.Series(random.choice(["Oslo", "Rome", "Lima"], 60), dtype="str")
    shop[::11] = None
    frame = pd.DataFrame(
        {
            "id": range(60),
            "shop": shop,
            "day": random.integers(1, 12, 60),
            "price": random.normal(50, 10, 60),
        }
    )
    return DataTable(frame)


@pytest.mark.parametrize("function", QUERIES)
@pytest.mark.proves("window_and_rank", by="SQLite")
def test_windows_equal_those_of_sqlite(function: str) -> None:
    given = sales()
    with sqlite3.connect(":memory:") as connection:
        given.frame.to_sql("t", connection, index=False)
        query = f"select {QUERIES[function]} from t order by id"
        expected = [row[0] for row in connection.execute(query)]
    more = {"columns": names("price"), "rows": 2} if function in OF_VALUES else {}
    found = window_and_rank(
        given, function=function, partition=names("shop"), order=names("day"), **more
    )
    name = f"{function}(price)" if more else function
    assert found.names == [*given.names, name]
    values = [None if pd.isna(value) else value for value in found.frame[name]]
    assert values == pytest.approx(expected)


def test_without_order_the_order_of_the_table_counts() -> None:
    table = DataTable(pd.DataFrame({"t": ["a", "b", "c"], "on": [True, False, True]}))
    lagged = window_and_rank(table, function="lag", columns=names("t", "on")).frame
    assert lagged["lag(t)"].tolist()[1:] == ["a", "b"]
    assert lagged["lag(on)"].isna().tolist() == [True, False, False]
    numbered = window_and_rank(table, descending=True).frame
    assert numbered["row number"].tolist() == [3, 2, 1]
    assert window_and_rank(table, function="rank").frame["rank"].tolist() == [1, 1, 1]


def test_descending_order_and_missing_keys() -> None:
    table = DataTable(pd.DataFrame({"v": [2.0, None, 5.0, 5.0]}))
    found = window_and_rank(table, function="rank", order=names("v"), descending=True).frame
    assert found["rank"].tolist() == [3, 4, 1, 1]


def test_totals_with_gaps_and_of_zero_worked_by_hand() -> None:
    table = DataTable(pd.DataFrame({"v": [2.0, None, 5.0, 1.0], "w": [1.0, -1.0, 0.0, None]}))
    for function, expected in (
        ("cumulative sum", [2, None, 7, 8]),
        ("cumulative minimum", [2, None, 2, 1]),
        ("cumulative maximum", [2, None, 5, 5]),
    ):
        found = window_and_rank(table, function=function, columns=names("v")).frame
        values = [None if pd.isna(each) else each for each in found[f"{function}(v)"]]
        assert values == expected
    shares = window_and_rank(table, function="share of total", columns=names("w")).frame
    assert shares["share of total(w)"].tolist()[:2] == [float("inf"), float("-inf")]
    assert shares["share of total(w)"].isna().tolist() == [False, False, True, True]


def test_text_has_no_running_total(refused) -> None:
    with refused("column-type", "“shop”", parameter="columns", column="shop"):
        window_and_rank(sales(), function="cumulative sum", columns=names("shop"))


@pytest.mark.parametrize("function", ["lag", "lead"])
def test_long_integers_beside_missing_ones_are_rounded_with_a_warning(function: str) -> None:
    table = DataTable(pd.DataFrame({"id": [2**53 + 1] * 2, "n": [1, 2]}))
    with pytest.warns(ModuleWarning, match=r"“id” contains integers beyond 2\*\*53"):
        found = window_and_rank(table, function=function, columns=ColumnSelector.names("id", "n"))
    assert found.frame[f"{function}(id)"].dropna().tolist() == [2.0**53]
