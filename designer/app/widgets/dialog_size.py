"""Dialogs that are as large as their texts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QWidget

from designer.app.widgets.text_scale import scaled

_AROUND = 40
"""Pixels of the screen that are left for the frame of the system."""


def usual_size(dialog: QWidget, width: int, height: int = 0) -> None:
    """Give a dialog a size in pixels of the usual text, or as much as the screen has.

    When it is shown, it grows to what its texts need: Qt gives it two thirds of the screen at
    most, and cuts large text that needs more.

    Parameters
    ----------
    height : int
        Without it, the dialog is as high as its content, and no narrower than ``width``.
    """
    room = _room(dialog)
    size = QSize(scaled(width), scaled(height)).boundedTo(room)
    if height:
        dialog.resize(size)
    else:
        dialog.setMinimumWidth(size.width())
    _Grower(dialog)


def fit(dialog: QWidget) -> None:
    """Let a dialog become as large as what it shows now, if the screen has the room."""
    dialog.adjustSize()
    _grow(dialog)


def _grow(dialog: QWidget) -> None:
    layout = dialog.layout()
    if layout is None:
        return
    room = _room(dialog)
    wide = min(max(dialog.width(), layout.totalSizeHint().width()), room.width())
    asked = layout.totalHeightForWidth(wide)
    if asked < 0:
        asked = layout.totalSizeHint().height()
    needed = max(layout.totalMinimumSize().height(), asked)
    dialog.resize(wide, min(max(dialog.height(), needed), room.height()))


class _Grower(QObject):
    """Lets a dialog grow when it is about to be shown."""

    def __init__(self, dialog: QWidget) -> None:
        super().__init__(dialog)
        dialog.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See Qt."""
        if event.type() == QEvent.Type.Show and not event.spontaneous():
            assert isinstance(watched, QWidget)
            _grow(watched)
        return False


def _room(dialog: QWidget) -> QSize:
    return dialog.screen().availableGeometry().size() - QSize(_AROUND, _AROUND)
