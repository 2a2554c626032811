"""Delimited text with a single column: an empty line between others is a missing value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modules.data_input_output.dataset import dataset


def values(path: Path, content: str, **parameters: Any) -> list[Any]:
    path.write_bytes(content.encode(parameters.get("encoding", "utf-8")))
    column = dataset(path=str(path), **parameters).frame.iloc[:, 0]
    return [None if pd.isna(value) else value for value in column]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("v\n1\n\n3\n\n", [1, None, 3]),
        ("v\r\n1\r\n\r\n3\r\n\r\n  \r\n", [1, None, 3]),
        ("v\n1\n\n\n3", [1, None, None, 3]),
        ("v\n\n2\n", [None, 2]),
        ("\n\nv\n1\n   \n3\n", [1, None, 3]),
        ("\ufeffv\na\n\nb\n", ["a", None, "b"]),
        ('v\n"a\n\nb"\n\nc\n', ["a\n\nb", None, "c"]),
        ('v\n1\n""\n3\n', [1, None, 3]),
        ("v\n1\n2\n\n\n", [1, 2]),
    ],
)
def test_empty_lines_between_values_are_missing(
    content: str, expected: list[Any], tmp_path: Path
) -> None:
    assert values(tmp_path / "a.csv", content) == expected


def test_rows_to_skip_and_other_encodings(tmp_path: Path) -> None:
    content = "a comment\n\nv\nä\n\nb\n"
    assert values(tmp_path / "a.csv", content, skip_rows=1, encoding="cp1252") == ["ä", None, "b"]


def test_without_a_header(tmp_path: Path) -> None:
    assert values(tmp_path / "a.csv", "1\n\n3\n", header=False) == [1, None, 3]


def test_of_several_columns_empty_lines_are_none(tmp_path: Path) -> None:
    assert values(tmp_path / "a.csv", "v,w\n1,2\n\n3,4\n") == [1, 3]
