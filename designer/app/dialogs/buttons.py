"""The row of buttons of a dialog."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox

Kind = QDialogButtonBox.StandardButton


def dialog_buttons(dialog: QDialog, *kinds: Kind) -> QDialogButtonBox:
    """Return buttons that accept and reject a dialog; by default OK and Cancel."""
    box = QDialogButtonBox()
    for kind in kinds or (Kind.Ok, Kind.Cancel):
        box.addButton(kind)
    without_icons(box)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def without_icons(box: QDialogButtonBox | QMessageBox) -> None:
    """Remove the style's own icons, which don't match any theme."""
    for button in box.buttons():
        button.setIcon(QIcon())
