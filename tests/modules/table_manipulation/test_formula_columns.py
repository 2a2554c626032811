"""Formula Columns against SQLite, pandas, and by hand."""

from __future__ import annotations

import math
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.contract import DataTable, ExampleStep
from modules.contract.specification import specification
from modules.table_manipulation.formula_columns import formula_columns
from modules.tables.formulas.functions import FUNCTIONS, OPERATORS

ROWS = pd.DataFrame(
    {
        "id": range(6),
        "unit price": [1.5, -2.0, None, 0.0, 7.25, 3.0],
        "count": [1, 2, 3, 4, 5, 6],
        "town": ["Oslo", " oslo ", "Rome", None, "Lima 12", "Bergen, Vest"],
        "size": pd.Categorical(["a", "b", "a", None, "b", "a"]),
        "member": pd.array([True, None, False, True, False, True], dtype="boolean"),
        "class": ["x", "y", "x", "y", "x", "y"],
        "day": pd.to_datetime(
            ["2024-01-01", "2024-05-06 12:30:15.5", None, "2023-12-31", "2024-02-29", "2025-01-01"],
            format="ISO8601",
        ),
    }
)
ROW_FORM: Any = specification(formula_columns).row


def made(formulas: str, rows: pd.DataFrame = ROWS) -> pd.DataFrame:
    return formula_columns(DataTable(rows), formulas=formulas).frame


def value_of(expression: str, rows: pd.DataFrame = ROWS) -> list[Any]:
    found = made(f"new = {expression}", rows)["new"]
    return found.astype(object).where(found.notna(), None).tolist()


@pytest.mark.parametrize(
    ("expression", "sql"),
    [
        ("`unit price` * count + 2", '"unit price" * "count" + 2'),
        ("-count - 1", '-"count" - 1'),
        ("`unit price` > 1 and member", '"unit price" > 1 and member'),
        ("`unit price` > 1 OR NOT member", '"unit price" > 1 or not member'),
        ("count in (1, 3) or member", '"count" in (1, 3) or member'),
        ("`unit price` not in (0, 3.0)", '"unit price" not in (0, 3.0)'),
        ('town == "Oslo" and 2 <= count < 5', 'town = \'Oslo\' and 2 <= "count" and "count" < 5'),
        ('if(`unit price` > 0, "high", town)', "iif(\"unit price\" > 0, 'high', town)"),
        ("if(member, `unit price`, missing())", 'iif(member, "unit price", null)'),
        ('coalesce(town, "none")', "coalesce(town, 'none')"),
        ("is_missing(`unit price`)", '"unit price" is null'),
        ("upper(trim(town))", "upper(trim(town))"),
        ('lower(town) + "/" + class', "lower(town) || '/' || class"),
        ("length(town)", "length(town)"),
        ("substring(town, 2, 3)", "substr(town, 2, 3)"),
        ("left(town, 2) + right(town, 2)", "substr(town, 1, 2) || substr(town, -2)"),
        ('contains(town, "s")', "instr(town, 's') > 0"),
        ('replace(town, "o", "00")', "replace(town, 'o', '00')"),
        (
            "sqrt(count) + log(count) + exp(count / 4)",
            'sqrt("count") + ln("count") + exp("count" / 4.0)',
        ),
        ("abs(`unit price`) ** 2", 'abs("unit price") * abs("unit price")'),
        ("count // 2.0 + count % 4", 'floor("count" / 2.0) + mod("count", 4)'),
        ("min(count, `unit price` + 100)", 'coalesce(min("count", "unit price" + 100), "count")'),
    ],
)
@pytest.mark.proves("formula_columns", by="SQLite")
def test_values_equal_those_of_sqlite(expression: str, sql: str) -> None:
    with sqlite3.connect(":memory:") as connection:
        ROWS.drop(columns=["day", "size"]).astype({"member": object}).to_sql("t", connection)
        expected = [row[0] for row in connection.execute(f"select {sql} from t order by id")]
    found = value_of(expression)
    if isinstance(expected[0], float):
        assert found == pytest.approx(expected)
    else:
        assert found == expected


