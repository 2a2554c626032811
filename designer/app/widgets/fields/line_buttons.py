"""Buttons and icons inside of a line for text, each with a name for a screen reader."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QLineEdit

from designer.texts import tr


def add_icon(field: QLineEdit, icon: QIcon) -> QAction:
    """Put an icon at the beginning of a field; Qt makes a button of it, which goes to the field."""
    action = QAction(icon, tr("Go to the field"), field)
    action.triggered.connect(lambda: field.setFocus())
    field.addAction(action, QLineEdit.ActionPosition.LeadingPosition)
    return action


def let_clear(field: QLineEdit) -> None:
    """Let a field be cleared by a button at its end."""
    before = set(field.actions())
    field.setClearButtonEnabled(True)
    for action in {*field.actions(), *field.findChildren(QAction)} - before:
        action.setText(tr("Clear"))


def add_enter_button(
    field: QLineEdit, icon: QIcon, text: str, act: Callable[[], object]
) -> QAction:
    """Put a button into a search field that does what Enter does.

    Parameters
    ----------
    text : str
        What it does, for the tooltip and a screen reader.

    Returns
    -------
    QAction
        To hide it where there is nothing to choose.
    """
    action = QAction(icon, text, field)
    action.triggered.connect(lambda: act())
    field.addAction(action, QLineEdit.ActionPosition.TrailingPosition)
    return action
