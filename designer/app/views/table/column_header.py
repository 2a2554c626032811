"""The header of a table: name, kind, role and a small chart of each column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.widgets.text_scale import resized, scaled
from designer.engine.column_statistics import ColumnProfile
from designer.texts import filled, formatted, tr
from modules.contract.columns import Column

KIND_MARKS = {
    "integer": "123",
    "number": "1.5",
    "boolean": "T/F",
    "string": "abc",
    "datetime": "date",
    "categorical": "cat",
}
"""Short marks for the kinds of columns."""

_CHART, _PADDING, _GAP = 34, 8, 4


class ColumnHeader(QHeaderView):
    """Paints the details of each column; more appears as profiles arrive.

    Attributes
    ----------
    profiles : dict of str to ColumnProfile
        By the names of columns.
    """

    column_clicked = Signal(int)
    column_double_clicked = Signal(int)

    def __init__(self, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = columns
        self.profiles: dict[str, ColumnProfile] = {}
        self._current = -1
        self._sorted: tuple[int, bool] | None = None
        self._pressed = -1
        self.setHighlightSections(False)
        # Qt's own clicks select the whole column, a second for a million rows.
        self.setSectionsClickable(False)
        self.setSectionsMovable(False)
        self.setMouseTracking(True)
        self.setResizeContentsPrecision(50)
        self.setMinimumSectionSize(56)
        self.setAccessibleName(tr("Columns"))

    def add_profiles(self, profiles: Sequence[ColumnProfile]) -> None:
        """Draw the charts of these columns from now on."""
        self.profiles |= {profile.name: profile for profile in profiles}
        self.viewport().update()

    def set_current(self, section: int) -> None:
        """Mark the column whose statistics are shown."""
        self._current = section
        self.viewport().update()

    def set_sorted(self, section: int | None, descending: bool = False) -> None:
        """Show the arrow of the order on a column, or on none."""
        self._sorted = None if section is None else (section, descending)
        self.viewport().update()

    @property
    def is_sorted(self) -> bool:
        """Whether the rows are ordered by a column."""
        return self._sorted is not None

    def sizeHint(self) -> QSize:
        """Return a height with room for the name, the marks and the chart."""
        small = QFontMetrics(self._small_font()).height()
        lines = self.fontMetrics().height() + small + 2
        return QSize(100, lines + _CHART + 2 * _PADDING + 2 * _GAP)

    def sectionSizeFromContents(self, section: int) -> QSize:
        """Return a width with room for the name, within bounds."""
        (width,) = self.widths(self._columns[section : section + 1])
        return QSize(width, self.sizeHint().height())

    def widths(self, columns: Sequence[Column] | None = None) -> list[int]:
        """Return widths with room for the names of these columns, or of all, within bounds."""
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetrics(bold)
        asked = self._columns if columns is None else columns
        # Of a longer name no more is shown anyway.
        needed = (metrics.horizontalAdvance(column.name[:60]) for column in asked)
        least, most, arrow = scaled(96), scaled(260), scaled(16)
        return [min(max(width + 2 * _PADDING + arrow, least), most) for width in needed]

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Paint one column's header."""
        colors = theme.current()
        column = self._columns[section]
        painter.save()
        painter.setClipRect(rect)
        chosen = section == self._current
        painter.fillRect(rect, QColor(colors.chosen if chosen else colors.window))
        painter.setPen(QColor(colors.border))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        inner = rect.adjusted(_PADDING, _PADDING, -_PADDING, -_PADDING)
        self._paint_name(painter, inner, section, column.name)
        top = inner.top() + self.fontMetrics().height() + _GAP
        below = self._paint_marks(painter, QRect(inner.left(), top, inner.width(), 0), column)
        chart = QRectF(inner.left(), below + _GAP, inner.width(), inner.bottom() - below - _GAP + 1)
        self._paint_chart(painter, chart, column)
        painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click began; a drag on a border resizes."""
        left = event.button() == Qt.MouseButton.LeftButton
        on_border = self.viewport().cursor().shape() == Qt.CursorShape.SplitHCursor
        at = event.position().toPoint()
        self._pressed = self.logicalIndexAt(at) if left and not on_border else -1
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Signal a click that ended on the column where it began."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, -1
        if pressed >= 0 and self.logicalIndexAt(event.position().toPoint()) == pressed:
            self.column_clicked.emit(pressed)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Signal a double click on a column, or fit the one whose border it hit."""
        at = event.position().toPoint()
        if self.viewport().cursor().shape() == Qt.CursorShape.SplitHCursor:
            super().mouseDoubleClickEvent(event)
        elif event.button() == Qt.MouseButton.LeftButton and self.logicalIndexAt(at) >= 0:
            self.column_double_clicked.emit(self.logicalIndexAt(at))

    def _paint_name(self, painter: QPainter, inner: QRect, section: int, name: str) -> None:
        colors = theme.current()
        height = self.fontMetrics().height()
        width = inner.width()
        if self._sorted is not None and self._sorted[0] == section:
            icon = "arrow-down" if self._sorted[1] else "arrow-up"
            edge = scaled(14)
            image = theme.pixmap(icon, edge, colors.accent, self.devicePixelRatioF())
            at = QPoint(inner.right() + 1 - edge, inner.top() + (height - edge) // 2)
            painter.drawPixmap(at, image)
            width -= edge + 4
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(colors.text))
        text = QFontMetrics(bold).elidedText(name, Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(
            QRect(inner.left(), inner.top(), width, height),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            text,
        )

    def _paint_marks(self, painter: QPainter, line: QRect, column: Column) -> int:
        """Paint kind, role, and what is missing; return the bottom of the line."""
        colors = theme.current()
        small = self._small_font()
        metrics = QFontMetrics(small)
        line.setHeight(metrics.height() + 2)
        painter.setFont(small)
        marks = [(KIND_MARKS.get(column.kind, column.kind), colors.text_muted)]
        if column.role != "feature":
            marks.append((column.role, colors.accent))
        left = line.left()
        for text, color in marks:
            width = metrics.horizontalAdvance(text) + 8
            box = QRectF(left + 0.5, line.top() + 0.5, width, line.height() - 1)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(colors.border if color == colors.text_muted else color))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(QColor(color))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            left += width + 4
        profile = self.profiles.get(column.name)
        if profile and profile.missing:
            text = tr("{percent} missing").format(percent=_percent(profile.missing / profile.rows))
            if metrics.horizontalAdvance(text) <= line.right() - left:
                painter.setPen(QColor(colors.text_muted))
                painter.drawText(
                    QRect(left, line.top(), line.right() - left + 1, line.height()),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                    text,
                )
        return line.bottom()

    def _paint_chart(self, painter: QPainter, area: QRectF, column: Column) -> None:
        colors = theme.current()
        profile = self.profiles.get(column.name)
        base = QColor(colors.border)
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), base)
        if profile is None:
            return
        if not profile.bars or (profile.top and profile.top[0][1] == 1 and profile.unique > 10):
            text = (
                tr("no values")
                if not profile.bars
                else filled(tr("{unique:,} different"), unique=profile.unique)
            )
            painter.setFont(self._small_font())
            painter.setPen(QColor(colors.text_muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
            return
        numeric = not profile.top
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        color = QColor(colors.accent if numeric else colors.series[2])
        color.setAlphaF(0.75)
        highest = max(profile.bars)
        gap = 1.0 if numeric else 3.0
        step = min(area.width() / len(profile.bars), 28.0 if not numeric else area.width())
        for index, count in enumerate(profile.bars):
            height = max(area.height() * count / highest, 1.0) if count else 0.0
            left = round(area.left() + index * step)
            right = round(area.left() + (index + 1) * step - gap)
            bar = QRectF(left, area.bottom() - height, max(right - left, 1), height)
            painter.fillRect(bar, color)

    def _small_font(self) -> QFont:
        font = resized(self.font(), -1.5, 7.0)
        font.setBold(False)
        return font


def _percent(share: float) -> str:
    return (
        "<" + formatted(0.01, ".0%")
        if share < 0.01
        else formatted(min(share, 0.99) if share < 1 else 1, ".0%")
    )


def describe_chart(profile: ColumnProfile) -> str:
    """Return a sentence that describes the small chart."""
    if profile.top:
        named = ", ".join(f"{text} ({formatted(count)})" for text, count in profile.top[:3])
        return tr("Most frequent values: {named}").format(named=named)
    if profile.minimum is None:
        return tr("No values")
    show = formatting.moment if profile.kind == "datetime" else formatting.grouped
    return tr("From {low} to {high}").format(low=show(profile.minimum), high=show(profile.maximum))
