"""A helper of the tests that use a dialog while the window waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog

D = TypeVar("D", bound=QDialog)


def in_dialog(kind: type[D], act: Callable[[D], object]) -> None:
    """Do something in the dialog that is about to open.

    A dialog that is closed before it was active becomes active afterwards, and keeps keys from
    the window.
    """

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind) and dialog.isActiveWindow():
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)
