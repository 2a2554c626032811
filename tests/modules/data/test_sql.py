"""Apply SQL Transformation: results, types, and what a query may not reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, Role
from modules.contract.context import ModuleWarning
from modules.data_transformation.apply_sql_transformation import apply_sql_transformation

FRAME = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "number": [0.1, np.nan, 2.5],
        "a text": pd.Series(["x", None, "y ; 'z'"], dtype="str"),
        "yes": [True, False, True],
        "perhaps": pd.array([True, None, False], dtype="boolean"),
        "day": pd.to_datetime(["2024-01-31 10:30:00.250", None, "1999-12-31"], format="ISO8601"),
        "zoned": pd.to_datetime(["2024-06-01 10:30"] * 3, utc=True),
        "c": pd.Categorical(["u", "v", "u"]),
    }
)
TABLE = DataTable(FRAME, {"whole": Role.LABEL})


def query(text: str, *others: DataTable, table: DataTable = TABLE) -> DataTable:
    return apply_sql_transformation(table, *others, query=text)


def test_everything_comes_back_as_it_was() -> None:
    result = query("select * from t1")
    expected = FRAME.assign(c=FRAME["c"].astype("str"))
    pd.testing.assert_frame_equal(result.frame, expected, check_dtype=False)
    kinds = [column.kind for column in result.columns]
    assert kinds == [
        "integer", "number", "string", "boolean", "boolean", "datetime", "datetime", "string"
    ]  # fmt: skip
    assert result.roles == {"whole": Role.LABEL}


@pytest.mark.proves("apply_sql_transformation", by="by hand")
def test_three_tables_and_several_statements() -> None:
    second = DataTable(pd.DataFrame({"whole": [1, 3], "price": [10.0, 30.0]}))
    third = DataTable(pd.DataFrame({"factor": [2]}))
    result = query(
        "create table joined as select t1.whole, price * factor as price "
        "from t1 join t2 on t1.whole = t2.whole, t3; -- a comment; with a semicolon\n"
        "select whole, price from joined order by price desc;",
        second,
        third,
    )
    assert result.frame.to_dict("list") == {"whole": [3, 1], "price": [60.0, 20.0]}


def test_aggregates_and_dates() -> None:
    result = query(
        "select c, count(*) as n, max(day) as latest, strftime('%Y', min(day)) as year "
        "from t1 group by c order by c"
    )
    assert result.frame["n"].tolist() == [2, 1]
    assert result.frame["latest"].tolist()[0] == pd.Timestamp("2024-01-31 10:30:00.250")
    assert result.frame["year"].tolist()[0] == "1999"


def test_names_in_quotes_or_brackets() -> None:
    assert query('select "a text" from t1').names == query("select [a text] from t1").names
    assert query("select 'x;y' as a from t1 limit 1").frame["a"].tolist() == ["x;y"]


def test_columns_that_a_query_does_not_name_are_not_missed() -> None:
    assert query("select count(*) as n from t1").frame["n"].tolist() == [3]
    assert query("select COUNT ( * ), t1.* from t1").frame.shape == (1, 9)
    assert query("select WHOLE from t1 where [A TEXT] = 'x'").frame.to_numpy().tolist() == [[1]]
    second = DataTable(pd.DataFrame({"whole": [3], "c": ["u"], "price": [1.5]}))
    assert query("select price from t1 natural join t2", second).frame["price"].tolist() == [1.5]
    added = "insert into t1 (whole) values (9); select max(whole) as m from t1"
    assert query(added).frame["m"].tolist() == [9]
    quoted = DataTable(pd.DataFrame({'a "b"': [1], "c": [2]}))
    assert query('select "a ""b""" from t1', table=quoted).frame.to_numpy().tolist() == [[1]]


def test_categories_that_are_numbers() -> None:
    table = DataTable(pd.DataFrame({"k": pd.Categorical([2, None, 1])}))
    assert query("select sum(k) as s from t1", table=table).frame["s"].tolist() == [3]


def test_large_numbers_survive() -> None:
    table = DataTable(pd.DataFrame({"i": [2**62 + 1], "u": np.array([2**63 + 5], dtype="uint64")}))
    result = query("select * from t1", table=table)
    assert result.frame["i"].tolist() == [2**62 + 1]
    assert result.frame["u"].tolist() == [float(2**63 + 5)]


def test_result_without_rows_keeps_its_types() -> None:
    result = query("select * from t1 where whole > 5")
    assert len(result) == 0
    assert [column.kind for column in result.columns[:6]] == [
        "integer", "number", "string", "boolean", "boolean", "datetime"
    ]  # fmt: skip


def test_names_that_differ_only_by_case() -> None:
    table = DataTable(pd.DataFrame({"a": [1], "A": [2], "A (2)": [3]}))
    with pytest.warns(ModuleWarning, match="by case"):
        result = query("select * from t1", table=table)
    assert result.frame.to_numpy().tolist() == [[1, 2, 3]]


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("selec * from t1", "sql-failed", "selec"),
        ("select nothing_here from t1", "sql-failed", "nothing_here"),
        ("select * from t2", "sql-failed", "t2"),
        ("create table x (a)", "no-result", ""),
        ("", "no-result", ""),
        (";;", "no-result", ""),
        ("-- nothing", "no-result", ""),
    ],
)
def test_queries_that_fail(text: str, code: str, word: str, refused: Any) -> None:
    with refused(code, word, parameter="query"):
        query(text)


@pytest.mark.parametrize(
    "text",
    [
        "attach database '{file}' as other",
        "vacuum into '{file}'",
        "select load_extension('{file}')",
        "pragma temp_store_directory = '{folder}'",
        "detach database main",
    ],
)
def test_files_are_out_of_reach(text: str, tmp_path: Path, refused: Any) -> None:
    statement = text.format(file=tmp_path / "x.db", folder=tmp_path)
    with refused("sql-not-allowed", parameter="query"):
        query(statement)
    assert list(tmp_path.iterdir()) == []


def test_too_many_columns(refused: Any) -> None:
    wide = DataTable(pd.DataFrame(np.zeros((1, 2001))))
    with refused("bad-column-count", "2,001"):
        query("select * from t1", table=wide)
