"""Axes and the area of a chart that the user makes: names, dates, and a frame around rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from designer.app.views.charts.number_axis import axis_class

Framed = Callable[[QRectF], None]


def figure_axis(orientation: str, labels: tuple[str, ...], time: bool, whole: bool) -> Any:
    """Return an axis of names, of dates, of integers, or of numbers."""
    import pyqtgraph

    if labels:
        return _label_axis()(orientation, labels)
    if not time:
        axis = axis_class()(orientation)
        axis.counts = whole
        return axis
    axis = pyqtgraph.DateAxisItem(orientation, utcOffset=0)
    axis.enableAutoSIPrefix(False)
    return axis


@cache
def _label_axis() -> Any:
    import pyqtgraph

    class LabelAxis(pyqtgraph.AxisItem):
        """Has a name at each integer, as far as there is room."""

        def __init__(self, orientation: str, labels: tuple[str, ...]) -> None:
            super().__init__(orientation)
            self._labels = labels
            self._room = 60.0
            self.setStyle(textFillLimits=[(0, 1.1)])

        def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[int]]]:
            low, high = min(low, high), max(low, high)
            first, last = max(math.ceil(low), 0), min(math.floor(high), len(self._labels) - 1)
            each = size / max(high - low, 1e-9)
            upright = self.orientation in ("left", "right")
            needed = 18.0 if upright else 44.0
            step = max(1, math.ceil(needed / max(each, 1e-9)))
            self._room = 140.0 if upright else max(each * step - 8, 20.0)
            return [(step, list(range(first, last + 1, step)))]

        def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
            metrics = QFontMetricsF(self.style["tickFont"] or QFont())
            names = [self._labels[int(value)] for value in values]
            cut = Qt.TextElideMode.ElideRight
            return [metrics.elidedText(name, cut, self._room) for name in names]

    return LabelAxis


@cache
def frame_box() -> Any:
    """Return the class of the area of a chart, in which a drag frames rows or moves the view."""
    import pyqtgraph

    class FrameBox(pyqtgraph.ViewBox):
        """A drag frames an area if ``framing``, otherwise it moves the view; Shift exchanges it."""

        framing = True

        def __init__(self, framed: Framed) -> None:
            super().__init__(enableMenu=False)
            self._framed = framed

        def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            left = event.button() == Qt.MouseButton.LeftButton
            if not left or axis is not None or self.framing == shift:
                super().mouseDragEvent(event, axis)
                return
            event.accept()
            began = event.buttonDownPos(event.button())
            self.updateScaleBox(began, event.pos())
            if event.isFinish():
                self.rbScaleBox.hide()
                area = QRectF(QPointF(began), QPointF(event.pos())).normalized()
                self._framed(QRectF(self.childGroup.mapRectFromParent(area)).normalized())

    return FrameBox
