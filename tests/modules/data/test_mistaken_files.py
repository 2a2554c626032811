"""Files that are not of the format that they are read in: what is said of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from modules.data_input_output.dataset import dataset

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def workbook() -> bytes:
    stream = io.BytesIO()
    FRAME.to_excel(stream, index=False)
    return stream.getvalue()


def parquet() -> bytes:
    return FRAME.to_parquet()


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name in names:
            opened.writestr(name, "<a/>")
    return stream.getvalue()


def with_broken_sheet() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, "<broken" if "sheet1" in name else old.read(name))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words", "hint"),
    [
        ("a.xlsx", b"a;b\n1;2\n", "isn't an Excel workbook; it looks like text", "format CSV."),
        ("a.xlsx", b"", "isn't an Excel workbook; it is empty", "another file"),
        ("a.xlsx", b'[{"a": 1}]', "isn't an Excel workbook; it looks like JSON", "JSON lines."),
        ("a.xlsx", b"<html></html>", "it looks like a web page", "sign in"),
        ("a.xlsx", b"<?xml version='1.0'?><a/>", "it looks like XML", "another file"),
        ("a.xlsx", b"\0\1\2\3", "The file isn't an Excel workbook (", "another file"),
        ("a.xlsx", parquet(), "it looks like a Parquet file", "format Parquet."),
        ("a.xlsx", archive("a.csv"), "it looks like an archive", "Extract it"),
        ("a.xlsx", archive("word/document.xml"), "it looks like a Word document", "another file"),
        ("a.xlsx", workbook()[:-100], "it looks like a damaged zip file", "another file"),
        ("a.xlsx", archive("xl/workbook.xml"), "workbook is damaged", "save it again"),
        ("a.xlsx", with_broken_sheet(), "workbook is damaged", "save it again"),
        ("a.parquet", b"a,b\n1,2\n", "isn't a Parquet file; it looks like text", "format CSV."),
        ("a.parquet", b"", "isn't a Parquet file; it is empty", "another file"),
        ("a.parquet", workbook(), "it looks like an Excel workbook", "format Excel."),
        ("a.parquet", b"%PDF-1.7", "it looks like a PDF", "another file"),
        ("a.parquet", parquet()[:-20], "damaged: its end is missing", "again"),
        ("a.parquet", b"PAR1", "The Parquet file", "again"),
        ("a.arff", b"a,b\n1,2\n", "isn't an ARFF file; it looks like text", "format CSV."),
        ("a.arff", workbook(), "it looks like an Excel workbook", "format Excel."),
        ("a.parquet", b"% old\n@RELATION r\n", "it looks like an ARFF file", "format ARFF."),
        ("a.json", ("[" * 200_000).encode(), "nested too deeply", "Write one object per line"),
        ("a.json", b'[{"a": ' + b"1" * 9_999 + b"}]", "too many digits", "in quotes"),
    ],
)
def test_what_the_file_is_is_told(
    name: str, content: bytes, words: str, hint: str, tmp_path: Path, refused: Any
) -> None:
    (tmp_path / name).write_bytes(content)
    with refused("not-the-format", words, name, parameter="format") as caught:
        dataset(path=str(tmp_path / name))
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("a.dat", parquet(), "Parquet"), ("a.xls", workbook(), "Excel"), ("a", b"a,b\n1,2\n", "CSV")],
)
def test_the_format_that_is_suggested_reads_the_file(
    name: str, content: bytes, kind: Any, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    assert dataset(path=str(tmp_path / name), format=kind).names == ["a", "b"]


def test_an_attribute_that_is_wrong_after_a_long_comment_is_told(
    tmp_path: Path, refused: Any
) -> None:
    comment = "% what the data is\n" * 1_000
    text = f"{comment}@relation r\n@attribute a real\n@data\nx\n"
    (tmp_path / "a.arff").write_text(text)
    with refused("not-the-format", "Line 1004 has “x” for the attribute “a”"):
        dataset(path=str(tmp_path / "a.arff"))
    (tmp_path / "a.arff").write_text(text.replace("\nx\n", "\n5\n"))
    assert dataset(path=str(tmp_path / "a.arff")).frame["a"].tolist() == [5]
