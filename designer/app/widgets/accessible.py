"""What widgets are to a screen reader, where Qt doesn't know."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_alive: dict[int, QAccessibleInterface] = {}


def register(owner: QObject, interface: QAccessibleInterface) -> None:
    """Let Qt find the interface of an object.

    It isn't made by a factory, which PySide would ask about every object that there is. Qt
    deletes it when its object is destroyed; Python must neither do so before nor again.
    """
    name = id(interface)
    _alive[name] = interface
    QAccessible.registerAccessibleInterface(interface)
    # Qt's own slot was connected before this one.
    owner.destroyed.connect(lambda: _alive.pop(name, None))


def set_role(
    widget: QWidget, role: QAccessible.Role, press: Callable[[], object] | None = None
) -> None:
    """Give a widget that paints itself a role; by itself it has none.

    Parameters
    ----------
    press : callable, optional
        What pressing it does, which assistive technology offers as an action.

    Notes
    -----
    Methods of its class that are connected to signals must be declared with `Slot`: for others,
    PySide changes the class of the widget, and Qt makes another interface without the role.
    """
    register(widget, _RoleInterface(widget, role, press))


class _RoleInterface(QAccessibleWidget):
    def __init__(
        self, widget: QWidget, role: QAccessible.Role, press: Callable[[], object] | None
    ) -> None:
        super().__init__(widget, role)
        self._actions = _Actions(widget, press)

    def interface_cast(self, kind: QAccessible.InterfaceType) -> Any:
        """Return the actions; a null pointer for anything else."""
        # PySide takes None for the address of Python's None.
        if kind != QAccessible.InterfaceType.ActionInterface:
            return shiboken6.VoidPtr(0)
        address: Any = shiboken6.getCppPointer
        return shiboken6.VoidPtr(address(self._actions)[0])


class _Actions(QAccessibleActionInterface):
    """Going to a widget, and pressing it if that does something."""

    def __init__(self, widget: QWidget, press: Callable[[], object] | None) -> None:
        super().__init__()
        # Nothing else would keep a widget that has no parent.
        self._widget = weakref.ref(widget)
        self._press = press

    def actionNames(self) -> list[str]:
        """Return the actions, the usual one first."""
        names = [self.pressAction()] if self._press is not None else []
        return [*names, self.setFocusAction()]

    def doAction(self, name: str) -> None:
        """Go to the widget, and press it."""
        widget = self._widget()
        if widget is None:
            return
        widget.setFocus(Qt.FocusReason.OtherFocusReason)
        if name == self.pressAction() and self._press is not None:
            self._press()

    def keyBindingsForAction(self, name: str) -> list[str]:
        """Return none: keys are in the description."""
        return []
