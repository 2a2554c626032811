"""What readers say of a line that is wrong: which, and what was expected, in plain words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from modules.data_input_output.dataset import dataset
from modules.data_input_output.enter_data_manually import enter_data_manually

HEADER = """% a comment
@relation r
@attribute a integer
@attribute b {x, 'y z'}
@attribute d date yyyy-MM-dd
@attribute s string
@attribute n numeric
@data
"""
GOOD = "1,x,2024-01-31,'a b',0.5\n"
ATTRIBUTE = "“@attribute NAME TYPE”"
ROWS = [
    ("z,x,?,q,1", "Line 10 has “z” for the attribute “a”; an integer"),
    ("1,w,?,q,1", "Line 10 has “w” for the attribute “b”; one of “x”, “y z” is expected"),
    (
        "1,x,tomorrow,q,1",
        "Line 10 has “tomorrow” for the attribute “d”; a date in the format yyyy-MM-dd",
    ),
    ("1,x,?,q,'a,b'", "Line 10 has “a,b” for the attribute “n”; a number, or ? for a missing one"),
    ("1,x", "Line 10 has 2 values, but 5 attributes are declared"),
    ("100%,x", "Line 10 has 2 values, but 5 attributes are declared"),
    ("1,x,?,a b,1", "Line 10 contains an unquoted text with a space"),
    ("1,x,?,'a,1", "Line 10 can't be split into one value per attribute (5 attributes"),
    ("{0 1, 9 x}", "Line 10 can't be split into one value per attribute (5 attributes"),
]
HEADERS = [
    ("@relation r\n@attribute a real\n1\n", "The line “@data” before the rows is missing"),
    (
        "@relation r\n@attribute a realy\n@data\n1\n",
        f"Line 2 doesn't declare an attribute; {ATTRIBUTE}",
    ),
    ("@relation r\n@attribute a\n@data\n1\n", f"Line 2 doesn't declare an attribute; {ATTRIBUTE}"),
    ("@attribute a real\n@data\n1\n", "Line 1 declares an attribute before “@relation NAME”"),
    (
        "@relation r\n@attribute 'a %d' real\n@attribute 'a %d' real\n@data\n1,1\n",
        "Line 3 declares the attribute “a %d”, as line 2 does",
    ),
    ("@relation r\n@data\n@attribute a real\n", "Line 2 starts the rows, but no attribute"),
    ("@relation\n@attribute a real\n@data\n", "Line 1 must be “@relation NAME”"),
]
JSON = [
    (
        "a.jsonl",
        '{"a":1}\n\n{"a":}\n',
        "Line 3 isn't valid JSON: at character 6 a value is expected",
    ),
    (
        "a.jsonl",
        '{"a" 1}\n',
        "Line 1 isn't valid JSON: at character 6 a colon after the name is expected",
    ),
    ("a.jsonl", '{"a":1\n', "at character 7 a comma or the end of the object or list is expected"),
    ("a.jsonl", '{"a":1} x\n', "at character 9 the end of the line or file is expected"),
    ("a.jsonl", "{'a':1}\n", "at character 2 a name in double quotes is expected"),
    ("a.jsonl", '{"a":"x}\n', "at character 6 a double quote at the end of the text that starts"),
    ("a.jsonl", '{"a":"x\ty"}\n', "at character 8 no line break or tab inside a text"),
    ("a.jsonl", '{"a":"\\q"}\n', "at character 7 a character that may follow a backslash"),
    ("a.jsonl", "{}\n5\n", "Line 2 is a number, not an object"),
    ("a.jsonl", "{}\nnull\n", "Line 2 is null, not an object"),
    ("a.jsonl", "{}\n[1]\n", "Line 2 is a list, not an object"),
    (
        "a.json",
        '[{"a":1},\n{"a":2]\n',
        "Line 2 isn't valid JSON: at character 7 a comma or the end",
    ),
    ("a.json", '[{"a":1}, "b"]', "Item 2 of the list is a text, not an object"),
]
SVMLIGHT = [
    ("a 1:1\n", "Line 1 starts with “a”; a numeric label is expected"),
    ("\n1 1:1 # first\n\n2 x\n", "Line 4 has “x”; FEATURE:VALUE, such as 3:0.5, is expected"),
    ("1 1:\n", "Line 1 has “1:”; FEATURE:VALUE"),
    ("1 1:one\n", "Line 1 has “1:one”; FEATURE:VALUE"),
    ("1 0:1\n", "Line 1 has feature 0; they are numbered from 1"),
    ("1 2:1 1:2\n", "Line 1 has feature 1 after feature 2"),
    ("1,2 1:1\n", "Line 1 starts with “1,2”; a numeric label"),
]
JARGON = re.compile(r"layout|delimiter|instance|nominal|convert|literal|Expecting|b'|@DATA|-1\b")


def assert_plain(error: Any, name: str = "") -> None:
    assert not JARGON.search(error.message)
    assert error.message.endswith(f"(“{name}”)." if name else ".")
    assert error.hint


@pytest.mark.parametrize(("row", "words"), ROWS)
def test_a_row_of_arff(row: str, words: str, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "cars.arff"
    path.write_text(f"{HEADER}{GOOD}{row}\n{GOOD}", "utf-8")
    with refused("not-the-format", words, parameter="format") as caught:
        dataset(path=str(path))
    assert_plain(caught.value, "cars.arff")
    with refused("not-the-format", words, parameter="data") as caught:
        enter_data_manually(data_format="ARFF", data=f"{HEADER}{GOOD}{row}\n")
    assert_plain(caught.value)


@pytest.mark.parametrize(("text", "words"), HEADERS)
def test_a_header_of_arff(text: str, words: str, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / "cars.arff"
    path.write_text(text, "utf-8")
    with refused("not-the-format", words, parameter="format") as caught:
        dataset(path=str(path))
    assert_plain(caught.value, "cars.arff")


@pytest.mark.parametrize(("name", "text", "words"), JSON)
def test_a_line_of_json(name: str, text: str, words: str, tmp_path: Path, refused: Any) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with refused("not-the-format", words, parameter="format") as caught:
        dataset(path=str(path))
    assert_plain(caught.value, name)
    assert "{“name”: value, ...}" in caught.value.hint


@pytest.mark.parametrize(("text", "words"), SVMLIGHT)
def test_a_line_of_svmlight(text: str, words: str, refused: Any) -> None:
    with refused("not-the-format", words, parameter="data") as caught:
        enter_data_manually(data_format="SVMLight", data=text)
    assert_plain(caught.value)
    assert "1 1:0.5 3:2" in caught.value.hint


@pytest.mark.parametrize(
    ("declared", "rows", "expected"),
    [
        ("integer", ["9007199254740993", "-1"], [9007199254740993, -1]),
        ("INTEGER", ["1.5", "3"], [1.5, 3.0]),
        ("Integer", ["1e3", "'2'"], [1000.0, 2.0]),
    ],
)
def test_whole_numbers_of_arff_keep_what_is_written(
    declared: str, rows: list[str], expected: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "a.arff"
    path.write_text("\n".join(["@relation\tr", f"@attribute\ta\t{declared}", "@data", *rows]))
    assert dataset(path=str(path)).frame["a"].tolist() == expected


def test_sparse_rows_of_arff_with_whole_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.arff"
    path.write_text("@relation r\n@attribute a integer\n@attribute b {q,w}\n@data\n{}\n{0 4,1 w}\n")
    assert dataset(path=str(path)).frame.to_dict("list") == {"a": [0, 4], "b": ["q", "w"]}
