"""Temporary overlays of the canvas: the drop outline, a message, a hint."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QLabel, QWidget

from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.app.canvas.items.palette import CORNER, current_palette
from designer.app.shell import theme
from designer.app.widgets.text_scale import scaled
from designer.texts import tr


class Ghost(QGraphicsItem):
    """The outline of a card that would be added here."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(950)
        self.setVisible(False)

    def boundingRect(self) -> QRectF:
        """Return what is painted."""
        return QRectF(-2, -2, WIDTH + 4, HEIGHT + 4)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        """Paint it."""
        palette = current_palette()
        fill = QColor(palette.accent)
        fill.setAlpha(36)
        painter.setPen(QPen(palette.accent, 1.6, Qt.PenStyle.DashLine))
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(0, 0, WIDTH, HEIGHT), CORNER, CORNER)


class FocusLine(QWidget):
    """A line at the top of the canvas while keys go there because of Tab."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def lay_out(self, width: int) -> None:
        """Fit the width of the canvas."""
        self.setGeometry(0, 0, width, 2)

    def paintEvent(self, event: Any) -> None:
        """Paint it."""
        QPainter(self).fillRect(self.rect(), current_palette().accent)


class Bubble(QLabel):
    """A sentence beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setWordWrap(False)
        self.setObjectName("canvas-bubble")
        self.hide()

    def show_text(
        self,
        text: str,
        point: QPointF,
        good: bool = False,
        beside: Sequence[QRectF] = (),
    ) -> None:
        """Show a sentence near a point of the parent; an empty one hides it.

        Parameters
        ----------
        beside : sequence of QRectF
            What is to be read too, in the parent: the sentence is on none of it.
        """
        if not text:
            self.hide()
            return
        colors = theme.current()
        edge = colors.success if good else colors.error
        self.setStyleSheet(
            f"#canvas-bubble {{ background: {colors.raised}; color: {colors.text};"
            f" border: 1px solid {edge}; border-radius: 6px; padding: 4px 8px; }}"
        )
        self.setText(text)
        self.adjustSize()
        room = QRectF(self._room.rect()).adjusted(6, 6, -6, -6)
        x = max(min(point.x() + 16, room.right() - self.width()), room.left())
        below = [point.y() + 18, *sorted(box.bottom() + 6 for box in beside)]
        above = [point.y() - 12, *sorted((box.top() - 6 for box in beside), reverse=True)]
        tops = [y for y in below if y >= point.y() + 18]
        tops += [y - self.height() for y in above if y <= point.y() - 12]
        shapes = [QRectF(x, y, self.width(), self.height()) for y in tops]
        inside = [shape for shape in shapes if room.contains(shape)] or shapes
        free = [one for one in inside if not any(one.intersects(box) for box in beside)]
        self.move((free or inside)[0].topLeft().toPoint())
        self.show()
        self.raise_()


class Hint(QLabel):
    """What to do with an empty canvas."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        theme.notifier().changed.connect(self._write)
        self._write()

    def _write(self) -> None:
        colors = theme.current()
        title = html.escape(tr("Build a pipeline"))
        how = tr(
            "Drag a module from the palette or a data file here,\nor type the name of a module."
        )
        lines = "<br>".join(html.escape(how).split("\n"))
        self.setText(
            f'<p style="color:{colors.text}; font-size:{scaled(17)}px; font-weight:600;'
            f' margin-bottom:8px">{title}</p>'
            f'<p style="color:{colors.text_muted}; font-size:{scaled(13)}px; line-height:150%">'
            f"{lines}</p>"
        )
