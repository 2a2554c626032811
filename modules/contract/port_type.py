"""Port types: what can leave or enter a port, and all that is shown of it.

This file, and what a specification is made of, imports no library that works with data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class PortType:
    """What the window, the command line and messages show of a port type.

    Parameters
    ----------
    name : str
        The name of the class; unique.
    title : str
        As it stands within a sentence, ``trained model`` for example.
    description : str
        One sentence of help.
    colors : tuple of str
        ``#rrggbb`` on a light and on a dark ground.
    icon : str
        The name of an icon of the window.
    view : str
        The name of the window's view that shows such values.
    is_report : bool
        Small, and what people look at after a run: a run on Azure ML brings it back first.
    has_rows : bool
        It can be taken apart into batches of rows.
    """

    name: str
    title: str
    description: str = ""
    colors: tuple[str, str] = ("#5f6b7a", "#9aa7b8")
    icon: str = "file"
    view: str = "general"
    is_report: bool = False
    has_rows: bool = False

    @property
    def phrase(self) -> str:
        """The title with its article, ``an evaluation`` for example."""
        if self.title in _WITHOUT_ARTICLE:
            return self.title
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"


_port_types: dict[str, type[PortValue]] = {}


class PortValue:
    """Base of everything that can leave or enter a port; see :class:`modules.contract.Value`."""

    port_type: ClassVar[PortType] = PortType("Value", "value")

    def __init_subclass__(cls, *, title: str = "", **about: Any) -> None:
        super().__init_subclass__()
        if title:
            known = _port_types.get(cls.__name__)
            if known is not None and _home(known) != _home(cls):
                raise TypeError(
                    f"The port type “{cls.__name__}” is defined in {known.__module__} already."
                )
            cls.port_type = PortType(cls.__name__, title, **about)
            _port_types[cls.__name__] = cls


class AnyValue(PortValue, title="anything", description="A value of any type."):
    """A port that accepts, or outputs, any type of value."""


def find_port_type(name: str) -> PortType | None:
    """Return a port type by its name; None if it isn't defined in any loaded module."""
    found = _port_types.get(name)
    return None if found is None else found.port_type


def port_types() -> Mapping[str, type[PortValue]]:
    """Return the class of every port type that is defined, by its name."""
    return dict(_port_types)


_WITHOUT_ARTICLE = ("anything", "files", "images")


def _home(kind: type[PortValue]) -> str:
    """Return where a class is; a user's own modules load anew under another package name."""
    top, _, rest = kind.__module__.partition(".")
    return rest.partition(".")[2] if top == "user_modules" else kind.__module__
