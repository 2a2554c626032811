"""An icon on its own that follows the theme."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from designer.app.shell import theme
from designer.app.widgets.text_scale import scaled


class IconLabel(QWidget):
    """Paints an icon of the application.

    Parameters
    ----------
    size : int
        Edge in device-independent pixels, beside text of the usual size.
    color : str or callable
        As for :func:`designer.app.shell.theme.icon`, or a function that returns it.
    """

    def __init__(
        self,
        name: str,
        size: int,
        color: str | Callable[[], str] = "text_muted",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._name, self._size, self._color = name, size, color
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of the icon."""
        edge = scaled(self._size)
        return QSize(edge, edge)

    def paintEvent(self, event: object) -> None:
        """Paint the icon in the color of the current theme."""
        color = self._color if isinstance(self._color, str) else self._color()
        theme.icon(self._name, color).paint(QPainter(self), self.rect())
