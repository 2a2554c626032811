"""Where the main window stands on the screen, and how its panels are laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRect, QSize

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow

SMALLEST = QSize(760, 480)
LARGEST = QSize(1920, 1200)
"""Of a first window: on a larger screen it would only be empty."""

SHARE = 0.8
"""Of the screen that a first window takes, where that is enough to work in."""

ENOUGH = QSize(1440, 900)

FRAME = QSize(8, 36)
"""About what the window system adds: borders and a title bar."""


def first_size(screen: QSize) -> QSize:
    """Return the size of a first window on a screen with so much free room."""
    wanted = (screen * SHARE).boundedTo(LARGEST).expandedTo(ENOUGH)
    return wanted.boundedTo(screen - FRAME).expandedTo(SMALLEST)


def restore(window: MainWindow) -> None:
    """Put a window where it was when it was closed, or in the middle of the screen."""
    window.setMinimumSize(SMALLEST)
    settings = window.settings
    geometry = settings.state("geometry")
    if geometry is None or not window.restoreGeometry(geometry):
        room = window.screen().availableGeometry()
        frame = QRect(room.topLeft(), first_size(room.size()) + FRAME)
        frame.moveCenter(room.center())
        window.resize(frame.size() - FRAME)
        window.move(max(frame.left(), room.left()), max(frame.top(), room.top()))
    across, down = settings.state("across"), settings.state("down")
    if across is not None and down is not None:
        window.workbench.restore(across, down, settings.state("hidden") or QByteArray())


def remember(window: MainWindow) -> None:
    """Keep where a window is, for the next start."""
    window.settings.set_state("geometry", window.saveGeometry())
    for name, state in window.workbench.state().items():
        window.settings.set_state(name, state)
    window.settings.save()
