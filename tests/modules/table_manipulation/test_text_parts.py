"""Text Parts against the string functions of pandas and Python, and by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from modules.contract import ColumnSelector, DataTable
from modules.table_manipulation.text_parts import text_parts

TEXTS = pd.Series(["Oslo, 12 km", " größe  7km", None, "", "Oslo, 12 km", "a,b,c"], dtype="str")


def made(operation: str, **more: object) -> pd.Series:
    table = DataTable(pd.DataFrame({"t": TEXTS}))
    columns = ColumnSelector.names("t")
    found = text_parts(table, columns=columns, operation=operation, **more)
    assert found.names == ["t", f"{operation}(t)"]
    return found.frame.iloc[:, 1]


@pytest.mark.parametrize(
    ("operation", "more", "expected"),
    [
        ("length", {}, TEXTS.str.len()),
        ("number of words", {}, TEXTS.str.split().str.len()),
        ("lower case", {}, TEXTS.str.lower()),
        ("upper case", {}, TEXTS.map(str.upper, na_action="ignore")),
        ("trim", {}, TEXTS.str.strip()),
        ("extract", {"pattern": r"(\d+) ?km"}, TEXTS.str.extract(r"(\d+) ?km")[0]),
        (
            "replace",
            {"pattern": r"(\d+)", "replacement": r"<\1>"},
            TEXTS.str.replace(r"(\d+)", r"<\1>", regex=True),
        ),
        ("part", {"part": 2}, TEXTS.str.split(",").str.get(1)),
        ("part", {"part": -1}, TEXTS.str.split(",").str.get(-1)),
    ],
)
@pytest.mark.proves("text_parts", by="pandas")
def test_operations_equal_those_of_pandas(
    operation: str, more: dict[str, object], expected: pd.Series
) -> None:
    found = [None if pd.isna(value) else value for value in made(operation, **more)]
    assert found == [None if pd.isna(value) else value for value in expected]


def test_a_pattern_without_a_group_extracts_the_match() -> None:
    assert made("extract", pattern=r"\d+").tolist()[:2] == ["12", "7"]


def test_columns_can_be_replaced_and_categories_are_text() -> None:
    table = DataTable(pd.DataFrame({"s": pd.Categorical(["a", None, "b"])}))
    found = text_parts(
        table, columns=ColumnSelector.names("s"), operation="upper case", output_mode="Inplace"
    )
    assert found.names == ["s"]
    assert found.frame["s"].tolist()[::2] == ["A", "B"]


def test_what_cannot_be_used_is_refused(refused) -> None:
    with refused("bad-pattern", "“(”", parameter="pattern"):
        made("extract", pattern="(")
    with refused("bad-pattern", parameter="pattern"):
        made("replace", pattern="a", replacement=r"\2")
    with refused("bad-part", "part 0", parameter="part"):
        made("part", part=0)
    with refused("bad-part", "separator", parameter="separator"):
        made("part", separator="")
    table = DataTable(pd.DataFrame({"n": [1]}))
    with refused("column-type", "“n”", parameter="columns", column="n"):
        text_parts(table, columns=ColumnSelector.names("n"))
