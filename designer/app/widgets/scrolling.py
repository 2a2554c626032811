"""Areas that take less room than their content asks for; the first one scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QStyle, QVBoxLayout, QWidget

_LINES = 4
"""Lines of text that are seen at least."""


class TallArea(QScrollArea):
    """As wide as its content asks for at least, and as high where there is room.

    Parameters
    ----------
    content : QLayout or QWidget, optional
        Without margins, if it is a layout; may be set later.
    """

    def __init__(
        self, content: QLayout | QWidget | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Its fields scroll it when they get the focus.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if isinstance(content, QLayout):
            inner = QWidget()
            content.setContentsMargins(0, 0, 0, 0)
            inner.setLayout(content)
            self.setWidget(inner)
        elif content is not None:
            self.setWidget(content)

    def sizeHint(self) -> QSize:
        """Return the size at which nothing is scrolled."""
        inner = self.widget()
        return super().sizeHint() if inner is None else self._with_bar(inner.sizeHint())

    def minimumSizeHint(self) -> QSize:
        """Return the width of the content, and the height of some lines."""
        inner = self.widget()
        if inner is None:
            return super().minimumSizeHint()
        least = self._with_bar(inner.minimumSizeHint())
        return QSize(least.width(), min(least.height(), self.fontMetrics().lineSpacing() * _LINES))

    def hasHeightForWidth(self) -> bool:
        """Lines of text that wrap ask for a height by their width."""
        inner = self.widget()
        return inner is not None and inner.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """Return the height at which nothing is scrolled."""
        inner = self.widget()
        if inner is None:
            return -1
        return max(inner.heightForWidth(width), inner.minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask for more room as soon as the content needs it."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _with_bar(self, size: QSize) -> QSize:
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return size + QSize(bar, 0)


class LowArea(QWidget):
    """As high as there is room, not as its content asks for: pyqtgraph's charts ask for more."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(content)

    def sizeHint(self) -> QSize:
        """Return the least size."""
        return self.minimumSize()
