"""Curves of several models in one plot, with a readout under the pointer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.number_axis import axis_class
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.one_line_label import OneLineLabel
from designer.app.widgets.sentence_case import in_sentence
from designer.app.widgets.text_scale import resized
from designer.texts import N_, tr
from modules.contract.sheet import Sheet


@dataclass(frozen=True)
class Curve:
    """A line with a name.

    Parameters
    ----------
    x, y : sequence of float
        Points; of a histogram (``steps``) one more x than y.
    labels : sequence of float
        A number for each point, the threshold, that the readout adds.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    labels: Sequence[float] = field(default=())
    steps: bool = False


def series_color(index: int) -> str:
    """Return the color of the first, second, ... model in the current theme."""
    colors = theme.current()
    return colors.accent if index == 0 else colors.series[(index - 1) % len(colors.series)]


def series_mark(index: int) -> str:
    """Return the marker of the first, second, ... model, in addition to its color."""
    return _MARKS[_sign(index)][0]


def _sign(index: int) -> int:
    """Return which marker and line a model has: others whenever the colors start again."""
    return (index + max(index - 1, 0) // len(theme.current().series)) % len(_MARKS)


class CurvePlot(QWidget):
    """A plot that follows the theme.

    Parameters
    ----------
    title : str
        For screen readers and for the name of an image.
    across, up : str
        Names of the axes.
    reference : sequence of (x, y)
        A thin dotted line for comparison, for example that of chance.
    unit : bool
        Both axes go from 0 to 1.
    counts : bool
        The axis across counts, so it has integers only.
    compact : bool
        For little height: without names of the axes, and the readout is a tooltip.
    """

    def __init__(
        self,
        title: str,
        across: str,
        up: str,
        curves: Sequence[Curve],
        *,
        reference: Sequence[tuple[float, float]] = (),
        unit: bool = False,
        counts: bool = False,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        import pyqtgraph

        self._pg = pyqtgraph
        self.title = title
        self._across, self._up = across, up
        self._curves = list(curves)
        self._compact = compact
        axis = axis_class()
        self._plot: Any = pyqtgraph.PlotWidget(
            enableMenu=False, axisItems={"left": axis("left"), "bottom": axis("bottom")}
        )
        self._plot.getPlotItem().getAxis("bottom").counts = counts
        self._plot.getPlotItem().setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        # Room for a number at the upper end of the axis.
        room = self.fontMetrics().height() // 2
        self._plot.getPlotItem().layout.setContentsMargins(1, room, 1, 1)
        # pyqtgraph makes a menu all the same; without a parent it would outlive the plot.
        menu = self._plot.getPlotItem().ctrlMenu
        menu.setParent(self._plot, menu.windowFlags())
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.hideButtons()
        self._plot.setAntialiasing(True)
        self._lines = [self._line(curve) for curve in self._curves]
        self._reference: Any = None
        if reference:
            self._reference = self._plot.plot(*zip(*reference, strict=True))
        self._hover: Any = pyqtgraph.ScatterPlotItem(size=9)
        self._marks: Any = pyqtgraph.ScatterPlotItem(size=11)
        self._plot.addItem(self._marks, ignoreBounds=True)
        self._plot.addItem(self._hover, ignoreBounds=True)
        self._mark_points: list[tuple[float, float]] = []
        box = self._plot.getViewBox()
        box.setDefaultPadding(0.02)
        if unit:
            box.setLimits(xMin=-0.03, xMax=1.03, yMin=-0.03, yMax=1.03)
            box.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.02)
        else:
            box.enableAutoRange()
            box.setLimits(yMin=0 if any(curve.steps for curve in curves) else None)
        self._unit = unit
        self._readout = OneLineLabel()
        self._readout.setProperty("role", "muted")
        self._readout.setMinimumHeight(self._readout.fontMetrics().height() + 6)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 12, 4)
        column.setSpacing(2)
        column.addWidget(self._legend())
        column.addWidget(self._plot, 1)
        column.addWidget(self._readout)
        self._readout.setVisible(not compact)
        self._plot.scene().sigMouseMoved.connect(self._moved)
        self._plot.viewport().installEventFilter(self)
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()
        self._show_hint()
        self.setAccessibleName(title)
        offer_values(self, self.values)
        self._describe()

    def show_points(self, index: int, x: Sequence[float], y: Sequence[float]) -> None:
        """Replace the points of a curve."""
        self._curves[index] = replace(self._curves[index], x=x, y=y)
        self._lines[index].setData(x, y)
        self._hover.setData([], [])

    def set_up_title(self, text: str) -> None:
        """Replace the name of the axis upwards."""
        if text != self._up:
            self._up = text
            self._apply_theme()
            self._describe()

    def mark(self, points: Sequence[tuple[float, float]]) -> None:
        """Put a dot on each curve, where the threshold is."""
        self._mark_points = list(points)
        self._draw_marks()

    def prepare_image(self, on: bool) -> None:
        """Add the legend and hide what only helps on the screen, or undo that."""
        self._legend_label.setVisible(on and len(self._curves) > 1)
        self._readout.setVisible(not on and not self._compact)
        self._hover.setData([], [])
        layout = self.layout()
        if layout is not None:
            layout.activate()

    def values(self) -> Sheet:
        """Return the points of all curves as a table."""
        several, labeled = len(self._curves) > 1, any(curve.labels for curve in self._curves)
        stepped = any(curve.steps for curve in self._curves)
        across = (
            [
                tr(end).format(across=self._across)
                for end in (N_("{across} from"), N_("{across} to"))
            ]
            if stepped
            else [self._across]
        )
        heads = [tr("Name")] * several + across + [self._up] + [tr("Threshold")] * labeled
        rows: list[tuple[object, ...]] = []
        for curve in self._curves:
            for at, y in enumerate(curve.y):
                row: list[object] = [curve.name] * several + [curve.x[at]]
                row += [curve.x[at + 1] if curve.steps else None] * stepped + [y]
                row += [curve.labels[at] if curve.labels else None] * labeled
                rows.append(tuple(row))
        return Sheet(tuple(heads), tuple(rows))

    def points(self, index: int) -> tuple[list[float], list[float]]:
        """Return the points of a curve as they are drawn."""
        x, y = self._lines[index].getOriginalDataset()
        return list(x), list(y)

    def readout(self) -> str:
        """Return the readout of the point under the pointer."""
        return self._readout.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Forget the point when the pointer leaves; show all at a double click."""
        if event.type() == QEvent.Type.Leave:
            self._hover.setData([], [])
            self._show_hint()
        elif event.type() == QEvent.Type.MouseButtonDblClick:
            box = self._plot.getViewBox()
            if self._unit:
                box.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.02)
            else:
                box.autoRange()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Redraw on a screen of another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._apply_theme()
        return super().event(event)

    def _describe(self) -> None:
        axes = tr("{up} by {across}").format(up=self._up, across=in_sentence(self._across))
        describe(self, f"{axes}: {', '.join(curve.name for curve in self._curves)}")

    def _line(self, curve: Curve) -> Any:
        if curve.steps:
            return self._plot.plot(curve.x, curve.y, stepMode="center", fillLevel=0)
        return self._plot.plot(curve.x, curve.y)

    def _legend(self) -> QLabel:
        self._legend_label = QLabel()
        self._legend_label.setTextFormat(Qt.TextFormat.RichText)
        self._legend_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._legend_label.hide()
        return self._legend_label

    @Slot()
    def _apply_theme(self) -> None:
        """Apply the colors of the theme."""
        colors = theme.current()
        pg = self._pg
        self._plot.setBackground(colors.surface)
        font = resized(self.font(), -1, 7.0)
        item = self._plot.getPlotItem()
        item.showGrid(x=True, y=True, alpha=0.18)
        for name, text in (("bottom", self._across), ("left", self._up)):
            axis = item.getAxis(name)
            axis.setPen(pg.mkPen(colors.outline))
            axis.setTextPen(pg.mkPen(colors.text_muted))
            axis.setStyle(tickFont=font, tickLength=-4)
            if not self._compact:
                axis.setLabel(text, color=colors.text_muted)
        for index, line in enumerate(self._lines):
            color = QColor(series_color(index))
            # pyqtgraph counts widths in pixels of the screen.
            pen = pg.mkPen(color, width=2 * self.devicePixelRatioF())
            dashes = _LINES[_sign(index)]
            if dashes:
                pen.setDashPattern(dashes)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            line.setPen(pen)
            if self._curves[index].steps:
                soft = QColor(color)
                soft.setAlphaF(0.35 if len(self._lines) == 1 else 0.22)
                line.setBrush(pg.mkBrush(soft))
        if self._reference is not None:
            dots = Qt.PenStyle.DotLine
            ratio = self.devicePixelRatioF()
            self._reference.setPen(pg.mkPen(colors.text_muted, width=ratio, style=dots))
        self._hover.setBrush(pg.mkBrush(colors.text))
        self._hover.setPen(pg.mkPen(colors.surface, width=2))
        self._draw_marks()
        self._legend_label.setText(legend_text([curve.name for curve in self._curves]))

    def _draw_marks(self) -> None:
        pg = self._pg
        surface = theme.current().surface
        self._marks.setData(
            [
                {
                    "pos": point,
                    "brush": pg.mkBrush(series_color(index)),
                    "symbol": _MARKS[_sign(index)][1],
                    "pen": pg.mkPen(surface, width=2),
                }
                for index, point in enumerate(self._mark_points)
            ]
        )

    @Slot(object)
    def _moved(self, at: QPointF) -> None:
        box = self._plot.getViewBox()
        if not box.sceneBoundingRect().contains(at):
            return
        found = self._nearest(at, box)
        if found is None:
            return
        index, number = found
        curve = self._curves[index]
        if curve.steps:
            low, high, count = curve.x[number], curve.x[number + 1], curve.y[number]
            text = tr("{low} to {high}").format(
                low=formatting.number(low, 5), high=formatting.number(high, 5)
            )
            text += f" · {in_sentence(self._up)} {formatting.grouped(count)}"
            self._hover.setData([], [])
        else:
            x, y = curve.x[number], curve.y[number]
            text = (
                f"{self._across} {formatting.number(x, 4)} · {self._up} {formatting.number(y, 4)}"
            )
            if len(curve.labels) == len(curve.x):
                text += tr(" · threshold {number}").format(
                    number=formatting.number(curve.labels[number], 4)
                )
            self._hover.setData([x], [y])
        self._show(f"{curve.name}: {text}" if len(self._curves) > 1 else text)

    def _nearest(self, at: QPointF, box: Any) -> tuple[int, int] | None:
        """Return the curve and point closest to a point on the screen."""
        import numpy as np

        pointer = box.mapSceneToView(at)
        wide, high = box.viewPixelSize()
        best: tuple[float, int, int] | None = None
        for index, curve in enumerate(self._curves):
            if curve.steps:
                inside = int(np.searchsorted(curve.x, pointer.x(), side="right")) - 1
                if 0 <= inside < len(curve.y):
                    distance = abs(curve.y[inside] - pointer.y()) / (high or 1)
                    best = min(best or (distance, index, inside), (distance, index, inside))
                continue
            across = (np.asarray(curve.x) - pointer.x()) / (wide or 1)
            up = (np.asarray(curve.y) - pointer.y()) / (high or 1)
            distances = across**2 + up**2
            if len(distances):
                number = int(np.argmin(distances))
                found = (float(distances[number]), index, number)
                best = min(best or found, found)
        return None if best is None else best[1:]

    def _show_hint(self) -> None:
        if all(curve.steps for curve in self._curves):
            self._show(tr("Point at a bar to read it; turn the wheel to zoom."))
        else:
            self._show(tr("Point at a curve to read it; turn the wheel to zoom."))

    def _show(self, text: str) -> None:
        self._readout.setText(text)
        if self._compact:
            self._plot.setToolTip(text)


_MARKS = (("●", "o"), ("■", "s"), ("▲", "t1"), ("◆", "d"), ("★", "star"))
"""Markers of models, as letters and as pyqtgraph names them."""

_LINES: tuple[tuple[float, ...], ...] = ((), (6, 2), (2, 2), (8, 2, 2, 2), (8, 2, 2, 2, 2, 2))
"""Dashes and gaps of their lines, in widths of the line; the first one is solid."""


def legend_text(names: Sequence[str]) -> str:
    """Return the names, each with its marker in its color, as rich text."""
    import html

    parts = [
        f"<span style='color:{series_color(index)}'>{series_mark(index)}</span>"
        f"&nbsp;{html.escape(name)}"
        for index, name in enumerate(names)
    ]
    return "&nbsp;&nbsp;&nbsp; ".join(parts)
