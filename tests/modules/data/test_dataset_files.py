"""Dataset: every format, every option of parsing, and what is wrong with a file."""

from __future__ import annotations

import contextlib
import csv
import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning, sampling
from modules.data_input_output._formats.delimited import read_delimited
from modules.data_input_output._parsing import Parsing
from modules.data_input_output.dataset import dataset

FRAME = pd.DataFrame(
    {
        "whole": [1, 2, 3],
        "number": [0.5, np.nan, 2.25],
        "text": pd.Series(["a", None, "ü, “x”"], dtype="str"),
        "yes": [True, False, True],
        "day": pd.to_datetime(["2024-01-31", "2024-02-29", "1999-12-31"]).as_unit("us"),
    }
)
KINDS = ["integer", "number", "string", "boolean", "datetime"]


def write(path: Path, text: str | bytes, encoding: str = "utf-8") -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return str(path)


def kinds(table: Any) -> list[str]:
    return [column.kind for column in table.columns]


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("a.csv", lambda path: FRAME.to_csv(path, index=False)),
        ("a.tsv", lambda path: FRAME.to_csv(path, index=False, sep="\t")),
        ("a.parquet", lambda path: FRAME.to_parquet(path)),
        ("a.jsonl", lambda path: FRAME.to_json(path, orient="records", lines=True)),
        ("a.xlsx", lambda path: FRAME.to_excel(path, index=False)),
    ],
)
def test_formats_give_the_same_table(
    name: str, save: Callable[[Path], None], tmp_path: Path
) -> None:
    if name == "a.jsonl":
        save = lambda path: FRAME.assign(day=FRAME["day"].dt.strftime("%Y-%m-%d")).to_json(  # noqa: E731
            path, orient="records", lines=True
        )
    save(tmp_path / name)
    table = dataset(path=str(tmp_path / name))
    assert kinds(table) == KINDS
    pd.testing.assert_frame_equal(table.frame, FRAME, check_dtype=False)


def test_arff(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.arff",
        "@relation r\n@attribute size {small,large}\n@attribute n numeric\n"
        "@attribute s string\n@data\nsmall,1.5,'a b'\n?,?,c\nlarge,3,d\n",
    )
    table = dataset(path=path)
    assert kinds(table) == ["categorical", "number", "string"]
    assert list(table.frame["size"].cat.categories) == ["small", "large"]
    assert table.frame["n"].tolist()[::2] == [1.5, 3.0]
    assert table.frame["size"].isna().tolist() == [False, True, False]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    text = f"a b{delimiter}c\n1{delimiter}x y, z\n2{delimiter}y\n".replace(", ", " ")
    table = dataset(path=write(tmp_path / "a.csv", text))
    assert table.names == ["a b", "c"]
    assert table.frame["a b"].tolist() == [1, 2]


def test_delimiter_that_is_none_of_those(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "a.csv", "a~b\n1~2\n")
    table = dataset(path=path, delimiter="other", other_delimiter="~")
    assert table.frame.to_dict("list") == {"a": [1], "b": [2]}
    for other in ("~~", "", "\n", '"'):
        with refused("bad-delimiter", parameter="other_delimiter"):
            dataset(path=path, delimiter="other", other_delimiter=other)


def test_decimal_comma_and_thousands(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "a.csv", "a;b\n1.234,5;2\n0,25;3\n")
    table = dataset(path=path, decimal="comma", thousands="point")
    assert table.frame["a"].tolist() == [1234.5, 0.25]
    with refused("same-separators", parameter="thousands"):
        dataset(path=path, decimal="comma", thousands="comma")


def test_missing_texts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n?,NA\n1,x\n-9,None\n")
    with pytest.warns(ModuleWarning, match="“NA” in 1 row of “b”, “None” in 1 row of “b”"):
        table = dataset(path=path, missing_values="?; -9")
    assert table.frame["a"].isna().tolist() == [True, False, True]
    assert table.frame["b"].isna().tolist() == [True, False, True]
    kept = dataset(path=path, missing_values="?", usual_missing=False)
    assert kept.frame["b"].tolist() == ["NA", "x", "None"]
    assert kept.frame["a"].isna().tolist() == [True, False, False]


