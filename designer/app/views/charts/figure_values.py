"""The marks of a figure as a table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from designer.app.views import formatting
from designer.app.views.charts.figure_notes import figure_note
from designer.texts import filled, tr
from modules.contract.sheet import MOST_ROWS, Sheet
from modules.tables.figures.figure import Bars, Box, Cells, Density, Figure, Panel, Points

if TYPE_CHECKING:
    from modules.tables.figures.figure import Marks

Row = dict[str, Any]


def figure_sheet(figure: Figure) -> Sheet:
    """Return a row for each marker, bar, box, or cell that isn't empty.

    Panels and colors have a column if there are several of them, and each axis has its own.
    """
    rows = chain.from_iterable(_panel_rows(figure, panel) for panel in figure.panels)
    shown = list(islice(rows, MOST_ROWS + 1))
    note = figure_note(figure)
    if len(shown) > MOST_ROWS:
        shown = shown[:MOST_ROWS]
        note = f"{note} {filled(tr('The first {rows:,} values.'), rows=MOST_ROWS)}".strip()
    heads = tuple(dict.fromkeys(chain.from_iterable(shown))) or (tr("Value"),)
    return Sheet(heads, tuple(tuple(row.get(head) for head in heads) for row in shown), note)


def _panel_rows(figure: Figure, panel: Panel) -> Iterator[Row]:
    for mark in panel.marks:
        first: Row = {}
        if panel.facet is not None:
            first[panel.facet[0]] = panel.title
        if figure.groups and not isinstance(mark, (Box, Cells)):
            first[figure.color_title] = figure.groups[mark.group]
        sizes = mark.sizes if isinstance(mark, Points) else None
        for index, row in enumerate(_mark_rows(panel, mark)):
            size = {} if sizes is None else {figure.size_title: _plain(sizes[index])}
            yield first | row | size


def _mark_rows(panel: Panel, mark: Marks) -> Iterator[Row]:
    across, up = panel.x_title or "x", panel.y_title or "y"
    if isinstance(mark, Box):
        names = (
            tr("Lower whisker"),
            tr("Lower quartile"),
            tr("Median"),
            tr("Upper quartile"),
            tr("Upper whisker"),
        )
        name: Row = {across: mark.name} if mark.name else {}
        yield name | dict(zip(names, mark.five, strict=True)) | {"Rows": mark.rows}
    elif isinstance(mark, Cells):
        for name_up, values in zip(panel.y_labels, mark.values, strict=True):
            cells = zip(panel.x_labels, (_plain(value) for value in values), strict=True)
            yield {"Column": name_up} | dict(cells)
    elif isinstance(mark, Bars):
        for left, right, height in zip(mark.left, mark.right, mark.height, strict=True):
            if panel.x_labels:
                # A bar of a group is beside the name, nearer than to any other.
                place: Row = {across: panel.x_labels[round(float(left + right) / 2)]}
            else:
                place = {f"{across} from": _x(panel, left), f"{across} to": _x(panel, right)}
            yield place | {up: _plain(height)}
    elif isinstance(mark, Density):
        tall, wide = mark.counts.shape
        width, height = (mark.right - mark.left) / wide, (mark.top - mark.bottom) / tall
        for row, column in zip(*mark.counts.nonzero(), strict=True):
            yield {
                f"{across} around": _x(panel, mark.left + (column + 0.5) * width),
                f"{up} around": _y(panel, mark.bottom + (row + 0.5) * height),
                "Rows": _plain(mark.counts[row, column]),
            }
    else:
        for index, (x, y) in enumerate(zip(mark.x, mark.y, strict=True)):
            number: Row = {"Row": int(mark.rows[index]) + 1} if isinstance(mark, Points) else {}
            yield number | {across: _x(panel, x), up: _y(panel, y)}


def _x(panel: Panel, value: Any) -> Any:
    return _on_axis(value, panel.x_labels, panel.x_time)


def _y(panel: Panel, value: Any) -> Any:
    return _on_axis(value, panel.y_labels, panel.y_time)


def _on_axis(value: Any, labels: tuple[str, ...], time: bool) -> Any:
    if time:
        return formatting.moment(float(value))
    if labels and 0 <= round(float(value)) < len(labels):
        return labels[round(float(value))]
    return _plain(value)


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if value != value else value
