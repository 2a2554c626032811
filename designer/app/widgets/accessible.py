"""What widgets are to a screen reader, where Qt doesn't know."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
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


def set_role(widget: QWidget, role: QAccessible.Role) -> None:
    """Give a widget that paints itself a role; by itself it has none.

    Methods of its class that are connected to signals must be declared with `Slot`: for others,
    PySide changes the class of the widget, and Qt makes another interface without the role.
    """
    register(widget, QAccessibleWidget(widget, role))
