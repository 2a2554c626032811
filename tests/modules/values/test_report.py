"""Reports: stored readably, read with care."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from modules.contract import ModuleError
from modules.contract.chart import Chart, Series
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.values import Report, Section, report, storage

SHEET = Sheet(("name", "loss"), (("=age", 1.5), ("city, state", None)), "Of 3 rows.")
CHART = Chart("bars", "Loss", series=[Series("", y=[1.5, 0.5])], categories=("age", "city"))
REPORT = Report(
    "Importance",
    (Section("By feature", "Two of them.", SHEET, CHART), Section("Über-Plan?", sheet=SHEET)),
)


def test_a_report_is_the_same_after_storing(tmp_path: Path) -> None:
    summary = storage.save(REPORT, tmp_path)
    found = storage.load(tmp_path)
    assert summary["title"] == "Importance"
    assert isinstance(found, Report)
    assert (found.title, found.sections) == (REPORT.title, REPORT.sections)
    assert found.summary() == REPORT.summary()


def test_its_tables_open_elsewhere(tmp_path: Path) -> None:
    storage.save(REPORT, tmp_path)
    with (tmp_path / "01_by_feature.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["name", "loss"], ["=age", "1.5"], ["city, state", ""]]
    assert (tmp_path / "02_ber_plan.csv").is_file()


def test_long_tables_are_cut() -> None:
    section = Section("h", sheet=Sheet(("n",), tuple((n,) for n in range(MOST_ROWS + 1))))
    assert section.sheet is not None
    assert len(section.sheet.rows) == MOST_ROWS
    assert section.sheet.note == "The first 10,000 of 10,001 rows."


def test_too_many_sections_are_refused() -> None:
    with pytest.raises(ModuleError, match="201 sections"):
        Report("r", (Section("s"),) * 201)


def _drop(plain: dict) -> None:
    del plain["sections"]


def _many(plain: dict) -> None:
    plain["sections"] *= 200


def _number(plain: dict) -> None:
    plain["sections"][0]["heading"] = 7


def _ragged(plain: dict) -> None:
    plain["sections"][0]["table"]["rows"][0].append(1)


def _kind(plain: dict) -> None:
    plain["sections"][0]["chart"]["kind"] = ["bars"]


def _unknown(plain: dict) -> None:
    plain["sections"][0]["chart"]["run"] = "rm -rf"


def _infinite(plain: dict) -> None:
    plain["sections"][0]["chart"]["series"] = 1e999


@pytest.mark.parametrize(
    "damage", [_drop, _many, _number, _ragged, _kind, _unknown, _infinite]
)  # fmt: skip
def test_a_damaged_report_is_a_clear_error(damage: Callable[[dict], None], tmp_path: Path) -> None:
    storage.save(REPORT, tmp_path)
    path = tmp_path / "report.json"
    plain = json.loads(path.read_text("utf-8"))
    damage(plain)
    path.write_text(json.dumps(plain), "utf-8")
    with pytest.raises(ModuleError, match="The stored report can't be read"):
        storage.load(tmp_path)


@pytest.mark.parametrize("content", [b"[" * 100_000, b"\xff\xfe", b"[]", b""])
def test_what_isnt_a_report_is_a_clear_error(content: bytes, tmp_path: Path) -> None:
    storage.save(REPORT, tmp_path)
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(ModuleError, match="The stored report can't be read"):
        storage.load(tmp_path)


def test_a_huge_file_isnt_read(tmp_path: Path) -> None:
    storage.save(REPORT, tmp_path)
    with (tmp_path / "report.json").open("r+b") as file:
        file.truncate(report.MOST_BYTES + 1)
    with pytest.raises(ModuleError, match="larger than 64 MB"):
        storage.load(tmp_path)
