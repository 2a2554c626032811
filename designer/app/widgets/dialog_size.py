"""Dialogs that are as large as their texts."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog

from designer.app.widgets.text_scale import scaled

_AROUND = 40
"""Pixels of the screen that are left for the frame of the system."""


def grow_to_fit(dialog: QDialog, width: int = 0) -> None:
    """Give a dialog that is about to be shown the room that its texts need, if the screen has it.

    Qt gives it two thirds of the screen at most, and cuts large text that needs more.

    Parameters
    ----------
    width : int
        Pixels that lines need at least, beside text of the usual size.
    """
    layout = dialog.layout()
    if layout is None:
        return
    room = dialog.screen().availableGeometry()
    wide = max(dialog.width(), layout.totalSizeHint().width(), scaled(width))
    wide = min(wide, room.width() - _AROUND)
    needed = max(layout.totalMinimumSize().height(), layout.totalHeightForWidth(wide))
    dialog.resize(wide, min(max(dialog.height(), needed), room.height() - _AROUND))
