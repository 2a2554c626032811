"""Apply SQL Transformation on DuckDB: results of DuckDB called directly, types, and isolation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning, sampling
from modules.data_transformation.apply_sql_transformation import apply_sql_transformation

duckdb = pytest.importorskip("duckdb", reason="DuckDB isn't installed")

FRAME = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "number": [0.1, np.nan, 2.5],
        "a text": pd.Series(["x", None, "y ; 'z'"], dtype="str"),
        "yes": [True, False, True],
        "perhaps": pd.array([True, None, False], dtype="boolean"),
        "day": pd.to_datetime(["2024-01-31 10:30:00.250", None, "1999-12-31"], format="ISO8601"),
        "zoned": pd.to_datetime(["2024-06-01 10:30"] * 3, utc=True).tz_convert("Europe/Berlin"),
        "c": pd.Categorical(["u", "v", "u"]),
        "code": pd.Categorical([7, None, 8]),
    }
)
TABLE = DataTable(FRAME, {"whole": Role.LABEL})


def query(text: str, *others: DataTable, table: DataTable = TABLE) -> DataTable:
    return apply_sql_transformation(table, *others, query=text, engine="DuckDB")


def large(rows: int = 20_000) -> DataTable:
    random = np.random.default_rng(5)
    towns = random.choice(["Bergen", "Lima", "Oslo"], rows)
    return DataTable(
        pd.DataFrame(
            {
                "town": pd.Series(towns, dtype="str"),
                "price": random.normal(100, 20, rows),
                "age": random.integers(0, 90, rows),
            }
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "select town, avg(price) as p, count(*) as n from t1 group by town order by town",
        "select age, max(price) as p from t1 where town <> 'Lima' group by age order by age",
        "select town, price, rank() over (partition by town order by price) as r "
        "from t1 order by town, price limit 50",
    ],
)
@pytest.mark.proves("apply_sql_transformation", by="SQLite, DuckDB")
def test_results_equal_both_databases_called_directly(text: str) -> None:
    table = large()
    result = query(text, table=table).frame
    plain = duckdb.connect()
    plain.register("t1", table.frame)
    pd.testing.assert_frame_equal(result, plain.execute(text).df(), check_dtype=False)
    other = apply_sql_transformation(table, query=text).frame
    pd.testing.assert_frame_equal(result, other)


def test_everything_comes_back_as_it_was() -> None:
    result = query("select * from t1")
    expected = FRAME.assign(c=FRAME["c"].astype("str"), code=[7.0, np.nan, 8.0])
    pd.testing.assert_frame_equal(result.frame, expected, check_dtype=False)
    assert [column.kind for column in result.columns] == [
        "integer", "number", "string", "boolean", "boolean", "datetime", "datetime", "string",
        "number",
    ]  # fmt: skip
    assert result.roles == {"whole": Role.LABEL}
    assert str(result.frame["zoned"].dtype.tz) == "Europe/Berlin"


def test_times_of_another_name_have_the_zone_of_the_input() -> None:
    result = query("select max(zoned) as latest from t1").frame["latest"]
    assert result.tolist() == [pd.Timestamp("2024-06-01 12:30", tz="Europe/Berlin")]


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("sum(whole)", "integer", 6),
        ("3 / 2", "number", 1.5),
        ("3 // 2", "integer", 1),
        ("0.1 + 0.2", "number", 0.3),
        ("cast('2024-02-29' as date)", "datetime", pd.Timestamp("2024-02-29")),
        ("cast('10:30:00' as time)", "string", "10:30:00"),
        ("interval 2 days", "string", "2 days"),
        ("[1, 2]", "string", "[1, 2]"),
        ("cast(10 as hugeint) ** 30", "number", 1e30),
        ("cast(null as integer[])", "string", None),
        ("'infinity'::date > '2024-01-01'::date", "boolean", True),
        ("null", "number", None),
    ],
)
def test_types_that_a_dataset_lacks_are_converted(expression: str, kind: str, value: Any) -> None:
    result = query(f"select {expression} as x from t1 limit 1")
    assert result.columns[0].kind == kind
    found = result.frame["x"].tolist()[0]
    assert pd.isna(found) if value is None else found == value


def test_three_tables_and_several_statements() -> None:
    second = DataTable(pd.DataFrame({"whole": [1, 3], "price": [10.0, 30.0]}))
    third = DataTable(pd.DataFrame({"factor": [2]}))
    result = query(
        "create table joined as select t1.whole, price * factor as price "
        "from t1 join t2 on t1.whole = t2.whole, t3; -- a comment; with a semicolon\n"
        "select whole, price from joined order by price desc;\n"
        "drop table joined",
        second,
        third,
    )
    assert result.frame.to_dict("list") == {"whole": [3, 1], "price": [60.0, 20.0]}


def test_rows_of_pivot_and_of_returning() -> None:
    pivoted = query("pivot t1 on c using sum(whole) group by yes order by yes").frame
    assert pivoted.fillna(0).to_dict("list") == {"yes": [False, True], "u": [0, 4], "v": [2, 0]}
    returned = query(
        "create table x (a integer); insert into x values (1), (2) returning a * 2 as b"
    )
    assert returned.frame["b"].tolist() == [2, 4]


def test_names_that_repeat_or_differ_only_by_case() -> None:
    table = DataTable(pd.DataFrame({"a": [1], "A": [2], "A (2)": [3]}))
    with pytest.warns(ModuleWarning, match="by case"):
        result = query("select * from t1", table=table)
    assert result.frame.to_numpy().tolist() == [[1, 2, 3]]
    with pytest.warns(ModuleWarning, match="numbered"):
        assert query("select 1 as x, [2] as x").frame.to_numpy().tolist() == [[1, "[2]"]]


def test_integers_that_lose_digits_are_told() -> None:
    table = DataTable(pd.DataFrame({"i": [2**62 + 1, 5]}))
    assert query("select * from t1", table=table).frame["i"].tolist() == [2**62 + 1, 5]
    with pytest.warns(ModuleWarning, match=r"“i” contains integers beyond 2\*\*53"):
        query("select i from t1 union all select null", table=table)


def test_result_without_rows_keeps_its_types() -> None:
    result = query("select * from t1 where whole > 5")
    assert len(result) == 0
    assert [column.kind for column in result.columns[:6]] == [
        "integer", "number", "string", "boolean", "boolean", "datetime"
    ]  # fmt: skip


def test_chance_and_sums_repeat() -> None:
    table = large()
    text = "select sum(price) as s, sum(random()) as r from t1 group by town order by town"
    first, second = query(text, table=table).frame, query(text, table=table).frame
    assert first.to_numpy().tobytes() == second.to_numpy().tobytes()


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("selec * from t1", "sql-failed", "selec"),
        ("select nothing_here from t1", "sql-failed", "nothing_here"),
        ("select cast('x' as integer)", "sql-failed", "x"),
        ("select * from t2", "sql-failed", "t2"),
        ("create table x (a integer)", "no-result", ""),
        ("", "no-result", ""),
        (";;", "no-result", ""),
        ("-- nothing", "no-result", ""),
    ],
)
def test_queries_that_fail(text: str, code: str, word: str, refused: Any) -> None:
    with refused(code, word, parameter="query") as caught:
        query(text)
    assert "LINE 1" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "attach '{file}' as other",
        "copy t1 to '{file}'",
        "export database '{folder}/all'",
        "select * from read_text('{known}')",
        "select * from read_csv('{known}')",
        "select * from glob('{folder}/*')",
        "install httpfs",
        "load '{file}'",
        "set threads = 4",
        "set enable_external_access = true",
        "pragma profiling_output = '{file}'",
        "call enable_logging(storage_path = '{folder}/logs')",
        "create table x as select * from '{known}'",
        "create persistent secret s (type http)",
        "prepare p as copy t1 to '{file}'; execute p",
    ],
)
def test_files_are_out_of_reach(text: str, tmp_path: Path) -> None:
    known = tmp_path / "known.csv"
    known.write_text("a\n1\n")
    statement = text.format(file=tmp_path / "x.db", folder=tmp_path, known=known)
    with pytest.raises(ModuleError, match=r"isn't allowed|[Pp]ersistent secrets are disabled"):
        query(f"{statement}; select 1")
    assert [path.name for path in tmp_path.iterdir()] == ["known.csv"]


def test_variables_of_the_program_are_out_of_reach(refused: Any) -> None:
    with refused("sql-failed", "tables", parameter="query"):
        query("select * from tables")


@pytest.mark.long
def test_a_sample_is_bounded(refused: Any) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select sum(x) from n"
    with sampling(10):
        assert len(query("select * from t1, range(1000)")) == 10
        with refused("sql-not-sampled", parameter="query"):
            query(endless)
        with refused("sql-not-sampled", parameter="query"):
            query("select string_agg(repeat('x', 1000000), '') from range(100000)")
