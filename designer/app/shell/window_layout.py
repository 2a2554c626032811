"""Where a window is on the screen, and how the panels in it are laid out."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QSize
from PySide6.QtWidgets import QWidget

from designer.app.shell.settings import Settings
from designer.app.shell.workbench import Workbench

SMALLEST = QSize(760, 480)
LARGEST = QSize(1920, 1200)
"""Maximum size of a first window."""

SHARE = 0.8
"""Share of the screen for a first window, if that is large enough."""

ENOUGH = QSize(1440, 900)

FRAME = QSize(8, 36)
"""About what the window system adds: borders and a title bar."""


def first_size(screen: QSize) -> QSize:
    """Return the size of a first window on a screen with so much free room."""
    wanted = (screen * SHARE).boundedTo(LARGEST).expandedTo(ENOUGH)
    return wanted.boundedTo(screen - FRAME).expandedTo(SMALLEST)


def place(window: QWidget, settings: Settings) -> None:
    """Restore the position of a window, or center it on the screen."""
    geometry = settings.state("geometry")
    if geometry is None or not window.restoreGeometry(geometry):
        room = window.screen().availableGeometry()
        frame = QRect(room.topLeft(), first_size(room.size()) + FRAME)
        frame.moveCenter(room.center())
        window.resize(frame.size() - FRAME)
        window.move(max(frame.left(), room.left()), max(frame.top(), room.top()))


def restore_panels(settings: Settings, workbench: Workbench) -> None:
    """Lay out the panels as they were."""
    states = [settings.state(name) for name in ("across", "down", "beside", "hidden")]
    if states[0] is not None:
        # What was left to the window has no state.
        workbench.restore(*(state or QByteArray() for state in states))


def remember(window: QWidget, settings: Settings, workbench: Workbench) -> None:
    """Store the position of a window for the next start."""
    settings.set_state("geometry", window.saveGeometry())
    for name, state in workbench.state().items():
        settings.set_state(name, state)
    settings.save()


def put_beside(other: QWidget, window: QWidget) -> None:
    """Let a window be as large as another and a little beside it, on the same screen."""
    area = window.screen().availableGeometry()
    size = window.size().boundedTo(area.size())
    other.resize(size)
    other.move(
        max(area.left(), min(window.x() + 40, area.right() + 1 - size.width())),
        max(area.top(), min(window.y() + 40, area.bottom() + 1 - size.height())),
    )
