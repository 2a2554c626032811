"""Filter Rows against SQLite and by hand."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from modules.contract import DataTable
from modules.contract.specification import specification
from modules.table_manipulation.filter_rows import filter_rows

ROWS = pd.DataFrame(
    {
        "id": range(6),
        "town": ["Oslo", "oslo", "Rome", None, "Lima", "Bergen, Vest"],
        "price": [1.5, -2.0, None, 0.0, 7.25, 3.0],
        "count": [1, 2, 3, 4, 5, 6],
        "member": pd.array([True, None, False, True, False, True], dtype="boolean"),
        "day": pd.to_datetime(
            ["2024-01-01", "2024-05-06", None, "2023-12-31", "2024-05-06", "2025-01-01"]
        ),
        "size": pd.Categorical(["a", "b", "a", None, "b", "a"]),
    }
)


def kept(column: str, comparison: str, value: str = "", **more: object) -> list[int]:
    return kept_by([{"column": column, "comparison": comparison, "value": value}], **more)


def kept_by(rules: list[dict[str, str]], **more: object) -> list[int]:
    given = specification(filter_rows).read_parameters({"rules": rules, **more})
    return filter_rows(DataTable(ROWS), **given).frame["id"].tolist()


@pytest.mark.parametrize(
    ("column", "comparison", "value", "where"),
    [
        ("town", "equals", "Oslo", "town = 'Oslo'"),
        ("town", "is one of", "Rome, Lima", "town in ('Rome', 'Lima')"),
        ("town", "less than", "Oslo", "town < 'Oslo'"),
        ("town", "contains", "o", "instr(town, 'o')"),
        ("town", "starts with", "O", "town glob 'O*'"),
        ("town", "is missing", "", "town is null"),
        ("price", "at least", "0", "price >= 0"),
        ("price", "greater than", "1.5", "price > 1.5"),
        ("price", "is missing", "", "price is null"),
        ("count", "at most", "3.5", "count <= 3.5"),
        ("count", "is one of", "2,4,9", "count in (2, 4, 9)"),
        ("member", "equals", "true", "member = 1"),
        ("town", "doesn't equal", "Oslo", "town <> 'Oslo'"),
        ("price", "isn't one of", "0, 3", "price not in (0, 3)"),
        ("town", "doesn't contain", "o", "not instr(town, 'o')"),
        ("price", "isn't missing", "", "price is not null"),
    ],
)
@pytest.mark.proves("filter_rows", by="SQLite")
def test_rows_equal_those_of_sqlite(column: str, comparison: str, value: str, where: str) -> None:
    with sqlite3.connect(":memory:") as connection:
        ROWS.drop(columns=["day", "size"]).astype({"member": object}).to_sql("t", connection)
        expected = [row[0] for row in connection.execute(f"select id from t where {where}")]
    assert kept(column, comparison, value) == expected
    others = kept(column, comparison, value, keep="other rows")
    assert sorted(expected + others) == list(range(6))


def test_case_patterns_dates_and_categories() -> None:
    assert kept("town", "equals", "OSLO", match_case=False) == [0, 1]
    assert kept("town", "matches", r"^[A-Z]\w{3}$") == [0, 2, 4]
    assert kept("town", "ends with", "VEST", match_case=False) == [5]
    assert kept("day", "at least", "2024-05-06") == [1, 4, 5]
    assert kept("day", "equals", "2024-05-06") == [1, 4]
    assert kept("size", "equals", "a") == [0, 2, 5]


def test_several_rules() -> None:
    cheap = {"column": "price", "comparison": "less than", "value": "2"}
    member = {"column": "member", "comparison": "equals", "value": "true"}
    assert kept_by([cheap, member]) == [0, 3]
    assert kept_by([cheap, member], match="any rule") == [0, 1, 3, 5]
    assert kept_by([cheap, member], match="any rule", keep="other rows") == [2, 4]


def test_what_does_not_fit_the_column_is_refused(refused) -> None:
    with refused("bad-value", "“price”", "“cheap”", parameter="rules", column="price"):
        kept("price", "less than", "cheap")
    with refused("column-type", "“price”", parameter="rules", column="price"):
        kept("price", "contains", "1")
    with refused("bad-pattern", "“(”", parameter="rules"):
        kept("town", "matches", "(")
    with refused("column-type", "“member”", "order", parameter="rules", column="member"):
        kept("member", "less than", "true")
    with refused("column-not-found", "“prize”", parameter="rules", column="prize"):
        kept("prize", "less than", "1")
    with refused("no-rule", "no rule", parameter="rules"):
        kept_by([])