def test_no_header_and_skipped_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a comment, of two parts and more\n1,x\n2,y\n")
    table = dataset(path=path, header=False, skip_rows=1)
    assert table.frame.to_dict("list") == {"Col1": [1, 2], "Col2": ["x", "y"]}


def test_quotes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n'x, y',1\n'two\nlines',2\n")
    assert dataset(path=path, quote="single quote").frame["a"].tolist() == ["x, y", "two\nlines"]
    path = write(tmp_path / "b.csv", 'a,b\n5" pipe,1\n')
    assert dataset(path=path, quote="none").frame["a"].tolist() == ['5" pipe']


def test_dates_can_stay_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "d,e\n2024-05-31 14:30,2024-05-31\n2024-06-01,perhaps\n")
    assert kinds(dataset(path=path)) == ["datetime", "string"]
    assert kinds(dataset(path=path, dates="never")) == ["string", "string"]


def test_sheets(tmp_path: Path, refused: Any) -> None:
    with pd.ExcelWriter(tmp_path / "a.xlsx") as book:
        FRAME[["whole"]].to_excel(book, sheet_name="One", index=False)
        FRAME[["text"]].to_excel(book, sheet_name="Two", index=False)
    path = str(tmp_path / "a.xlsx")
    assert dataset(path=path).names == ["whole"]
    assert dataset(path=path, sheet="Two").names == dataset(path=path, sheet="2").names == ["text"]
    with refused("sheet-not-found", "Three", parameter="sheet"):
        dataset(path=path, sheet="Three")


@pytest.mark.proves("dataset", by="pandas")
def test_real_data_is_as_pandas_reads_it() -> None:
    path = Path(__file__).parents[3] / "samples" / "data" / "automobile_price.csv"
    pd.testing.assert_frame_equal(dataset(path=str(path)).frame, pd.read_csv(path))


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False, width=32),
            # What differs from pandas, codes, blanks, and words, is in test_reading.py.
            st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20).map(
                "x{}".format
            ),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_any_csv_of_pandas_is_read_as_pandas_reads_it(rows: list[tuple[float, str]]) -> None:
    frame = pd.DataFrame(rows, columns=["number", "text"])
    content = frame.to_csv(index=False, lineterminator="\n").encode()
    expected = pd.read_csv(
        __import__("io").BytesIO(content), low_memory=False, dtype={"number": float}
    )
    found = read_delimited(content, Parsing(delimiter="comma", dates="never"))
    assert [str(name) for name in found] == ["number", "text"]
    assert found["number"].astype(float).tolist() == expected["number"].tolist()
    pd.testing.assert_series_equal(found["text"], expected["text"], check_dtype=False)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("line", ["1,2,3,4", "1,2", "1"])
def test_ragged_row_is_named_by_its_line(
    line: str, header: bool, tmp_path: Path, refused: Any
) -> None:
    path = write(tmp_path / "a.csv", f"a,b,c\n1,2,3\n{line}\n4,5,\n")
    with refused("ragged-rows", "Line 3", "a.csv", parameter="ragged_rows"):
        dataset(path=path, header=header)


def test_ragged_row_is_found_behind_quotes_and_far_away(tmp_path: Path, refused: Any) -> None:
    good = ['"x, y",1,\n', '"two\nlines",2,3\n'] * 10_000
    path = write(tmp_path / "a.csv", "a,b,c\n" + "".join(good) + "short,1\n")
    with refused("ragged-rows", "Line 30002", "2 values", "header has 3"):
        dataset(path=path)


def test_ragged_rows_can_be_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n1,x\n2\n3,"y, z"\n4,5,6\n')
    with pytest.warns(ModuleWarning, match=r"2 rows were skipped.*line 3"):
        table = dataset(path=path, ragged_rows="skip")
    assert table.frame.to_dict("list") == {"a": [1, 3], "b": ["x", "y, z"]}


