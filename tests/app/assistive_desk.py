"""Helpers of the tests that use widgets as assistive technology does, without keys or a pointer."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget

NAME, DESCRIPTION = QAccessible.Text.Name, QAccessible.Text.Description
PRESS = QAccessibleActionInterface.pressAction()
TOGGLE = QAccessibleActionInterface.toggleAction()


def spoken(widget: QWidget) -> QAccessibleInterface:
    return QAccessible.queryAccessibleInterface(widget)


def children(found: QAccessibleInterface) -> list[QAccessibleInterface]:
    return [found.child(index) for index in range(found.childCount())]


def act(found: QAccessibleInterface, action: str = PRESS) -> None:
    """Do what assistive technology asks for, and let the window follow."""
    found.actionInterface().doAction(action)
    QApplication.processEvents()


def select_row(view: QWidget, name: str) -> None:
    """Select a row of a list or a box by its name."""
    cells = [each for each in children(spoken(view)) if each.text(NAME) == name]
    act(cells[0], TOGGLE)


def enter(field: QWidget, text: str) -> None:
    """Replace the text of a field."""
    found = spoken(field)
    length = found.textInterface().characterCount()
    found.editableTextInterface().replaceText(0, length, text)
    QApplication.processEvents()
