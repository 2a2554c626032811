"""The values of a chart as a table."""

from __future__ import annotations

from typing import Any

from modules.contract.chart import Chart
from modules.contract.sheet import Sheet


def sheet_of(chart: Chart) -> Sheet:
    """Return the values of a chart as a table."""
    headers, rows = _SHEETS.get(chart.kind, _points_sheet)(chart)
    return Sheet(headers, rows, chart.note)


_Table = tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]


def _bars_sheet(chart: Chart) -> _Table:
    heads, columns = [chart.y_title or "Name"], [chart.categories]
    for each in chart.series:
        name = each.name or chart.x_title or "Value"
        heads.append(name)
        columns.append(each.y)  # type: ignore[arg-type]
        if each.low and each.high:
            heads += [f"{name}, low", f"{name}, high"]
            columns += [each.low, each.high]  # type: ignore[list-item]
    return tuple(heads), tuple(zip(*columns, strict=True))


def _points_sheet(chart: Chart) -> _Table:
    """Return a row for each point; for each bar of a histogram."""
    interval = any(each.low and each.high for each in chart.series)
    edges = any(len(each.x) > len(each.y) for each in chart.series)
    several = len(chart.series) > 1
    across, up = chart.x_title or "x", chart.y_title or "y"
    heads = ["Series"] * several + ([f"{across} from", "to"] if edges else [across]) + [up]
    heads += ["Low", "High"] * interval
    rows = []
    for each in chart.series:
        for index, y in enumerate(each.y):
            row: list[Any] = [each.name] * several + [each.x[index]]
            if edges:
                row.append(each.x[index + 1] if len(each.x) > len(each.y) else None)
            row.append(y)
            if interval:
                row += [each.low[index], each.high[index]] if each.low and each.high else [None] * 2
            rows.append(tuple(row))
    return tuple(heads), tuple(rows)


def _heatmap_sheet(chart: Chart) -> _Table:
    rows = tuple((each.name, *each.y) for each in chart.series)
    return (chart.y_title or "Row", *chart.categories), rows


def _links_sheet(chart: Chart) -> _Table:
    leaves = len(chart.links) + 1

    def name(cluster: float) -> str:
        number = int(cluster)
        if number >= leaves:
            return f"Link {number - leaves + 1}"
        return chart.categories[number] if chart.categories else str(number)

    rows = tuple(
        (f"Link {number}", name(first), name(second), distance, int(size))
        for number, (first, second, distance, size) in enumerate(chart.links, start=1)
    )
    return ("Link", "First", "Second", "Distance", "Size"), rows


def _parallel_sheet(chart: Chart) -> _Table:
    rows = zip(*(each.y for each in chart.series), strict=True)
    return tuple(each.name for each in chart.series), tuple(rows)


def _boxes_sheet(chart: Chart) -> _Table:
    heads = ("Lower whisker", "Lower quartile", "Median", "Upper quartile", "Upper whisker")
    rows = tuple((each.name, *each.y, len(each.x)) for each in chart.series)
    return (chart.y_title or "Name", *heads, "Outliers"), rows


_SHEETS = {
    "bars": _bars_sheet,
    "heatmap": _heatmap_sheet,
    "dendrogram": _links_sheet,
    "parallel": _parallel_sheet,
    "boxes": _boxes_sheet,
}