def test_first_row_longer_than_the_header_is_ragged(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "a.csv", "a,b\n1,2,3\n4,5,6\n")
    with refused("ragged-rows", "Line 2", "3 values"):
        dataset(path=path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks_are_understood(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "größe,name\n1,Jörg\n2,\n", encoding)
    table = dataset(path=path)
    assert table.names == ["größe", "name"]
    assert table.frame["name"].tolist()[0] == "Jörg"


def test_other_encodings_are_guessed_with_a_warning(tmp_path: Path) -> None:
    names = ["Müller", "Jäger", "Größe", "Köln", "Straße", "Füße", "schön", "Übung"] * 5
    path = write(tmp_path / "a.csv", "name\n" + "\n".join(names) + "\n", "cp1252")
    with pytest.warns(ModuleWarning, match="isn't UTF-8"):
        table = dataset(path=path)
    assert table.frame["name"].tolist() == names


def test_wrong_encoding_is_said(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "a.csv", "name\nMüller\n", "cp1252")
    with refused("wrong-encoding", "utf-8", parameter="encoding"):
        dataset(path=path, encoding="utf-8")
    assert dataset(path=path, encoding="cp1252").frame["name"].tolist() == ["Müller"]
    for name in ("klingon", "rot13", ""):
        with refused("encoding-unknown", name, parameter="encoding"):
            dataset(path=path, encoding=name)


def test_repeated_and_empty_names(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,,a\n1,2,3\n")
    with pytest.warns(ModuleWarning) as caught:
        table = dataset(path=path)
    assert table.names == ["a", "Column 2", "a (2)"]
    said = " ".join(str(warning.message) for warning in caught)
    assert "Duplicate column names" in said
    assert "no name" in said


@pytest.mark.long
def test_very_wide_files(tmp_path: Path, refused: Any) -> None:
    names = ",".join(f"a column with a long name {number}" for number in range(12_000))
    row = ",".join(str(number) for number in range(12_000))
    path = write(tmp_path / "a.csv", f"{names}\n{row}\n{row}\n")
    assert dataset(path=path).frame.shape == (2, 12_000)
    path = write(tmp_path / "b.csv", f"{names}\n{row}\n{row},1\n")
    with refused("ragged-rows", "Line 3", "12001"):
        dataset(path=path)


@given(st.binary(max_size=200))
def test_no_content_is_a_surprise(content: bytes) -> None:
    with contextlib.suppress(ModuleError), warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        DataTable(read_delimited(content, Parsing()))


@given(st.text(',;"\n\r\tab1. ', max_size=60), st.sampled_from(["error", "skip"]))
def test_no_text_is_a_surprise(content: str, ragged_rows: str) -> None:
    with contextlib.suppress(ModuleError), warnings.catch_warnings():
        warnings.simplefilter("ignore", ModuleWarning)
        DataTable(read_delimited(content.encode(), Parsing(ragged_rows=ragged_rows)))


def test_header_alone_gives_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b\n")
    with pytest.warns(ModuleWarning, match="doesn't contain any rows"):
        table = dataset(path=path)
    assert table.names == ["a", "b"]
    assert len(table) == 0


def test_column_without_values_is_missing_throughout(tmp_path: Path) -> None:
    table = dataset(path=write(tmp_path / "a.csv", "a,b\n1,\n2,\n"))
    assert table.frame["b"].isna().all()
    assert kinds(table) == ["integer", "number"]


def test_long_cells(tmp_path: Path) -> None:
    long = "x" * 200_000
    table = dataset(path=write(tmp_path / "a.csv", f'a,b\n"{long}",\n{"y" * 1000},2\n'))
    assert table.frame["a"].str.len().tolist() == [200_000, 1000]


def test_one_column_of_mixed_values_is_text(tmp_path: Path) -> None:
    values = ["007"] + ["1"] * 50_000 + ["A1"]
    table = dataset(path=write(tmp_path / "a.csv", "code\n" + "\n".join(values) + "\n"))
    assert table.frame["code"].tolist() == values


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"  \n", "empty"),
        ("a.csv", b"PK\x03\x04\x00\x00\x00\x00", "not text"),
        ("a.parquet", b"a,b\n1,2\n", "Parquet"),
        ("a.arff", b"a,b\n1,2\n", "ARFF"),
        ("a.jsonl", b'{"a": 1}\nnothing\n', "Line 2"),
        ("a.jsonl", b"[1, 2]\n", "Item 1"),
        ("a.xlsx", b"a,b\n1,2\n", "Excel"),
    ],
)
def test_what_is_not_the_format_says_so(
    name: str, content: bytes, words: str, tmp_path: Path, refused: Any
) -> None:
    path = write(tmp_path / name, content)
    code = "file-empty" if words == "empty" else "not-the-format"
    with refused(code, words, name):
        dataset(path=path)


