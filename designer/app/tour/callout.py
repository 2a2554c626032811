"""A sentence beside a widget, with an arrow to it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.widgets.text_scale import text_scale
from designer.texts import tr

WIDTH = 270
"""Pixels of the text, at the usual size."""

ARROW, GAP, EDGE = 10, 3, 6
"""Pixels of the arrow, between it and the target, and to the edge of the window."""


class Callout(QWidget):
    """It is over its window, beside the target and never on it, and takes no focus by itself.

    Signals
    -------
    left
        The user leaves the tour.
    """

    left = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tourCallout")
        self._target = QRect()
        self._tip = QPoint()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.count = QLabel()
        self.close_button = QToolButton()
        self.close_button.setAutoRaise(True)
        self.close_button.setText(tr("Leave (Esc)"))
        self.close_button.setAccessibleName(tr("Leave the tour"))
        self.close_button.clicked.connect(self.left)
        foot = QHBoxLayout()
        foot.addWidget(self.count)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        margin = ARROW + 10
        layout.setContentsMargins(margin, margin, margin, margin - 4)
        layout.setSpacing(6)
        layout.addWidget(self.text)
        layout.addLayout(foot)
        theme.notifier().changed.connect(self._color)
        self._color()
        self.hide()

    def show_text(self, text: str, count: str, leave: str) -> None:
        """Set the sentence, the number of the step, and the text of the button."""
        self.text.setText(text)
        self.count.setText(count)
        self.close_button.setText(leave)
        self.setAccessibleName(text)
        self.setAccessibleDescription(count)

    def point_to(self, target: QRect) -> None:
        """Put it beside a rectangle of the window, on the side with room."""
        window = self.parentWidget()
        if window is None:
            return
        self.text.setFixedWidth(min(round(WIDTH * text_scale()), window.width() // 2))
        layout = self.layout()
        if layout is not None:
            layout.activate()
        size = self.sizeHint()
        place = beside(target, size, window.size())
        self._target = target
        if self.geometry() != place:
            self.setGeometry(place)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bubble and its arrow."""
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRect(QPoint(), self.size()).adjusted(ARROW, ARROW, -ARROW, -ARROW)
        path = QPainterPath()
        path.addRoundedRect(box, 8, 8)
        arrow = QPainterPath()
        arrow.addPolygon(self._arrow(box))
        arrow.closeSubpath()
        painter.setPen(QPen(QColor(colors.window), 1))
        painter.setBrush(QColor(colors.accent))
        painter.drawPath(path.united(arrow))

    def _arrow(self, box: QRect) -> QPolygonF:
        """Return the triangle from the edge of the box that is next to the target."""
        target = self._target.translated(-self.pos())
        middle = target.center()
        low, high = box.top() + 16, box.bottom() - 16
        y = min(max(middle.y(), low), high)
        x = min(max(middle.x(), box.left() + 16), box.right() - 16)
        if target.right() <= box.left():
            points = ((0, y), (box.left() + 1, y - ARROW), (box.left() + 1, y + ARROW))
        elif target.left() >= box.right():
            points = ((self.width(), y), (box.right(), y - ARROW), (box.right(), y + ARROW))
        elif target.bottom() <= box.top():
            points = ((x, 0), (x - ARROW, box.top() + 1), (x + ARROW, box.top() + 1))
        else:
            points = ((x, self.height()), (x - ARROW, box.bottom()), (x + ARROW, box.bottom()))
        return QPolygonF([QPointF(*point) for point in points])

    def _color(self) -> None:
        colors = theme.current()
        self.setStyleSheet(
            f"#tourCallout QLabel {{ color: {colors.on_accent}; background: transparent; }}"
            f"#tourCallout QToolButton {{ color: {colors.on_accent}; background: transparent;"
            f" border: 1px solid {colors.on_accent}; border-radius: 4px; padding: 2px 8px; }}"
            f"#tourCallout QToolButton:focus {{ color: {colors.accent};"
            f" background: {colors.on_accent}; }}"
        )


def beside(target: QRect, size: QSize, window: QSize) -> QRect:
    """Return where a box of a size is beside a target, within a window if there is room.

    On the right if it fits, otherwise below, on the left, or above; where none fits, on the
    side with the most room, and never over the target.
    """
    middle = target.center()
    x = min(max(middle.x() - size.width() // 2, EDGE), window.width() - size.width() - EDGE)
    y = min(max(middle.y() - size.height() // 2, EDGE), window.height() - size.height() - EDGE)
    sides = (
        (window.width() - target.right() - size.width(), QPoint(target.right() + 1 + GAP, y)),
        (window.height() - target.bottom() - size.height(), QPoint(x, target.bottom() + 1 + GAP)),
        (target.left() - size.width(), QPoint(target.left() - GAP - size.width(), y)),
        (target.top() - size.height(), QPoint(x, target.top() - GAP - size.height())),
    )
    fitting = [corner for room, corner in sides if room > GAP + EDGE]
    return QRect(fitting[0] if fitting else max(sides, key=lambda each: each[0])[1], size)
