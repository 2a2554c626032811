"""Draw a chart of any kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modules.contract.chart import Chart
from modules.values.charts import bars, curves, grids
from modules.values.charts.shapes import Drawing, Label, Look

_DRAW: Mapping[str, Callable[[Chart, Drawing, float], None]] = {
    "bars": bars.draw_bars,
    "boxes": bars.draw_boxes,
    "lines": curves.draw,
    "steps": curves.draw,
    "points": curves.draw,
    "heatmap": grids.draw_heatmap,
    "dendrogram": grids.draw_dendrogram,
    "parallel": grids.draw_parallel,
}


def draw(chart: Chart, look: Look) -> Drawing:
    """Return a chart as shapes; its height follows from its content and the width."""
    drawing = Drawing(look)
    top = 4.0
    if chart.title:
        title = look.elided(chart.title, look.width - 8)
        drawing.add(Label(look.width / 2, top + look.line / 2, title, look.text, "middle"))
        top += look.line + 6
    top = _legend(chart, drawing, top)
    _DRAW[chart.kind](chart, drawing, top)
    return drawing


def _legend(chart: Chart, drawing: Drawing, top: float) -> float:
    """Draw the names of several series, and return where the chart begins."""
    look = drawing.look
    named = [(index, each.name) for index, each in enumerate(chart.series) if each.name]
    if chart.kind not in ("bars", "lines", "steps", "points") or len(chart.series) < 2:
        return top
    if len(named) > _MOST_NAMED:
        return top
    x = 8.0
    for index, name in named:
        text = look.elided(name, look.width - 40)
        width = look.measure(text) + 34
        if x > 8 and x + width > look.width:
            x, top = 8.0, top + look.line + 2
        middle = top + look.line / 2
        drawing.add(
            curves.marker(look, index, x + 5, middle),
            Label(x + 14, middle, text, look.text),
        )
        x += width
    return top + look.line + 8


_MOST_NAMED = 12
"""Names in a legend; more lines are a bundle, such as one for each row."""
