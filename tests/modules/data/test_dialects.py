"""The dialects in which tables are written: separators, encodings, dates, nested values."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from modules.contract import DataTable
from modules.contract.context import ModuleWarning
from modules.data_input_output.dataset import dataset
from modules.data_input_output.import_data import import_data


def read(folder: Path, content: str | bytes, name: str = "a.csv", **options: Any) -> DataTable:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return dataset(path=str(path), **options)


def values(table: DataTable, name: str) -> list[Any]:
    column = table.frame[name].astype(object)
    return column.where(column.notna(), None).tolist()


def kinds(table: DataTable) -> dict[str, str]:
    return {column.name: column.kind for column in table.columns}


GERMAN = "Ort;Umsatz;Tag\nKöln;1.234,50;31.12.2024\nMünchen;0,99;01.02.2025\n"


def test_a_german_export_of_excel(tmp_path: Path) -> None:
    with pytest.warns(ModuleWarning, match="read as cp1252"):
        table = read(
            tmp_path,
            GERMAN.encode("cp1252"),
            decimal="comma",
            thousands="point",
            dates="day first",
        )
    assert values(table, "Ort") == ["Köln", "München"]
    assert values(table, "Umsatz") == [1234.5, 0.99]
    assert values(table, "Tag") == [pd.Timestamp(2024, 12, 31), pd.Timestamp(2025, 2, 1)]


def test_numbers_that_are_text_for_their_comma_are_told(tmp_path: Path) -> None:
    content = "Ort;Umsatz;Menge;Tag;Liste\nBonn;1.234,50;;1.2.24;1,2\nUlm;9;0,5;2.2.24;1,x\n"
    with pytest.warns(ModuleWarning, match="with a comma.*: “Umsatz”, “Menge”[.].*separator"):
        table = read(tmp_path, content)
    assert values(table, "Umsatz") == ["1.234,50", "9"]
    read(tmp_path, content, decimal="comma", thousands="point")
    read(tmp_path, "Ort;Tag\n4,Bonn;1.2.24\n5;2.2.24\n")


def test_a_date_with_points_is_no_number_with_groups(tmp_path: Path) -> None:
    table = read(tmp_path, GERMAN, decimal="comma", thousands="point")
    assert values(table, "Tag") == ["31.12.2024", "01.02.2025"]


@pytest.mark.parametrize(
    ("thousands", "cells", "expected"),
    [
        ("comma", ['"1,234"', '"5,000,000"', "7"], [1234, 5_000_000, 7]),
        ("comma", ['"-1,234.5"', '"+2,000"', ""], [-1234.5, 2000, None]),
        ("comma", ['"1,23"', '"4,567"', "8"], ["1,23", "4,567", "8"]),
        ("point", ["1.234", "12.345.678", "9"], ["1.234", "12.345.678", "9"]),
        ("space", ["1 234", "12\u00a0345", "9\u202f999"], [1234, 12345, 9999]),
        ("apostrophe", ["1'234", "12’345.5", "9"], [1234, 12345.5, 9]),
    ],
)
def test_groups_of_digits(
    thousands: Any, cells: list[str], expected: list[Any], tmp_path: Path, refused: Any
) -> None:
    content = "a,b\n" + "".join(f"{cell},x\n" for cell in cells)
    if thousands == "point":
        with refused("same-separators", parameter="thousands"):
            read(tmp_path, content, thousands="point")
        return
    assert values(read(tmp_path, content, thousands=thousands), "a") == expected


@pytest.mark.parametrize(
    ("dates", "texts", "expected"),
    [
        ("day first", ["31/12/2024", "1/2/2025"], [(2024, 12, 31), (2025, 2, 1)]),
        ("month first", ["12/31/2024", "2/1/2025"], [(2024, 12, 31), (2025, 2, 1)]),
        ("day first", ["31.12.24", "01.02.25"], [(2024, 12, 31), (2025, 2, 1)]),
        ("day first", ["2024-12-31", "2025-02-01"], [(2024, 12, 31), (2025, 2, 1)]),
        ("day first", ["05-06-2024 09:30", ""], [(2024, 6, 5, 9, 30), None]),
        ("month first", ["05-06-2024 09:30:15", ""], [(2024, 5, 6, 9, 30, 15), None]),
    ],
)
def test_dates_as_countries_write_them(
    dates: Any, texts: list[str], expected: list[Any], tmp_path: Path
) -> None:
    table = read(tmp_path, "d,x\n" + "".join(f"{text},1\n" for text in texts), dates=dates)
    assert values(table, "d") == [each and pd.Timestamp(*each) for each in expected]


@pytest.mark.parametrize("dates", ["day first", "month first"])
def test_one_value_that_is_no_date_leaves_the_texts(dates: Any, tmp_path: Path) -> None:
    table = read(tmp_path, "d\n05/06/2024\n13/13/2024\n", dates=dates)
    assert values(table, "d") == ["05/06/2024", "13/13/2024"]
    assert values(read(tmp_path, "d\n05/06/2024\n"), "d") == ["05/06/2024"]


@pytest.mark.parametrize(
    ("encoding", "name"), [("utf-16-le", "auto"), ("utf-16-be", "auto"), ("utf-16-le", "utf-16")]
)
def test_two_bytes_without_a_mark(encoding: str, name: str, tmp_path: Path) -> None:
    table = read(tmp_path, "größe,n\nübel,1\nkühn,2\n".encode(encoding), encoding=name)
    assert table.frame.to_dict("list") == {"größe": ["übel", "kühn"], "n": [1, 2]}


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "1,5 €\n2,“x”\n"),
        ("cp1252", "Müller;1\nJäger;2\n"),
        ("cp1252", "São Paulo,Niño,Ñandú\n"),
        ("cp1251", "имя,город\nАнна,Москва\nИван,Санкт-Петербург\n"),
        ("cp1253", "όνομα,πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n"),
        ("cp1250", "jméno,město\nŽofie,Plzeň\nŠtěpán,Liberec\nJiří,Ostrava\n"),
        ("shift_jis", "名前,都市\n太郎,東京\n花子,大阪\n"),
        ("gb18030", "姓名,城市\n王伟,北京\n李娜,上海\n"),
    ],
)
def test_letters_tell_the_encoding(encoding: str, text: str, tmp_path: Path) -> None:
    with pytest.warns(ModuleWarning, match="isn't UTF-8"):
        table = read(tmp_path, text.encode(encoding), header=False, delimiter="pipe", dates="never")
    assert values(table, "Col1") == text.splitlines()


def test_a_first_line_that_names_the_delimiter(tmp_path: Path, refused: Any) -> None:
    content = "sep=|\na|b\n1,5|2\n"
    with pytest.warns(ModuleWarning, match="with a comma"):
        assert read(tmp_path, content).frame.to_dict("list") == {"a": ["1,5"], "b": [2]}
    table = read(tmp_path, content.encode("utf-16"), decimal="comma")
    assert table.frame.to_dict("list") == {"a": [1.5], "b": [2]}
    with refused("ragged-rows", "Line 3", parameter="ragged_rows"):
        read(tmp_path, content, delimiter="comma")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"\x1f\x8b\x08\x00rest", ("archive",)),
        ("a.csv", b"PK\x03\x04\x14\x00rest", ("archive", "workbook")),
        ("a.csv", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", ("web page",)),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (".xls", "password")),
        ("a.jsonl", '{"a": "ü"}\n'.encode("cp1252"), ("Line 1", "UTF-8")),
        ("a.json", b'[{"a": 1},\n{"a": 2,}]', ("Line 2",)),
    ],
)
def test_things_that_are_taken_for_a_table(
    name: str, content: bytes, words: tuple[str, ...], tmp_path: Path, refused: Any
) -> None:
    with refused("not-the-format", *words, name):
        read(tmp_path, content, name)


@pytest.mark.parametrize(
    ("name", "hint"), [("a.csv.gz", "Extract"), ("a.xls", "xlsx"), ("table", "Choose")]
)
def test_suffixes_of_no_format(name: str, hint: str, tmp_path: Path) -> None:
    from modules.contract import ModuleError

    with pytest.raises(ModuleError, match=name) as caught:
        read(tmp_path, b"nothing", name)
    assert caught.value.code == "format-unknown"
    assert hint in caught.value.hint


LONG = ["9007199254740993", None, "12"]


class TestLongWholeNumbers:
    """A key of 16 digits is exact, or stays text; it never becomes another key."""

    def test_csv(self, tmp_path: Path) -> None:
        with pytest.warns(ModuleWarning, match="“id” contains integers of 16"):
            table = read(tmp_path, "id,x\n9007199254740993,1\n,2\n12,3\n")
        assert values(table, "id") == LONG
        table = read(tmp_path, "id,x\n9007199254740993,1\n18446744073709551615,2\n")
        assert values(table, "id") == [2**53 + 1, 2**64 - 1]
        with pytest.warns(ModuleWarning, match="16 or more digits"):
            table = read(tmp_path, f"id\n{10**30}\n{10**30 + 1}\n")
        assert values(table, "id") == [str(10**30), str(10**30 + 1)]

    def test_large_measures_stay_numbers(self, tmp_path: Path) -> None:
        table = read(tmp_path, "mass,x\n5.97e24,1\n,2\n6.4e23,3\n")
        assert values(table, "mass") == [5.97e24, None, 6.4e23]

    def test_json_lines(self, tmp_path: Path) -> None:
        with pytest.warns(ModuleWarning, match="16 or more digits"):
            table = read(tmp_path, '{"id": 9007199254740993}\n{}\n{"id": 12}\n', "a.jsonl")
        assert values(table, "id") == LONG

    def test_parquet(self, tmp_path: Path) -> None:
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table({"id": pa.array([2**53 + 1, None, 12])}), path)
        with pytest.warns(ModuleWarning, match="16 or more digits"):
            assert values(dataset(path=str(path)), "id") == LONG

    def test_a_database(self) -> None:
        with pytest.warns(ModuleWarning, match="16 or more digits"):
            table = import_data(
                source="database",
                connection="sqlite://",
                query="select 9007199254740993 as id union all select null union all select 12",
            )
        assert sorted(values(table, "id"), key=str) == sorted(LONG, key=str)


class TestArff:
    def test_sparse_rows_mean_0_or_the_first_category(self, tmp_path: Path) -> None:
        table = read(
            tmp_path,
            "@relation r\n@attribute a numeric\n@attribute 'b c' {x,'y z'}\n@attribute d real\n"
            "@data\n{0 1.5, 2 3}\n{1 'y z'}\n{}\n",
            "a.arff",
        )
        assert table.frame["a"].tolist() == [1.5, 0, 0]
        assert table.frame["b c"].tolist() == ["x", "y z", "x"]

    def test_dates(self, tmp_path: Path) -> None:
        table = read(
            tmp_path,
            "@relation r\n@attribute t date\n@ATTRIBUTE 'a day' DATE \"dd/MM/yyyy HH:mm\"\n"
            "@attribute n numeric\n@data\n2024-05-31T10:30:00,'31/05/2024 08:15',1\n?,?,2\n",
            "a.arff",
        )
        assert values(table, "t") == [pd.Timestamp("2024-05-31 10:30"), None]
        assert values(table, "a day") == [pd.Timestamp("2024-05-31 08:15"), None]
        assert values(table, "n") == [1, 2]

    def test_quotes_and_other_encodings(self, tmp_path: Path) -> None:
        text = "@relation r\n@attribute \"a b\" {'x, y','Müller',z}\n@data\n'x, y'\n'Müller'\n?\n"
        with pytest.warns(ModuleWarning, match="read as cp1252"):
            table = read(tmp_path, text.encode("cp1252"), "a.arff")
        assert values(table, "a b") == ["x, y", "Müller", None]

    @pytest.mark.parametrize(
        ("lines", "word"),
        [
            ("@attribute a {x,y}\n@data\nz\n", "z"),
            ("@attribute a numeric\n@attribute a numeric\n@data\n1,2\n", "Line 3"),
            ("@attribute d dates\n@data\n1\n", "Line 2"),
            ("@attribute d date 'yyyy'\n@data\nsoon\n", "“d”"),
        ],
    )
    def test_what_is_wrong(self, lines: str, word: str, tmp_path: Path, refused: Any) -> None:
        with refused("not-the-format", word, "a.arff"):
            read(tmp_path, "@relation r\n" + lines, "a.arff")


class TestJson:
    def test_nested_values_are_json_text(self, tmp_path: Path) -> None:
        lines = ['{"a": {"b": [1, 2]}, "t": [1]}', "", '{"a": null, "t": "x", "u": true}']
        with pytest.warns(ModuleWarning, match="JSON text"):
            table = read(tmp_path, "\ufeff" + "\n".join(lines), "a.jsonl")
        assert [v and json.loads(v) for v in values(table, "a")] == [{"b": [1, 2]}, None]
        assert values(table, "t") == ["[1]", "x"]
        assert values(table, "u") == [None, True]

    def test_every_digit_is_kept(self, tmp_path: Path) -> None:
        numbers = [0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308]
        table = read(tmp_path, "\n".join(f'{{"x": {x!r}}}' for x in numbers), "a.jsonl")
        assert table.frame["x"].tolist() == numbers

    def test_names_of_dates_say_nothing(self, tmp_path: Path) -> None:
        table = read(tmp_path, '{"modified": 1577836800000, "date": "7"}\n', "a.jsonl")
        assert table.frame.to_dict("list") == {"modified": [1577836800000], "date": ["7"]}


def test_lists_and_structures_of_parquet(tmp_path: Path) -> None:
    content = {"l": [[1], None, [2, 3]], "s": [{"a": 1}, {"a": None}, None]}
    pq.write_table(pa.table(content), tmp_path / "a.parquet")
    with pytest.warns(ModuleWarning, match="JSON text"):
        table = dataset(path=str(tmp_path / "a.parquet"))
    for name, expected in content.items():
        assert [v and json.loads(v) for v in values(table, name)] == expected


class TestExcel:
    @pytest.fixture
    def book(self, tmp_path: Path) -> Path:
        """A report as people make them: a title over merged cells, gaps, all kinds of cells."""
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Sales report"])
        sheet.merge_cells("A1:D1")
        sheet.append([])
        sheet.append(["region", 2023, datetime.datetime(2024, 5, 1), None])
        sheet.append(["North", 1, 1.5, "007"])
        sheet.append([None, 2, 2.5, "008"])
        sheet.merge_cells("A4:A5")
        sheet.append([])
        sheet.append(["South", 3, 3.5, "n/a"])
        path = tmp_path / "a.xlsx"
        book.save(path)
        return path

    def test_a_report(self, book: Path) -> None:
        with pytest.warns(ModuleWarning, match="“n/a” in 1 row of “Column 4”"):
            table = dataset(path=str(book), skip_rows=2)
        assert table.names == ["region", "2023", "2024-05-01", "Column 4"]
        assert values(table, "region") == ["North", None, "South"]
        assert values(table, "2023") == [1, 2, 3]
        assert values(table, "Column 4") == ["007", "008", None]
        assert kinds(table)["2023"] == "integer"

    def test_without_a_header(self, book: Path) -> None:
        with pytest.warns(ModuleWarning, match="“n/a” in 1 row of “Col4”"):
            table = dataset(path=str(book), skip_rows=3, header=False)
        assert table.names == ["Col1", "Col2", "Col3", "Col4"]
        assert values(table, "Col4") == ["007", "008", None]

    def test_dates_and_mixed_cells(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        for row in (["d", "m"], [datetime.date(2024, 1, 2), 1], [datetime.date(2024, 1, 3), "x"]):
            book.active.append(row)
        book.save(tmp_path / "b.xlsx")
        with pytest.warns(ModuleWarning, match="“m” has mixed types"):
            table = dataset(path=str(tmp_path / "b.xlsx"))
        assert kinds(table) == {"d": "datetime", "m": "string"}
        assert values(table, "m") == ["1", "x"]


def test_a_column_of_zeros_and_ones_is_whole_numbers(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b,c\n0,true,1.0\n1,false,2.0\n")
    assert kinds(table) == {"a": "integer", "b": "boolean", "c": "number"}
    assert table.frame["c"].dtype == np.float64


def test_ordinary_text_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second reading, for long whole numbers, is Arrow's, a fraction of the first."""
    read_csv, calls = pd.read_csv, []
    monkeypatch.setattr(pd, "read_csv", lambda *a, **k: calls.append(1) or read_csv(*a, **k))
    read(tmp_path, "text,number,whole,empty\na,0.5,1,\nb,1e30,2,\n")
    assert len(calls) == 1
    with pytest.warns(ModuleWarning, match="16 or more digits"):
        read(tmp_path, "key,x\n9007199254740993,1\n,2\n")
    assert len(calls) == 2