def test_quote_that_is_never_closed(tmp_path: Path, refused: Any) -> None:
    path = write(tmp_path / "a.csv", 'a,b\n1,"x\n2,3\n')
    with refused("quote-not-closed", parameter="quote"):
        dataset(path=path)


def test_missing_file(tmp_path: Path, refused: Any) -> None:
    with refused("file-not-found", "nowhere.csv", parameter="path"):
        dataset(path=str(tmp_path / "nowhere.csv"))
    with refused("no-file", parameter="path"):
        dataset(path=" ")
    with refused("format-unknown", "a.doc", parameter="format"):
        dataset(path=write(tmp_path / "a.doc", "a\n1\n"))


def test_registered_datasets_need_a_workspace(refused: Any) -> None:
    for name in ("Bikes", "Bikes@2", "../Cars", ".."):
        with refused("dataset-not-found", name, parameter="path"):
            dataset(path=f"dataset:{name}")


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl", "a.xlsx", "a.arff"])
def test_a_sample_has_the_first_rows(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": range(5000), "b": [0.5] * 5000})
    path = tmp_path / name
    if name == "a.csv":
        frame.to_csv(path, index=False)
    elif name == "a.parquet":
        frame.to_parquet(path)
    elif name == "a.jsonl":
        frame.to_json(path, orient="records", lines=True)
    elif name == "a.xlsx":
        frame.head(200).to_excel(path, index=False)
    else:
        rows = "\n".join(f"{a},{b}" for a, b in frame.itertuples(index=False))
        path.write_text(f"@relation r\n@attribute a numeric\n@attribute b numeric\n@data\n{rows}\n")
    with sampling(100):
        table = dataset(path=str(path))
    assert table.frame["a"].tolist() == list(range(100))


def test_index_of_a_parquet_file_is_a_column_if_it_has_a_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="key"))
    frame.to_parquet(tmp_path / "a.parquet")
    assert set(dataset(path=str(tmp_path / "a.parquet")).names) == {"a", "key"}
    frame.rename_axis(None).to_parquet(tmp_path / "b.parquet")
    assert dataset(path=str(tmp_path / "b.parquet")).names == ["a"]


def test_nested_json_stays_json(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"a": {"b": [1]}, "c": "007"}\n{"a": null, "c": "8"}\n')
    with pytest.warns(ModuleWarning, match="JSON text"):
        table = dataset(path=path)
    assert table.frame["a"][0] == '{"b": [1]}'
    assert table.frame["c"].tolist() == ["007", "8"]


def test_json_may_be_one_list_of_objects(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", '[\n{"a": 1, "b": "x"},\n{"a": 2}\n]\n')
    table = dataset(path=path)
    assert table.frame["a"].tolist() == [1, 2]
    assert table.frame["b"].isna().tolist() == [False, True]


def test_short_rows_are_told_from_missing_last_values(tmp_path: Path) -> None:
    rows = [["a", "b", "c"], *([str(n), '"q", r', ""] for n in range(50))]
    with (tmp_path / "a.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    table = dataset(path=str(tmp_path / "a.csv"))
    assert len(table) == 50
    assert all(math.isnan(value) for value in table.frame["c"])
