"""A ring around a widget that paints itself, or scrolls, while it has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

from designer.app.shell import theme
from designer.app.widgets.accessible import set_role

_WIDTH = 2.0


def scroll_by_keys(area: QScrollArea, name: str) -> None:
    """Name an area that Tab reaches so that the arrow keys scroll it, and show its focus."""
    area.setAccessibleName(name)
    set_role(area, QAccessible.Role.Grouping)
    FocusRing(area)


class FocusRing(QWidget):
    """Shows the focus of its parent, unless a click has put it there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the focus and the size of the parent."""
        if isinstance(event, QFocusEvent):
            clicked = event.reason() == Qt.FocusReason.MouseFocusReason
            self._show(event.gotFocus() and not clicked)
        elif event.type() == QEvent.Type.Resize and self.isVisible():
            self._show(True)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ring."""
        painter = QPainter(self)
        painter.setPen(QPen(QColor(theme.current().accent), _WIDTH))
        half = _WIDTH / 2
        painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))

    def _show(self, on: bool) -> None:
        parent = self.parentWidget()
        if on and parent is not None:
            self.setGeometry(parent.rect())
            self.raise_()
        self.setVisible(on)
