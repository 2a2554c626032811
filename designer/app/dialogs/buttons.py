"""The row of buttons of a dialog."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QStyle

Layout = QDialogButtonBox.ButtonLayout
Kind = QDialogButtonBox.StandardButton


def dialog_buttons(dialog: QDialog, *kinds: Kind) -> QDialogButtonBox:
    """Return buttons that accept and reject a dialog; by default OK and Cancel."""
    box = QDialogButtonBox()
    for kind in kinds or (Kind.Ok, Kind.Cancel):
        box.addButton(kind)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def in_usual_order(dialog: QDialog, *buttons: QPushButton) -> list[QPushButton]:
    """Return buttons in the order that they have in the dialogs of the system.

    Parameters
    ----------
    buttons : QPushButton
        Those that accept, before the one that rejects.
    """
    layout = dialog.style().styleHint(QStyle.StyleHint.SH_DialogButtonLayout)
    accept_last = (Layout.MacLayout.value, Layout.GnomeLayout.value)
    return list(reversed(buttons)) if layout in accept_last else list(buttons)
