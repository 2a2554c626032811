"""What can leave or enter a port: the base of every port type, and all that a type says of itself.

A port type is one class:

>>> @dataclass(frozen=True, eq=False)
... class Spectrum(Value, title="spectrum", icon="chart", colors=("#0a7a5a", "#5ad0a8")):
...     wavelengths: np.ndarray
...     unit: str

That suffices for it to be linked, stored, loaded, colored, described, and viewed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract.sheet import Sheet

Row = Mapping[str, Any]
"""One row as plain data: column name to number, string, bool, datetime or None."""

RowFunction = Callable[[Row], dict[str, Any]]
"""A row in, a row out, equal to the original on a table."""


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
    """

    name: str
    title: str
    description: str = ""
    colors: tuple[str, str] = ("#5f6b7a", "#9aa7b8")
    icon: str = "file"
    view: str = "general"
    is_report: bool = False

    @property
    def phrase(self) -> str:
        """The title with its article, ``an evaluation`` for example."""
        if self.title in _WITHOUT_ARTICLE:
            return self.title
        return f"{'an' if self.title[0] in 'aeiou' else 'a'} {self.title}"


_port_types: dict[str, type[Value]] = {}


class Value:
    """Base of everything that can leave or enter a port.

    A subclass with a ``title`` is a port type of its own; the other keywords are those of
    :class:`PortType`. A subclass without one is a kind of the type that it inherits from: a
    fitted scaling is a transformation, for example.

    The fields of a dataclass are stored as one readable JSON file, and numpy arrays among
    them as ``.npy`` files; a type that holds anything else overrides :meth:`save` and
    :meth:`load`.
    """

    port_type: ClassVar[PortType] = PortType("Value", "value")
    fields_file: ClassVar[str] = "fields.json"

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

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the value into an existing, empty folder.

        Returns
        -------
        dict
            What is shown of a stored value without opening it: by type ``rows``,
            ``columns``, ``title``, ``metrics``.
        """
        from modules.contract.stored_fields import write_fields

        write_fields(self, folder, self.fields_file)
        return {}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote.

        Raises
        ------
        OSError, ValueError, KeyError, TypeError
            If it is missing or damaged.
        ModuleError
            If it may not be read.
        """
        return cls(**cls.read_fields(folder))

    @classmethod
    def read_fields(cls, folder: Path) -> dict[str, Any]:
        """Return the stored fields as keyword arguments."""
        from modules.contract.stored_fields import read_fields

        return read_fields(folder, cls.fields_file)

    def describe(self) -> pd.DataFrame:
        """Return the value as a table for people: by default one row a field."""
        import pandas as pd

        names: list[str] = [each.name for each in fields(self)] if is_dataclass(self) else []
        rows = [(name, str(getattr(self, name))) for name in names]
        return pd.DataFrame(rows, columns=["name", "value"])

    def summary(self) -> Summary:
        """Return what views and ``designer show`` show, as plain data."""
        from modules.contract.sheet import Sheet

        return Summary(self.port_type.title, {"": Sheet.of(self.describe())})


@dataclass(frozen=True)
class Summary:
    """A value as plain data, which needs no library to be understood.

    Parameters
    ----------
    title : str
    sheets : mapping of str to Sheet
        Tables for people, by title.
    """

    title: str
    sheets: Mapping[str, Sheet]

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        tables = {title: sheet.to_json() for title, sheet in self.sheets.items()}
        return {"title": self.title, "tables": tables}


class AnyValue(Value, title="anything", description="A value of any type."):
    """A port that accepts, or outputs, any type of value."""


def find_port_type(name: str) -> PortType | None:
    """Return a port type by its name; None if it isn't defined in any loaded module."""
    found = _port_types.get(name)
    return None if found is None else found.port_type


def port_types() -> Mapping[str, type[Value]]:
    """Return the class of every port type that is defined, by its name."""
    return dict(_port_types)


_WITHOUT_ARTICLE = ("anything", "files", "images")


def _home(kind: type[Value]) -> str:
    """Return where a class is; a user's own modules load anew under another package name."""
    top, _, rest = kind.__module__.partition(".")
    return rest.partition(".")[2] if top == "user_modules" else kind.__module__