def test_dates() -> None:
    assert value_of("day + count / 2")[0] == datetime(2024, 1, 1, 12)
    assert value_of('day - date("2023-12-31")')[:4] == [
        1,
        127 + (12 * 3600 + 1815.5) / 86400,
        None,
        0,
    ]
    assert value_of('day >= "2024-02-29"') == [False, True, None, False, True, True]
    assert value_of("year(day) * 10000 + month(day) * 100 + day(day)")[4] == 20240229
    assert value_of("weekday(day)")[0] == 1
    assert value_of("second(day)")[1] == 15.5
    assert value_of('date(extract("on 2024-05-31", "[0-9-]+"))')[0] == datetime(2024, 5, 31)
    zoned = ROWS.assign(day=ROWS["day"].dt.tz_localize("Europe/Oslo"))
    assert value_of('day >= "2024-02-29"', zoned) == value_of('day >= "2024-02-29"')


def test_texts_numbers_and_patterns() -> None:
    assert value_of("text(count) + text(`unit price`)")[:2] == ["11.5", "2-2"]
    assert value_of(r'number(extract(town, "(\d+)"))')[4] == 12
    assert value_of("number(town)") == [None] * 6
    assert value_of(r"matches(town, '^\w+$')") == [True, False, True, None, False, False]
    assert value_of('size + "!"') == ["a!", "b!", "a!", None, "b!", "a!"]
    assert value_of("round(`unit price`) + round(0.125, 2)")[:2] == [2.12, -1.88]


def test_columns_are_replaced_in_place_and_follow_each_other() -> None:
    found = made("count = count * 2\n# twice\nclass size = `class` +\n  size\n\ndouble = count * 2")
    assert list(found) == [*ROWS.columns, "class size", "double"]
    assert found["double"].tolist() == [4, 8, 12, 16, 20, 24]
    assert found["double"].dtype == "int64"
    assert found["class size"][0] == "xa"


def test_division_by_zero_is_infinite_and_what_is_not_defined_missing() -> None:
    assert value_of("count / 0")[0] == math.inf
    assert value_of("log(0 - count)") == [None] * 6
    assert value_of("0 // (count - 1)")[0] is None


