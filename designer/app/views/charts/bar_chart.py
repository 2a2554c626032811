"""A histogram of numbers, or bars of the most frequent values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.direction import chart_painter
from designer.app.widgets.text_scale import resized
from designer.texts import formatted, tr
from modules.contract.sheet import Sheet


class BarChart(QWidget):
    """Bars with their counts; the tooltip of a bar shows its range and count."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edges: tuple[float, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._show: Callable[[float], str] = formatting.grouped
        self._logarithmic = False
        self._whole_bins = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Chart of the values"))
        offer_values(self, self.values)

    def show_histogram(
        self,
        edges: Sequence[float],
        counts: Sequence[int],
        show: Callable[[float], str] = formatting.grouped,
    ) -> None:
        """Show counts between edges, which ``show`` turns into text."""
        self._edges, self._counts, self._labels = tuple(edges), tuple(counts), ()
        self._show = show
        self._whole_bins = len(edges) > 1 and all(
            right - left == 1 and left % 1 == 0.5 for left, right in itertools.pairwise(edges)
        )
        self._changed()

    def show_categories(self, values: Sequence[tuple[str, int]]) -> None:
        """Show values with their counts, one below the other."""
        self._edges = ()
        self._labels = tuple(label for label, _ in values)
        self._counts = tuple(count for _, count in values)
        self._changed()

    @Slot(bool)
    def set_logarithmic(self, on: bool) -> None:
        """Draw the heights on a logarithmic scale, so that rare values show."""
        self._logarithmic = on
        self.update()

    def share(self, count: int) -> float:
        """Return the length of a bar, from 0 to 1 of the longest."""
        highest = max(self._counts, default=0)
        if not count or not highest:
            return 0.0
        if self._logarithmic:
            return math.log1p(count) / math.log1p(highest)
        return count / highest

    def texts(self) -> list[str]:
        """Return a line for each bar: its value or range, and its count."""
        if self._labels:
            pairs = zip(self._labels, self._counts, strict=True)
            return [f"{label}: {formatted(count)}" for label, count in pairs]
        return [
            f"{self._range(index)}: {formatted(count)}" for index, count in enumerate(self._counts)
        ]

    def values(self) -> Sheet:
        """Return a row for each bar."""
        if self._labels:
            return Sheet(
                (tr("Value"), tr("Rows")), tuple(zip(self._labels, self._counts, strict=True))
            )
        ranges = (self._range(index) for index in range(len(self._counts)))
        return Sheet((tr("Range"), tr("Rows")), tuple(zip(ranges, self._counts, strict=True)))

    def sizeHint(self) -> QSize:
        """Return a height for the bars."""
        if self._labels:
            return QSize(220, len(self._labels) * self._line() + 4)
        return QSize(220, 170)

    def minimumSizeHint(self) -> QSize:
        """Return the least size in which it can be read."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, event: object) -> None:
        """Paint the bars."""
        painter = chart_painter(self)
        if self._labels:
            self._paint_categories(painter)
        elif self._counts:
            self._paint_histogram(painter)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip for a bar."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._index(QPointF(event.pos()))
            if index is None:
                QToolTip.hideText()
            else:
                text = formatting.tooltip(self.texts()[index])
                QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _paint_histogram(self, painter: QPainter) -> None:
        colors = theme.current()
        font = self._small_font()
        metrics = QFontMetrics(font)
        area = self._area()
        painter.setFont(font)
        highest = max(self._counts)
        for count in _ticks(highest, self._logarithmic):
            level = area.bottom() - area.height() * self.share(count)
            painter.setPen(QColor(colors.border))
            painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
            painter.setPen(QColor(colors.text_muted))
            box = QRectF(0, level - metrics.height() / 2, area.left() - 6, metrics.height())
            painter.drawText(box, _MIDDLE_RIGHT, _short(count))
        step = area.width() / len(self._counts)
        for index, count in enumerate(self._counts):
            height = area.height() * self.share(count)
            left = round(area.left() + index * step)
            right = round(area.left() + (index + 1) * step) - 1
            top = area.bottom() - max(height, 1.0 if count else 0.0)
            bar = QRectF(left, top, max(right - left, 1), area.bottom() - top)
            painter.fillRect(bar, QColor(colors.accent))
        painter.setPen(QColor(colors.text_muted))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        self._paint_edges(painter, area, metrics)

    def _paint_edges(self, painter: QPainter, area: QRectF, metrics: QFontMetrics) -> None:
        low, high = self._edges[0], self._edges[-1]
        if self._whole_bins:
            low, high = low + 0.5, high - 0.5
        top = area.bottom() + 4
        box = QRectF(area.left(), top, area.width(), metrics.height())
        first, last = self._show(low), self._show(high)
        if low == high:
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, first)
            return
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, first)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, last)
        middle = self._show((low + high) / 2)
        used = sum(metrics.horizontalAdvance(text) for text in (first, middle, last))
        if used + 40 < area.width():
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, middle)

    def _paint_categories(self, painter: QPainter) -> None:
        colors = theme.current()
        line = self._line()
        metrics = self.fontMetrics()
        counts = [formatted(count) for count in self._counts]
        beside = max(metrics.horizontalAdvance(text) for text in counts) + 8
        width = self.width() - beside
        fill = QColor(colors.series[2])
        fill.setAlphaF(0.30)
        for index, (label, count) in enumerate(zip(self._labels, self._counts, strict=True)):
            box = QRectF(0, index * line + 1, width, line - 3)
            bar = QRectF(box)
            bar.setWidth(max(box.width() * self.share(count), 2))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(bar, 3, 3)
            painter.setPen(QColor(colors.text))
            text = formatting.cell(label) or tr("(empty text)")
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(width) - 12)
            painter.drawText(box.adjusted(6, 0, 0, 0), _MIDDLE_LEFT, shown)
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(
                QRectF(width, box.top(), beside, box.height()), _MIDDLE_RIGHT, counts[index]
            )

    def _index(self, at: QPointF) -> int | None:
        if self._labels:
            index = int(at.y() // self._line())
            return index if 0 <= index < len(self._labels) else None
        area = self._area()
        if not self._counts or not area.left() <= at.x() < area.right():
            return None
        return int((at.x() - area.left()) / (area.width() / len(self._counts)))

    def _range(self, index: int) -> str:
        low, high = self._edges[index], self._edges[index + 1]
        if self._whole_bins:
            return self._show(low + 0.5)
        return (
            self._show(low)
            if low == high
            else tr("{low} to {high}").format(low=self._show(low), high=self._show(high))
        )

    def _area(self) -> QRectF:
        metrics = QFontMetrics(self._small_font())
        texts = [_short(count) for count in _ticks(max(self._counts, default=1), self._logarithmic)]
        left = max(metrics.horizontalAdvance(text) for text in texts) + 8
        top = metrics.height() / 2 + 1
        height = self.height() - top - metrics.height() - 6
        return QRectF(left, top, self.width() - left - 1, height)

    def _line(self) -> int:
        return self.fontMetrics().height() + 8

    def _small_font(self) -> QFont:
        return resized(self.font(), -1, 7.0)

    def _changed(self) -> None:
        describe(self, "; ".join(self.texts()))
        self.updateGeometry()
        self.update()


def _ticks(highest: int, logarithmic: bool) -> list[int]:
    """Return round counts from 0 to at most the highest."""
    if highest <= 0:
        return [0]
    if logarithmic:
        powers = [10**power for power in range(int(math.log10(highest)) + 1)]
        return [0, *powers[:: max(1, len(powers) // 4)]]
    size = 10 ** int(math.log10(highest))
    steps = (max(1, size * share // 10) for share in (2, 5, 10, 20))
    step = next((step for step in steps if highest / step <= 5), size * 2)
    return list(range(0, highest + 1, step))


def _short(count: int) -> str:
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= size:
            return f"{formatted(count / size, '.3g')}{letter}"
    return str(count)


_MIDDLE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_MIDDLE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
