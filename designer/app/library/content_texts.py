"""Texts of stored results, in the language of the window.

Results are stored in English, whatever the window's language was, and contain names and values of
the user between the texts. Those stay as they are: a word that may be one is translated only where
all words beside it are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from designer.composed_texts import in_language
from designer.texts import language
from modules.contract.chart import Chart, Series
from modules.contract.sheet import Sheet
from modules.tables.figures.figure import Figure
from modules.values import ReportSummary, Section


def sheet_in_language(sheet: Sheet) -> Sheet:
    """Return a table whose headers, note, and texts are in the language of the window."""
    if language() == "en":
        return sheet
    columns = [
        _cells(header, [row[at] for row in sheet.rows]) for at, header in enumerate(sheet.headers)
    ]
    # In a matrix the columns are called like the rows: after the user's columns.
    names = {row[0] for row in sheet.rows if row and isinstance(row[0], str)}
    headers = tuple(
        header if header in names and " " not in header else in_language(header)
        for header in sheet.headers
    )
    return Sheet(headers, tuple(zip(*columns, strict=True)), in_language(sheet.note))


def chart_in_language(chart: Chart) -> Chart:
    """Return a chart whose titles, note, legend, and bars are in the language of the window."""
    if language() == "en":
        return chart
    named = [each.name for each in chart.series]
    # A chart of one column is called like it.
    column = chart.title if " " not in chart.title else None

    def titled(text: str) -> str:
        return text if text == column == chart.x_title else in_language(text)

    return replace(
        chart,
        title=titled(chart.title),
        x_title=titled(chart.x_title),
        y_title=in_language(chart.y_title),
        note=in_language(chart.note),
        series=tuple(
            Series(name, each.x, each.y, each.low, each.high, each.log, each.sizes)
            for name, each in zip(_names(named), chart.series, strict=True)
        ),
        categories=tuple(_names(chart.categories)),
    )


def figure_in_language(figure: Figure) -> Figure:
    """Return a chart of a table with its titles in the language of the window."""
    if language() == "en":
        return figure
    columns = {name for each in figure.panels for name in (each.x_column, each.y_column)}

    def titled(text: str) -> str:
        return text if text in columns else in_language(text)

    panels = tuple(
        replace(
            each,
            title=in_language(each.title) if " " in each.title else each.title,
            x_title=titled(each.x_title),
            y_title=titled(each.y_title),
            note=in_language(each.note),
        )
        for each in figure.panels
    )
    return replace(figure, title=in_language(figure.title), panels=panels)


def report_in_language(report: ReportSummary) -> ReportSummary:
    """Return a report in the language of the window, its tables and charts as well."""
    if language() == "en":
        return report
    return replace(
        report,
        title=in_language(report.title),
        sections=tuple(map(_section, report.sections)),
    )


def _section(section: Section) -> Section:
    return Section(
        in_language(section.heading),
        in_language(section.text),
        None if section.sheet is None else sheet_in_language(section.sheet),
        None if section.chart is None else chart_in_language(section.chart),
    )


def _cells(header: str, values: Sequence[Any]) -> list[Any]:
    texts = [value for value in values if isinstance(value, str)]
    found = dict(zip(texts, _names(texts, known=header in _OF_WORDS), strict=True))
    return [found.get(value, value) if isinstance(value, str) else value for value in values]


def _names(texts: Sequence[str], *, known: bool = False) -> list[str]:
    """Return texts that may be names of the user, translated where they aren't.

    Parameters
    ----------
    known : bool
        They aren't names.
    """
    found = [in_language(text) for text in texts]
    phrases = [" " in text for text in texts]
    if not known:
        changed = [one != other or not one for one, other in zip(texts, found, strict=True)]
        known = all(changed) and (any(phrases) or len(set(texts)) == 1)
    return [
        new if known or is_phrase else text
        for text, new, is_phrase in zip(texts, found, phrases, strict=True)
    ]


_OF_WORDS = {"Metric", "Type", "Role", "Fact", "Test", "Verdict", "Result", "Parameter", "Problem"}
"""Headers of columns that never contain names of the user."""