@pytest.mark.parametrize(
    ("formulas", "code", "words", "more"),
    [
        ("new = prize * 2", "column-not-found", ["character 7", "“prize”"], {"column": "prize"}),
        ("new = sqr(count)", "bad-formula", ["character 7", "“sqr”", "isn't a function"], {}),
        ("new = town - 1", "formula-types", ["“-”", "text"], {}),
        ("new = if(count > 1, 1, town)", "formula-types", ["“if”"], {}),
        ("a = 1\n\nnew = not count", "formula-types", ["“not”", "integers"], {"line": 3}),
        ("new = count = 3", "bad-formula", ["single ="], {}),
        ("new = (count", "bad-formula", ["parentheses"], {}),
        ("new = count & 3", "bad-formula", ["operator"], {}),
        ("new = count.real", "bad-formula", ["allowed"], {}),
        ("new = __import__('os')", "bad-formula", ["“__import__”"], {}),
        ("new = [c for c in count]", "bad-formula", ["can't be read"], {}),
        ("new = count[0]", "bad-formula", ["allowed"], {}),
        ('new = matches(town, "(")', "bad-pattern", ["“(”"], {}),
        ("new = matches(town, class)", "formula-types", ["“matches”"], {}),
        ('new = date("soon")', "bad-formula", ["“soon”"], {}),
        ("new = date(2024)", "formula-types", ["“date”"], {}),
        ("new = round(1, 2, 3)", "formula-types", ["“round”"], {}),
        ("count", "bad-formula", ["Line 1"], {"line": 1}),
        ("new =", "bad-formula", ["empty"], {}),
        ("# nothing", "no-formula", ["no formula"], {}),
        ("new = " + "-" * 100 + "1", "bad-formula", ["nested"], {}),
        ("new = 1" + "0" * 30, "bad-formula", ["too large"], {}),
        ("new = count * 9223372036854775807", "integer-overflow", ["“*”"], {}),
        ("new = day + 1e9", "formula-failed", ["“new”", "calculated"], {}),
    ],
)
def test_mistakes_are_named(
    refused: Any, formulas: str, code: str, words: list[str], more: Any
) -> None:
    line = more.pop("line", None)
    with refused(code, *words, parameter="formulas", **more) as caught:
        made(formulas)
    assert line is None or caught.value.line == line


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_function_equals_itself_row_by_row(data: st.DataObject) -> None:
    """Each function on columns of hypothesis' values equals its form for rows."""
    name = data.draw(st.sampled_from([*FUNCTIONS, *OPERATORS]))
    constants = CONSTANTS | ({"text": st.just('"2024-05-31"')} if name == "date" else {})
    wanted, _ = data.draw(st.sampled_from((FUNCTIONS.get(name) or OPERATORS[name]).overloads))
    same = data.draw(st.sampled_from(["number", "text", "condition", "date"]))
    columns: dict[str, pd.Series] = {"id": pd.Series(range(4))}
    written = []
    for place, kind in enumerate([*wanted, *wanted[-1:]] if "*" in " ".join(wanted) else wanted):
        plain = same if kind.rstrip("*") == "any" else kind.rstrip("*")
        if plain == "pattern":
            written.append(r'"(\w)\w"')
        elif data.draw(st.booleans()):
            written.append(data.draw(constants[plain]))
        else:
            values = data.draw(st.lists(VALUES[plain], min_size=4, max_size=4))
            columns[f"c{place}"] = pd.Series(values, dtype=DTYPES[plain])
            written.append(f"c{place}")
    text = _written(name, written)
    table = DataTable(pd.DataFrame(columns))
    expected = formula_columns(table, formulas=f"new = {text}").frame["new"]
    step = ExampleStep({"formulas": f"new = {text}"}, {"dataset": table}, None, str)
    function = ROW_FORM.load(ROW_FORM.make(step), Path())
    for number, value in enumerate(expected.astype(object).where(expected.notna(), None)):
        row = {
            each: None if pd.isna(column[number]) else _plain(column[number])
            for each, column in columns.items()
        }
        found = function(row)["new"]
        assert (
            found == pytest.approx(value, rel=1e-12, abs=1e-12)
            if isinstance(value, float)
            else found == value
        ), text


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if isinstance(value, np.generic) else value


def _written(name: str, arguments: list[str]) -> str:
    if name in FUNCTIONS:
        return f"{name}({', '.join(arguments)})"
    if name in ("negative", "not"):
        return f"{'-' if name == 'negative' else 'not '}({arguments[0]})"
    if name == "in":
        return f"{arguments[0]} in ({', '.join(arguments[1:])},)"
    return f" {name} ".join(f"({each})" for each in arguments)


VALUES: dict[str, Any] = {
    "integer": st.integers(-50, 50),
    "number": st.none() | st.floats(-50, 50) | st.integers(-5, 5),
    "text": st.none() | st.text("aB éß1 ", max_size=4) | st.text("aB1 "),
    "condition": st.none() | st.booleans(),
    "date": st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2070, 1, 1)),
}
CONSTANTS: dict[str, Any] = {
    "integer": st.integers(-50, 50).map(str),
    "number": st.sampled_from(["0", "2", "-1.5", "3"]),
    "text": st.sampled_from(['"a"', "''", '"B é"']),
    "condition": st.sampled_from(["true", "false"]),
    "date": st.sampled_from(['date("2020-02-29")', 'date("1999-01-01T10:00")']),
}
DTYPES = {
    "integer": "int64",
    "number": "float64",
    "text": "str",
    "condition": "boolean",
    "date": "datetime64[us]",
}


def test_help_lists_every_function() -> None:
    help_text = specification(formula_columns).help
    for name in FUNCTIONS:
        assert f"{name}``" in help_text or f"``{name}(" in help_text, name
