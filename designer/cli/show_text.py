"""What ``designer show`` writes on a terminal, from the plain data of a stored value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from designer.cli.listing import wide_console
from modules.contract.chart import Chart
from modules.contract.port_type import type_title
from modules.values.charts.tables import sheet_of

if TYPE_CHECKING:
    from rich.console import Console

    from designer.engine.results import Output

MOST = 20
"""Rows of a grid, and values of a list, that are written; ``--json`` has them all."""


def print_content(target: str, output: Output, content: Mapping[str, Any]) -> None:
    """Print the output of a node.

    Parameters
    ----------
    target : str
        ``NODE.PORT``.
    output : Output
    content : mapping
        From :func:`designer.cli.show_content.content_of`.
    """
    console = wide_console()
    size = f", {output.rows:,} rows × {output.columns} columns" if output.rows is not None else ""
    _say(console, f"{target}: {type_title(output.type)}{size}")
    if "schema" in content:
        _print_table(console, content["schema"], content["data"])
    elif "metrics" in content:
        for name, metrics in content["metrics"].items():
            _print_report(console, name, metrics, content["reports"].get(name, {}))
    elif "sections" in content:
        _print_sections(console, content)
    else:
        _print_facts(console, content)


def _print_sections(console: Console, content: Mapping[str, Any]) -> None:
    """Print a report; of a chart without a table, the values."""
    _say(console, content["title"])
    for section in content["sections"]:
        _say(console, f"\n{section['heading']}")
        if section["text"]:
            _say(console, section["text"])
        sheet = section.get("table")
        if sheet is None and "chart" in section:
            sheet = sheet_of(Chart.from_json(section["chart"])).to_json()
        if sheet is not None:
            _print_sheet(console, "", sheet)


def _print_facts(console: Console, content: Mapping[str, Any]) -> None:
    for name, value in content.items():
        if name in ("learned", "tables"):
            for title, sheet in value.items():
                _print_sheet(console, title, sheet)
            continue
        if name == "features":
            value = [f"{each['name']} ({each['kind']})" for each in value]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            _say(console, f"{name}:")
            _print_grid(console, list(value[0]), [list(row.values()) for row in value])
        elif isinstance(value, dict):
            _say(console, f"{name}:")
            for key, each in value.items():
                _say(console, f"  {key}: {_text_of(each)}")
        elif value not in ([], "", None):
            _say(console, f"{name}: {_text_of(value)}")


def _print_report(
    console: Console, name: str, metrics: Mapping[str, Any], report: Mapping[str, Any]
) -> None:
    _say(console, f"\n{name}")
    rows = [[key, "undefined" if value is None else value] for key, value in metrics.items()]
    _print_grid(console, ["Metric", "Value"], rows)
    if "confusion" in report:
        _say(console, "\nConfusion matrix: rows actual, columns predicted")
        counts = zip(report["classes"], report["confusion"], strict=True)
        _print_grid(console, ["", *report["classes"]], [[each, *row] for each, row in counts])
    if "table" in report:
        _print_sheet(console, "", report["table"])


def _print_sheet(console: Console, title: str, sheet: Mapping[str, Any]) -> None:
    _say(console, f"\n{title}" if title else "")
    if sheet["note"]:
        _say(console, sheet["note"])
    _print_grid(console, sheet["columns"], sheet["rows"])


def _print_table(console: Console, schema: list[dict[str, str]], rows: list[list[Any]]) -> None:
    columns = [
        _as_days([row[number] for row in rows]) if column["kind"] == "datetime" else None
        for number, column in enumerate(schema)
    ]
    cells = [
        [
            "" if value is None else str(value if days is None else days[index])
            for value, days in zip(row, columns, strict=True)
        ]
        for index, row in enumerate(rows)
    ]
    right = [column["kind"] in ("integer", "number") for column in schema]
    _print_cells(
        console,
        [column["name"] for column in schema],
        cells,
        right,
        kinds=[column["kind"] for column in schema],
    )


def _print_grid(console: Console, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print the first rows, and how many more there are."""
    cells = [[_cell(value) for value in row] for row in rows[:MOST]]
    numbers = (int, float, type(None))
    right = [
        bool(rows) and all(isinstance(row[index], numbers) for row in rows)
        for index in range(len(headings))
    ]
    _print_cells(console, headings, cells, right)
    if len(rows) > MOST:
        _say(console, f"and {len(rows) - MOST:,} more rows; --json has them all")


def _print_cells(
    console: Console,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
    kinds: Sequence[str] = (),
) -> None:
    """Print as many columns as fit on the terminal, all of them anywhere else."""
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    cut = [[_cut(cell) for cell in row] for row in rows]
    room = console.width
    grid = Table(show_edge=False, pad_edge=False)
    shown = 0
    for number, heading in enumerate(headings):
        lines = [_cut(heading), *kinds[number : number + 1]]
        width = max(map(cell_len, (*lines, *(row[number] for row in cut))))
        room -= width + 3
        if shown and room < 0:
            break
        where = "right" if right[number] else "left"
        grid.add_column(Text("\n".join(lines)), justify=where, no_wrap=True, width=width)  # type: ignore[arg-type]
        shown += 1
    for row in cut:
        grid.add_row(*map(Text, row[:shown]))
    console.print(grid)
    if shown < len(headings):
        _say(console, f"and {len(headings) - shown} more columns: {', '.join(headings[shown:])}")


def _as_days(values: Sequence[Any]) -> Sequence[Any]:
    """Return moments as days where none of them has a time of day."""
    matches = [_DAY.fullmatch(str(value)) for value in values if value is not None]
    if not all(matches):
        return values
    return [value if value is None else str(value)[:-_MIDNIGHT] for value in values]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return _text_of(value)


def _text_of(value: Any) -> str:
    """Return a plain value as a user writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _listed(value)
    return "–" if value is None else str(value)


def _listed(values: Sequence[Any]) -> str:
    more = f" and {len(values) - MOST:,} more" if len(values) > MOST else ""
    return ", ".join(map(_text_of, values[:MOST])) + more


def _cut(text: str) -> str:
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _say(console: Console, line: str) -> None:
    from rich.text import Text

    console.print(Text(line))


_CELL = 48
"""Characters of a cell that are shown."""

_MIDNIGHT = len("T00:00:00")
_DAY = re.compile(r"[^T]*T00:00:00")
