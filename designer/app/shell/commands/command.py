"""A command and its conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from PySide6.QtGui import QKeySequence

from designer.texts import tr

_Handler = TypeVar("_Handler", bound=Callable[..., object])

_MARK = "command"


@dataclass(frozen=True)
class Command:
    """A command of the window.

    Parameters
    ----------
    id : str
        The name of its method.
    text : str
        As in menus; an ellipsis means that a dialog follows.
    keys : tuple of str
        Shortcuts, the first one shown.
    icon : str
        Name of an icon; empty for none.
    help : str
        One sentence for tooltip and command palette.
    needs : tuple of str
        Conditions that must be met; see :data:`CONDITIONS`.
    menus : tuple of str
        Positions in menus: a menu and a number each, as in ``"Edit 2.1"``. Entries are sorted
        by number; a separator is between integers.
    on_canvas : bool
        The shortcut works only while the canvas has the focus, because text fields use the
        same keys.
    label : callable, optional
        Returns the present text, from the object that has the method.
    checked : callable, optional
        Returns whether the switch is on; without it the command isn't a switch.
    obstacle : callable, optional
        Returns why it isn't available on this computer; empty if it is.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    help: str = ""
    needs: tuple[str, ...] = ()
    menus: tuple[str, ...] = ()
    on_canvas: bool = False
    label: Callable[[Any], str] | None = None
    checked: Callable[[Any], bool] | None = None
    obstacle: Callable[[Any], str] | None = None

    @property
    def title(self) -> str:
        """The text without its ellipsis."""
        return self.text.removesuffix("…")

    @cached_property
    def tooltip(self) -> str:
        """The text that explains the command, with its shortcut."""
        keys = self.shortcut_text()
        return f"{self.title} ({keys})" if keys else self.title

    def shortcut_text(self, *, every: bool = False) -> str:
        """Return the shortcut, or all of them, as the platform writes them."""
        native = QKeySequence.SequenceFormat.NativeText
        keys = [QKeySequence(key).toString(native) for key in self.keys]
        return ", ".join(keys if every else keys[:1])


CONDITIONS = {
    "pipeline": tr("a pipeline is open"),
    "content": tr("the pipeline isn't empty"),
    "selection": tr("something is selected"),
    "nodes": tr("a module is selected"),
    "one": tr("exactly one module is selected"),
    "result": tr("a module with a result is selected"),
    "group": tr("a group, or a module in one, is selected"),
    "plain": tr("a group that isn't a shared module is selected"),
    "shared": tr("a shared module is selected"),
    "idle": tr("no run is in progress"),
    "remote": tr("the pipeline runs on Azure ML"),
    "running": tr("a run is in progress"),
    "searching": tr("Automated ML is running, and has finished a trial"),
    "stoppable": tr("a chosen step waits or works"),
    "unfinished": tr("the last run failed or was canceled"),
    "undo": tr("there is a change to undo"),
    "redo": tr("there is a change to redo"),
    "ran": tr("the pipeline has been run completely"),
    "inference": tr("an inference pipeline is open"),
    "deployable": tr("the pipeline has been run, or is an inference pipeline"),
    "foreign": tr("it contains code or external data that wasn't entered here"),
    "tabs": tr("the window has several tabs"),
    "converted": tr("the inference pipeline was just created or updated"),
}
"""Conditions of commands, as they follow “only when”."""


def command(
    text: str,
    keys: str = "",
    *,
    help: str,
    icon: str = "",
    needs: str = "",
    menus: str | Sequence[str] = (),
    on_canvas: bool = False,
    label: Callable[[Any], str] | None = None,
    checked: Callable[[Any], bool] | None = None,
    obstacle: Callable[[Any], str] | None = None,
) -> Callable[[_Handler], _Handler]:
    """Declare that a method is a command; its name is the command's id.

    Several shortcuts or conditions are separated by spaces; for the rest see :class:`Command`.
    """

    def mark(method: _Handler) -> _Handler:
        vars(method)[_MARK] = Command(
            method.__name__,
            text,
            tuple(keys.split()),
            icon,
            help,
            tuple(needs.split()),
            (menus,) if isinstance(menus, str) else tuple(menus),
            on_canvas,
            label,
            checked,
            obstacle,
        )
        return method

    return mark


def declared(handler: object) -> list[Command]:
    """Return the commands of an object, in the order of its class."""
    kind = type(handler)
    if kind not in _declared:
        methods = (method for cls in kind.__mro__ for method in vars(cls).values())
        found = (getattr(method, _MARK, None) for method in methods if callable(method))
        _declared[kind] = [each for each in found if isinstance(each, Command)]
    return _declared[kind]


_declared: dict[type, list[Command]] = {}
"""By class: each window has the same, and most of them have thousands of Qt's methods."""
