"""The marks of a figure as items of pyqtgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from designer.app.shell import theme
from designer.app.views.charts.figure_colors import (
    cells_image,
    density_image,
    group_color,
    group_symbol,
)
from designer.texts import formatted
from modules.tables.figures.figure import Bars, Box, Cells, Density, Figure, Line, Panel, Points
from modules.values.charts.shapes import readable_on

if TYPE_CHECKING:
    import numpy as np

_MANY = 2_000
"""Markers from which on they are smaller."""

_LONG = 400
"""Points from which on a line is thin."""

_WRITTEN = 16
"""Columns of a matrix up to which its numbers are written."""


def panel_items(figure: Figure, panel: Panel, ratio: float) -> list[Any]:
    """Return what pyqtgraph draws of a panel, from back to front.

    Parameters
    ----------
    ratio : float
        Pixels of the screen for each device-independent pixel.
    """
    import pyqtgraph

    items: list[Any] = []
    layers = [mark for mark in panel.marks if isinstance(mark, Density)]
    if layers:
        items.append(_density(figure, layers))
    boxes = [mark for mark in panel.marks if isinstance(mark, Box)]
    if boxes:
        items += _boxes(boxes, ratio)
    count = sum(len(mark.x) for mark in panel.marks if isinstance(mark, Points))
    overlaid = sum(isinstance(mark, Bars) for mark in panel.marks) > 1 and not panel.x_labels
    for mark in panel.marks:
        if isinstance(mark, Points):
            items.append(_points(figure, mark, count > _MANY))
        elif isinstance(mark, Line):
            # Qt draws long lines many times faster if they are as thin as can be.
            thin = len(mark.x) > _LONG
            width = 1 if thin else 2 * ratio
            pen = pyqtgraph.mkPen(group_color(figure, mark.group), width=width)
            items.append(pyqtgraph.PlotCurveItem(mark.x, mark.y, pen=pen, antialias=not thin))
        elif isinstance(mark, Bars):
            items.append(_bars(figure, mark, overlaid))
        elif isinstance(mark, Cells):
            items += _cells(mark)
    return items


def _points(figure: Figure, points: Points, many: bool) -> Any:
    import numpy as np
    import pyqtgraph

    color = QColor(group_color(figure, points.group))
    color.setAlphaF(0.6 if many else 0.8)
    size: Any = 5 if many else 8
    if points.sizes is not None:
        # The area is what people compare.
        size = 4 + 16 * np.sqrt(figure.areas(points))
    return pyqtgraph.ScatterPlotItem(
        points.x,
        points.y,
        size=size,
        symbol=group_symbol(figure, points.group)[1],
        brush=pyqtgraph.mkBrush(color),
        pen=None,
    )


def _image(colors: np.ndarray) -> Any:
    import pyqtgraph

    # By itself it would stretch the colors to the whole range.
    return pyqtgraph.ImageItem(colors, axisOrder="row-major", levels=(0, 255))


def _density(figure: Figure, layers: list[Density]) -> Any:
    first = layers[0]
    item = _image(density_image(figure, layers))
    wide, high = first.right - first.left, first.top - first.bottom
    item.setRect(QRectF(first.left, first.bottom, wide or 1.0, high or 1.0))
    return item


def _bars(figure: Figure, bars: Bars, overlaid: bool) -> Any:
    import numpy as np
    import pyqtgraph

    color = QColor(group_color(figure, bars.group))
    edge = QColor(color)
    color.setAlphaF(0.45 if overlaid else 0.85)
    return pyqtgraph.BarGraphItem(
        x0=bars.left,
        x1=bars.right,
        y0=0,
        height=np.nan_to_num(bars.height),
        brush=pyqtgraph.mkBrush(color),
        pen=pyqtgraph.mkPen(edge if overlaid else theme.current().surface),
    )


def _boxes(boxes: list[Box], ratio: float) -> list[Any]:
    import numpy as np
    import pyqtgraph

    colors = theme.current()
    at = np.array([box.position for box in boxes])
    low, lower, middle, upper, high = np.array([box.five for box in boxes]).T
    ink = QColor(colors.accent)
    pen = pyqtgraph.mkPen(ink, width=1.5 * ratio)
    soft = QColor(ink)
    soft.setAlphaF(0.4)
    body = pyqtgraph.BarGraphItem(
        x0=at - 0.3, x1=at + 0.3, y0=lower, y1=upper, brush=pyqtgraph.mkBrush(soft), pen=pen
    )
    ends = []
    for index, x in enumerate(at):
        ends += [(x, low[index]), (x, lower[index]), (x, upper[index]), (x, high[index])]
        for end in (low[index], high[index]):
            ends += [(x - 0.15, end), (x + 0.15, end)]
    x, y = np.array(ends).T
    whiskers = pyqtgraph.PlotCurveItem(x, y, connect="pairs", pen=pen)
    x, y = np.array([(x + d, m) for x, m in zip(at, middle, strict=True) for d in (-0.3, 0.3)]).T
    thick = pyqtgraph.mkPen(colors.text, width=2.5 * ratio)
    medians = pyqtgraph.PlotCurveItem(x, y, connect="pairs", pen=thick)
    away = pyqtgraph.ScatterPlotItem(
        np.concatenate([np.full(len(box.outliers), box.position) for box in boxes]),
        np.concatenate([box.outliers for box in boxes]),
        size=5,
        brush=pyqtgraph.mkBrush(ink),
        pen=None,
    )
    return [away, whiskers, body, medians]


def _cells(cells: Cells) -> list[Any]:
    import pyqtgraph

    image = cells_image(cells.values)
    item = _image(image)
    rows, columns = cells.values.shape
    item.setRect(QRectF(-0.5, -0.5, columns, rows))
    items = [item]
    if columns <= _WRITTEN:
        for row in range(rows):
            for column in range(columns):
                value = cells.values[row, column]
                if value == value:
                    ink = readable_on(
                        "#" + "".join(f"{part:02x}" for part in image[row, column, :3])
                    )
                    text = pyqtgraph.TextItem(formatted(value, ".2f"), color=ink, anchor=(0.5, 0.5))
                    text.setPos(column, row)
                    items.append(text)
    return items
