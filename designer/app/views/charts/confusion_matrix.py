"""A confusion matrix as a heat map: rows actual, columns predicted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetrics, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.charts.chart_values import describe
from designer.app.views.charts.values_dialog import offer_values
from designer.app.widgets.direction import chart_painter, isolated
from designer.app.widgets.text_scale import resized, scaled
from designer.texts import filled, formatted, tr
from modules.contract.sheet import Sheet

_SMALLEST, _LABEL_WIDTH, _GAP = 48, 130, 2
_FLAT = 0.6
_FEW = 6
_CUT = 0.2
_SPOKEN = 7
"""Classes up to which each cell is read out."""
_WORST = 5
"""Cells that are read out of more."""


class ConfusionMatrix(QWidget):
    """Paints counts, or shares of each row; the stronger a color, the larger the share.

    Parameters
    ----------
    largest : int
        The widest that a cell gets, in device-independent pixels.
    flowing : bool
        Derive the height from the width, instead of filling the available height.
    """

    def __init__(
        self,
        classes: Sequence[str],
        counts: Sequence[Sequence[float]],
        *,
        largest: int = 120,
        flowing: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._classes = tuple(classes)
        self._counts: tuple[tuple[float, ...], ...] = ()
        self._percent = False
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(flowing)
        self._flowing, self._largest = flowing, largest
        self.setSizePolicy(policy)
        self.setAccessibleName(tr("Confusion matrix"))
        offer_values(self, self.values)
        self.show_counts(counts)

    def show_counts(self, counts: Sequence[Sequence[float]]) -> None:
        """Show other counts of the same classes."""
        self._counts = tuple(tuple(row) for row in counts)
        describe(self, self._summary())
        self.update()

    @Slot(bool)
    def set_percent(self, on: bool) -> None:
        """Show the share of each row instead of counts."""
        self._percent = on
        self.update()

    def text(self, actual: int, predicted: int) -> str:
        """Return what is written in a cell."""
        if self._percent:
            share = self.share(actual, predicted)
            return formatting.MISSING if share is None else formatted(share, ".1%")
        return formatting.grouped(self._counts[actual][predicted])

    def share(self, actual: int, predicted: int) -> float | None:
        """Return the part of a row's total in one of its cells; None of an empty row."""
        total = sum(self._counts[actual])
        return self._counts[actual][predicted] / total if total else None

    def sentence(self, actual: int, predicted: int) -> str:
        """Return a cell as text."""
        count = self._counts[actual][predicted]
        names = tr("actual {actual}, predicted {predicted}").format(
            actual=self._classes[actual], predicted=self._classes[predicted]
        )
        share = self.share(actual, predicted)
        part = "" if share is None else filled(tr(" ({share:.1%} of its row)"), share=share)
        return f"{names}: {formatting.grouped(count)}{part}"

    def rows(self) -> list[list[str]]:
        """Return the matrix as rows of text, for the clipboard."""
        head = [tr("Actual \\ Predicted"), *self._classes]
        body = [
            [name, *(self.text(actual, predicted) for predicted in self._indices)]
            for actual, name in enumerate(self._classes)
        ]
        return [head, *body]

    def values(self) -> Sheet:
        """Return a row for each actual class, with the counts of the predicted ones."""
        heads = (
            tr("Actual"),
            *(tr("Predicted {name}").format(name=name) for name in self._classes),
        )
        # Counts of weighted rows are fractions; those of whole rows are read without decimals.
        whole = all(float(count).is_integer() for row in self._counts for count in row)
        counted = [[int(n) if whole else n for n in row] for row in self._counts]
        lines = zip(self._classes, counted, strict=True)
        return Sheet(heads, tuple((name, *counts) for name, counts in lines))

    def _summary(self) -> str:
        """Return all cells of a small matrix; of a large one what is right, and the worst."""
        if len(self._classes) <= _SPOKEN:
            lines = ["; ".join(self.sentence(a, p) for p in self._indices) for a in self._indices]
            return ". ".join(lines)
        total = sum(map(sum, self._counts))
        right = sum(self._counts[index][index] for index in self._indices)
        share = f" ({formatted(right / total, '.1%')})" if total else ""
        found = tr("{count} of {total} rows").format(
            count=formatting.grouped(right), total=formatting.grouped(total)
        )
        parts = [
            tr("{number} classes, {found} are predicted right{share}").format(
                number=len(self._classes), found=found, share=share
            )
        ]
        wrong = [(a, p) for a in self._indices for p in self._indices if a != p]
        wrong = [(a, p) for a, p in wrong if self._counts[a][p]]
        wrong.sort(key=lambda cell: -self._counts[cell[0]][cell[1]])
        if wrong:
            worst = "; ".join(self.sentence(*cell) for cell in wrong[:_WORST])
            parts.append(tr("Most frequent errors: {worst}").format(worst=worst))
        return ". ".join(parts)

    def hasHeightForWidth(self) -> bool:
        """Return whether the height follows from the width."""
        return self._flowing

    def heightForWidth(self, width: int) -> int:
        """Return the height that the cells need."""
        cell = self._cell(width)
        return int(self._top(cell) + len(self._classes) * cell * _FLAT + 4)

    def sizeHint(self) -> QSize:
        """Return a size with room for the numbers."""
        width = int(self._left() + len(self._classes) * scaled(72) + 4)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the least size in which the numbers can be read."""
        count = len(self._classes)
        top = self._top(self._cell(self.width()))
        lowest = self.fontMetrics().height() + _GAP + 2
        return QSize(int(self._left() + count * scaled(_SMALLEST) + 4), int(top + count * lowest))

    def paintEvent(self, event: object) -> None:
        """Paint the matrix."""
        painter = chart_painter(self)
        colors = theme.current()
        cell = self._cell(self.width())
        tall, top = self._tall(), self._top(cell)
        muted, plain = QColor(colors.text_muted), QColor(colors.text)
        painter.setPen(muted)
        small = self._small()
        painter.setFont(small)
        line = QFontMetrics(small).height()
        width = cell * len(self._classes)
        painter.drawText(QRectF(self._left(), 0, width, line), _CENTRE, tr("Predicted"))
        painter.save()
        painter.translate(0, top + tall * len(self._classes))
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, tall * len(self._classes), line), _CENTRE, tr("Actual"))
        painter.restore()
        painter.setFont(self.font())
        metrics = self.fontMetrics()
        upright = self._upright(cell)
        for index, name in enumerate(self._classes):
            painter.setPen(plain)
            left = self._left() + index * cell
            title = QRectF(left, line + 2, cell, top - line - 6)
            self._paint_title(painter, title, upright, name)
            room = self._left() - line - 8
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(room))
            box = QRectF(line + 4, top + index * tall, room, tall)
            where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, where, isolated(shown))
        for actual in self._indices:
            for predicted in self._indices:
                self._paint_cell(painter, actual, predicted, cell, tall)

    def event(self, event: QEvent) -> bool:
        """Show a tooltip for a cell or the name of a class."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self._tip(event.pos())
            QToolTip.showText(event.globalPos(), formatting.tooltip(text) if text else "", self)
            return True
        return super().event(event)

    def _paint_title(self, painter: QPainter, box: QRectF, upright: bool, name: str) -> None:
        """Paint the name of a column, from below upwards where that is narrower."""
        room = box.height() if upright else box.width() - 6
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room))
        if not upright:
            painter.drawText(box, _CENTRE, isolated(shown))
            return
        painter.save()
        painter.translate(box.left(), box.bottom())
        painter.rotate(-90)
        where = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, 0, box.height(), box.width()), where, shown)
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, actual: int, predicted: int, wide: float, tall: float
    ) -> None:
        colors = theme.current()
        box = QRectF(
            self._left() + predicted * wide + _GAP / 2,
            self._top(wide) + actual * tall + _GAP / 2,
            wide - _GAP,
            tall - _GAP,
        )
        share = self.share(actual, predicted) or 0.0
        right = actual == predicted
        fill = QColor(colors.accent if right else colors.series[0])
        ground = QColor(colors.window)
        strength = 0.08 + 0.92 * share if share else 0.0
        mixed = QColor.fromRgbF(
            *(
                low + (high - low) * strength
                for low, high in zip(ground.getRgbF()[:3], fill.getRgbF()[:3], strict=True)
            )
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(mixed)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(_readable(mixed))
        usual = QFont(self.font())
        usual.setBold(right)
        text = self.text(actual, predicted)
        font, less, most = usual, 0.0, QFontInfo(usual).pointSizeF() - 6
        while less < most and QFontMetrics(font).horizontalAdvance(text) > box.width() - 4:
            less += 0.5
            font = resized(usual, -less, 6.0)
        painter.setFont(font)
        painter.drawText(box, _CENTRE, text)

    def _tip(self, at: QPoint) -> str:
        """Return the tooltip at a point; empty outside of the matrix."""
        cell, count = self._cell(self.width()), len(self._classes)
        predicted = int((at.x() - self._left()) // cell)
        actual = int((at.y() - self._top(cell)) // self._tall())
        if predicted >= count or actual >= count or (predicted < 0 and actual < 0):
            return ""
        if predicted < 0:
            return self._classes[actual]
        if actual < 0:
            return self._classes[predicted]
        text = self.sentence(actual, predicted)
        return text[:1].upper() + text[1:]

    @property
    def _indices(self) -> range:
        return range(len(self._classes))

    def _cell(self, width: int) -> float:
        count = max(len(self._classes), 1)
        wanted = min((width - self._left() - 2) / count, scaled(self._largest))
        return max(wanted, scaled(_SMALLEST))

    def _tall(self) -> float:
        cell = self._cell(self.width())
        room = (self.height() - self._top(cell) - 2) / max(len(self._classes), 1)
        return min(cell * _FLAT, room)

    def _left(self) -> float:
        return QFontMetrics(self._small()).height() + 14 + min(self._widest(), scaled(_LABEL_WIDTH))

    def _top(self, cell: float) -> float:
        titles = float(self.fontMetrics().height())
        if self._upright(cell):
            titles = min(self._widest(), scaled(_LABEL_WIDTH)) + 4.0
        return QFontMetrics(self._small()).height() + titles + 6

    def _widest(self) -> int:
        return max((self.fontMetrics().horizontalAdvance(n) for n in self._classes), default=0)

    def _upright(self, cell: float) -> bool:
        """Return whether names of columns are vertical: many classes with long names do.

        A few long ones are cut instead; upright names need the height of several rows.
        """
        metrics = self.fontMetrics()
        long = sum(metrics.horizontalAdvance(name) > cell - 6 for name in self._classes)
        return len(self._classes) > _FEW and long > len(self._classes) * _CUT

    def _small(self) -> QFont:
        return resized(self.font(), -1, 7.0)


def _readable(ground: QColor) -> QColor:
    """Return black or white, whichever is readable on a background."""
    parts = [
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in ground.getRgbF()[:3]
    ]
    luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    # Contrast with white against contrast with black (WCAG 2.1).
    white = 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05
    return QColor("#ffffff" if white else "#10151f")


_CENTRE = Qt.AlignmentFlag.AlignCenter
