"""Port types: the kinds of values at ports, and how they are shown.

This file, and what a specification is made of, doesn't import any data library.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

PortShape = Literal[
    "circle",
    "square",
    "diamond",
    "triangle",
    "triangle down",
    "hexagon",
    "star",
    "cross",
    "bar",
    "pillar",
    "bow",
]
"""What a port looks like on the canvas."""


@dataclass(frozen=True)
class PortType:
    """How the window, the command line and messages show a port type.

    Parameters
    ----------
    name : str
        The name of the class; unique.
    title : str
        As within a sentence, ``trained model`` for example.
    description : str
        One sentence of help.
    colors : tuple of str
        ``#rrggbb`` on a light and on a dark background.
    shape : str
        Of its ports on the canvas, for people to whom colors look alike.
    icon : str
        The name of an icon in the window.
    view : str
        The name of the window's view that shows such values.
    is_report : bool
        Small, and usually viewed after a run: a run on Azure ML downloads it first.
    has_rows : bool
        It can be split into batches of rows.
    """

    name: str
    title: str
    description: str = ""
    colors: tuple[str, str] = ("#5f6b7a", "#9aa7b8")
    shape: PortShape = "circle"
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
    """Base class of all values at ports; see :class:`modules.contract.Value`."""

    port_type: ClassVar[PortType] = PortType("Value", "value")

    def __init_subclass__(cls, *, title: str = "", **about: Any) -> None:
        super().__init_subclass__()
        if title:
            known = _port_types.get(cls.__name__)
            if known is not None and _home(known) != _home(cls):
                raise TypeError(
                    f"The port type “{cls.__name__}” is already defined in {known.__module__}."
                )
            cls.port_type = PortType(cls.__name__, title, **about)
            _port_types[cls.__name__] = cls


class AnyValue(PortValue, title="anything", description="A value of any type.", shape="hexagon"):
    """A port that accepts, or outputs, any type of value."""


def find_port_type(name: str) -> PortType | None:
    """Return a port type by its name; None if it isn't defined in any loaded module."""
    found = _port_types.get(name)
    return None if found is None else found.port_type


def type_phrase(type_name: str) -> str:
    """Return a port's :attr:`Port.type_name` as a phrase, ``a dataset or files`` for example."""
    return " or ".join(
        kind.phrase if (kind := find_port_type(name)) else name for name in type_name.split(" | ")
    )


def type_title(type_name: str) -> str:
    """Return a port's :attr:`Port.type_name` as a title, ``dataset or files`` for example."""
    return " or ".join(
        kind.title if (kind := find_port_type(name)) else name for name in type_name.split(" | ")
    )


def port_types() -> Mapping[str, type[PortValue]]:
    """Return the class of every defined port type by its name."""
    return dict(_port_types)


_WITHOUT_ARTICLE = ("anything", "files", "images")


def _home(kind: type[PortValue]) -> str:
    """Return where a class is; a user's own modules are reloaded under another package name."""
    top, _, rest = kind.__module__.partition(".")
    return rest.partition(".")[2] if top == "user_modules" else kind.__module__
