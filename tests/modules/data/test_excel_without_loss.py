"""Excel: what a table holds comes back from a workbook, and what a workbook lacks is told."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from modules.contract import DataTable
from modules.contract.context import ModuleWarning
from modules.data_input_output.dataset import dataset
from modules.data_input_output.export_data import export_data


def exported(path: Path, **columns: Any) -> DataTable:
    export_data(DataTable(pd.DataFrame(columns)), path=str(path))
    return dataset(path=str(path))


def test_text_is_no_formula_and_no_error(tmp_path: Path) -> None:
    texts = ["=1+1", '=HYPERLINK("http://a.example")', "#N/A!", "#DIV/0!", "plain"]
    back = exported(tmp_path / "a.xlsx", **{"=name": texts})
    assert back.names == ["=name"]
    assert back.frame["=name"].tolist() == texts
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}


@pytest.mark.parametrize("as_category", [False, True])
def test_times_with_a_zone_are_the_same_moments(tmp_path: Path, as_category: bool) -> None:
    days = ["2024-01-01 00:30", "2024-01-02 00:30", None]
    times = pd.Series(pd.to_datetime(days)).dt.tz_localize("Europe/Berlin")
    given = times.astype("category") if as_category else times
    with pytest.warns(
        ModuleWarning, match="“t” was written as text: Excel doesn't support time zones"
    ):
        back = exported(tmp_path / "a.xlsx", t=given, n=[1, 2, 3])
    assert back.frame["t"].tolist()[:2] == times.tolist()[:2]
    assert back.frame["t"].isna().tolist() == [False, False, True]
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").active["A2"]
    assert cell.value == "2024-01-01T00:30:00+01:00"


def test_long_whole_numbers_keep_their_digits(tmp_path: Path) -> None:
    with pytest.warns(ModuleWarning, match="“key” was written as text: Excel can't store"):
        back = exported(tmp_path / "a.xlsx", key=[2**60 + 1, 2], n=[2**53, 2])
    assert back.frame["key"].tolist() == [str(2**60 + 1), "2"]
    assert back.frame["n"].tolist() == [2**53, 2]


class TestFormulas:
    def test_without_stored_results_are_told_by_the_names_of_their_columns(
        self, tmp_path: Path
    ) -> None:
        book = openpyxl.Workbook()
        for row in (["title"], ["a", "twice", "b"], [1, "=A3*2", 5], [2, "=A4*2", 6]):
            book.active.append(row)
        book.save(tmp_path / "a.xlsx")
        with pytest.warns(ModuleWarning, match=r"missing: “twice”\. .*spreadsheet program"):
            table = dataset(path=str(tmp_path / "a.xlsx"), skip_rows=1)
        assert table.frame["twice"].isna().all()

    def test_with_results_are_not_told(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["a"])
        book.active.append([1])
        book.save(tmp_path / "plain.xlsx")
        # As Excel and LibreOffice store results: a number, and a text without letters.
        self.rewrite(
            tmp_path / "plain.xlsx",
            tmp_path / "a.xlsx",
            b'<row r="3"><c r="A3"><f>A2*2</f><v>2</v></c></row>'
            b'<row r="4"><c r="A4" t="str"><f>IF(A2=1,"","x")</f><v></v></c></row></sheetData>',
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error", ModuleWarning)
            table = dataset(path=str(tmp_path / "a.xlsx"))
        assert table.frame["a"].tolist()[:2] == [1, 2]

    def rewrite(self, source: Path, target: Path, rows: bytes) -> None:
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "xl/worksheets/sheet1.xml":
                    assert b"</sheetData>" in content
                    content = content.replace(b"</sheetData>", rows)
                new.writestr(name, content)
