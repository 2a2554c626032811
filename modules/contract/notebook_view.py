"""Values in notebooks: tables as HTML and as text, charts as images."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from typing import Any

from modules.contract.sheet import Sheet

MOST_ROWS = 50
"""Rows of a table that a notebook shows."""


def to_html(tables: Mapping[str, Sheet], charts: Mapping[str, str]) -> str:
    """Return tables and charts, each below its title."""
    parts = [_titled(title, _table(sheet)) for title, sheet in tables.items()]
    parts += [_titled(title, _image(svg, title)) for title, svg in charts.items()]
    return "\n".join(parts)


def section_html(heading: str, text: str, svg: str, sheet: Sheet | None) -> str:
    """Return a heading, and what there is of a text, a chart and a table below it."""
    paragraphs = "\n".join(f"<p>{escape(each)}</p>" for each in text.split("\n\n") if each)
    parts = [paragraphs, _image(svg, heading) if svg else "", _table(sheet) if sheet else ""]
    return _titled(heading, "\n".join(filter(None, parts)))


def to_text(tables: Mapping[str, Sheet]) -> str:
    """Return tables in columns, each below its title."""
    return "\n\n".join(
        "\n".join(filter(None, [title, *_columns(sheet), _note(sheet)]))
        for title, sheet in tables.items()
    )


def _titled(title: str, content: str) -> str:
    return f"<h4>{escape(title)}</h4>\n{content}" if title else content


def _table(sheet: Sheet) -> str:
    head = _row("th", sheet.headers)
    rows = "\n".join(_row("td", map(cell, row)) for row in sheet.rows[:MOST_ROWS])
    note = _note(sheet)
    return (
        f"<table>\n<thead>{head}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
        + f"\n<p>{escape(note)}</p>" * bool(note)
    )


def _row(tag: str, texts: Any) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>"


def _columns(sheet: Sheet) -> list[str]:
    rows = [sheet.headers, *(tuple(map(cell, row)) for row in sheet.rows[:MOST_ROWS])]
    rows = [tuple(" ".join(text.split()) for text in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _note(sheet: Sheet) -> str:
    if len(sheet.rows) <= MOST_ROWS:
        return sheet.note
    return f"The first {MOST_ROWS} of {len(sheet.rows):,} rows. {sheet.note}".rstrip()


def cell(value: Any) -> str:
    """Return a value as text: numbers with six digits, missing values empty."""
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _image(svg: str, description: str) -> str:
    """Return an image: notebooks that aren't trusted show no SVG in their HTML."""
    encoded = base64.b64encode(svg.encode()).decode("ascii")
    return f'<img alt="{escape(description)}" src="data:image/svg+xml;base64,{encoded}">'
