"""Reports: sections of text, tables and charts, for a reader."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from modules.contract.chart import Chart
from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json, write_json
from modules.contract.sheet import MOST_ROWS, Sheet, json_value
from modules.contract.value import Summary, Value
from modules.values.charts.tables import sheet_of

if TYPE_CHECKING:
    import pandas as pd

MOST_SECTIONS = 200
MOST_BYTES = 64 << 20
"""Of a stored report; larger ones are refused."""

_FILE = "report.json"
_Part = TypeVar("_Part")


@dataclass(frozen=True)
class Section:
    """A part of a report: below its heading a text, then a chart, then a table.

    Parameters
    ----------
    heading : str
    text : str
        One or several sentences; empty lines separate paragraphs.
    sheet : Sheet, optional
        Its first 10,000 rows are kept.
    chart : Chart, optional
    """

    heading: str
    text: str = ""
    sheet: Sheet | None = None
    chart: Chart | None = None

    def __post_init__(self) -> None:
        sheet = self.sheet
        if sheet is not None and len(sheet.rows) > MOST_ROWS:
            note = f"{sheet.note} The first {MOST_ROWS:,} of {len(sheet.rows):,} rows.".strip()
            cut = Sheet(sheet.headers, sheet.rows[:MOST_ROWS], note)
            object.__setattr__(self, "sheet", cut)

    def to_json(self) -> dict[str, Any]:
        """Return the section as plain JSON."""
        found: dict[str, Any] = {"heading": self.heading, "text": self.text}
        if self.chart is not None:
            found["chart"] = self.chart.to_json()
        if self.sheet is not None:
            found["table"] = self.sheet.to_json()
        return found

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` returned.

        Raises
        ------
        ValueError, TypeError, KeyError
            If it isn't a section.
        """
        sheet, chart = plain.get("table"), plain.get("chart")
        return cls(
            _text(plain["heading"]),
            _text(plain["text"]),
            None if sheet is None else _sheet(sheet),
            None if chart is None else Chart.from_json(chart),
        )


@dataclass(frozen=True, eq=False)
class Report(
    Value,
    title="report",
    description="Text, tables, and charts for a reader.",
    colors=("#a3456f", "#f0a0c0"),
    shape="cross",
    icon="chart",
    view="report",
    is_report=True,
):
    """Text, tables, and charts for a reader.

    Parameters
    ----------
    title : str
    sections : tuple of Section
        At most 200.

    Raises
    ------
    ModuleError
        If there are more.
    """

    title: str
    sections: tuple[Section, ...]

    def __post_init__(self) -> None:
        if len(self.sections) > MOST_SECTIONS:
            raise ModuleError(
                "report-too-long",
                f"The report has {len(self.sections):,} sections; {MOST_SECTIONS} are possible.",
                "Select fewer columns.",
            )

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the report as JSON, and beside it every table as CSV for other programs."""
        sections = [section.to_json() for section in self.sections]
        write_json(folder / _FILE, {"title": self.title, "sections": sections}, as_made=True)
        if (folder / _FILE).stat().st_size > MOST_BYTES:
            raise ModuleError(
                "report-too-large",
                f"The report is larger than {MOST_BYTES >> 20} MB.",
                "Select fewer columns.",
            )
        for number, section in enumerate(self.sections, start=1):
            if section.sheet is not None:
                _write_csv(section.sheet, folder / f"{number:02}_{_file_name(section)}.csv")
        return {"title": self.title}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        if (folder / _FILE).stat().st_size > MOST_BYTES:
            raise ValueError(f"{_FILE} is larger than {MOST_BYTES >> 20} MB")
        plain = read_json(folder / _FILE)
        sections = plain["sections"]
        if not isinstance(sections, list) or len(sections) > MOST_SECTIONS:
            raise ValueError(f"{_FILE} doesn't contain a list of at most {MOST_SECTIONS} sections")
        return cls(_text(plain["title"]), tuple(map(Section.from_json, sections)))

    def describe(self) -> pd.DataFrame:
        """Return the headings."""
        import pandas as pd

        return pd.DataFrame([(each.heading, each.text) for each in self.sections]).set_axis(
            ["section", "text"], axis=1
        )

    def summary(self) -> ReportSummary:
        """Return the report as plain data."""
        return ReportSummary(self.title, {}, self.sections)

    def charts(self) -> Mapping[str, str]:
        """Return the charts as SVG, by heading."""
        from modules.values.charts.svg import to_svg

        return _by_heading(
            (each.heading, to_svg(each.chart)) for each in self.sections if each.chart
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the sections as IPython shows them, in their order."""
        from modules.contract.notebook_view import section_html, to_text
        from modules.values.charts.svg import to_svg

        parts = [section_html(self.title, "", "", None)]
        for each in self.sections:
            svg = to_svg(each.chart) if each.chart else ""
            parts.append(section_html(each.heading, each.text, svg, each.sheet))
        return {"text/html": "\n".join(parts), "text/plain": to_text(self.tables())}


@dataclass(frozen=True)
class ReportSummary(Summary):
    """A report as plain data; see :class:`Report`."""

    sections: tuple[Section, ...]

    def tables(self) -> Mapping[str, Sheet]:
        """Return the tables of the sections, and the values of charts without one, by heading."""
        sheets = (
            (each.heading, each.sheet or (each.chart and sheet_of(each.chart)))
            for each in self.sections
        )
        return _by_heading((heading, sheet) for heading, sheet in sheets if sheet)

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        return {"title": self.title, "sections": [each.to_json() for each in self.sections]}


def _by_heading(parts: Iterable[tuple[str, _Part]]) -> dict[str, _Part]:
    """Return tables or charts by unique headings."""
    found: dict[str, _Part] = {}
    for heading, part in parts:
        title, number = heading, 1
        while title in found:
            number += 1
            title = f"{heading} ({number})"
        found[title] = part
    return found


def _sheet(plain: Mapping[str, Any]) -> Sheet:
    headers = tuple(map(_text, plain["columns"]))
    rows = tuple(tuple(map(json_value, row)) for row in plain["rows"])
    if any(len(row) != len(headers) for row in rows):
        raise ValueError("a table has rows of different lengths")
    return Sheet(headers, rows, _text(plain["note"]))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is missing")
    return value


def _file_name(section: Section) -> str:
    words = re.findall(r"[a-z0-9]+", section.heading.lower())
    return "_".join(words)[:40] or "table"


def _write_csv(sheet: Sheet, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(sheet.headers)
        writer.writerows(sheet.rows)
