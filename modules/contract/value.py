"""The base class of every port type, with what a type declares about itself.

A port type is one class:

>>> @dataclass(frozen=True, eq=False)
... class Spectrum(Value, title="spectrum", icon="chart", colors=("#0a7a5a", "#5ad0a8")):
...     wavelengths: np.ndarray
...     unit: str

This is sufficient for it to be linked, stored, loaded, colored, described, and viewed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from modules.contract.port_type import PortValue

if TYPE_CHECKING:
    import pandas as pd

    from modules.contract.sheet import Sheet

Row = Mapping[str, Any]
"""One row as plain data: column name to number, string, bool, datetime or None."""

RowFunction = Callable[[Row], dict[str, Any]]
"""Maps a row to a row, with the same result as on a table."""


class Value(PortValue):
    """Base class of all values at ports.

    A subclass with a ``title`` is a separate port type; the other keywords are those of
    :class:`modules.contract.port_type.PortType`. A subclass without one is a kind of the
    type that it inherits from: a fitted scaling is a transformation, for example.

    The fields of a dataclass are stored as one readable JSON file, and numpy arrays among
    them as ``.npy`` files; a type that contains anything else overrides :meth:`save` and
    :meth:`load`.
    """

    fields_file: ClassVar[str] = "fields.json"
    runs_code: ClassVar[bool] = False
    """Using such a value runs code of its author, which is stored in it."""

    @cached_property
    def contains_code(self) -> bool:
        """Whether using the value runs code that is stored in it, or in a value it consists of."""
        return self.runs_code or any(part.contains_code for part in _parts(self))

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the value into an existing, empty folder.

        Returns
        -------
        dict
            What is shown for a stored value without opening it: by type ``rows``,
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
            If reading it isn't allowed.
        """
        return cls(**cls.read_fields(folder))

    @classmethod
    def read_fields(cls, folder: Path) -> dict[str, Any]:
        """Return the stored fields as keyword arguments."""
        from modules.contract.stored_fields import read_fields

        return read_fields(folder, cls.fields_file)

    @classmethod
    def modules_named(cls, folder: Path) -> tuple[str, ...]:
        """Return the modules, besides its own, that are needed to read a stored value."""
        return ()

    def describe(self) -> pd.DataFrame:
        """Return the value as a table for display: by default one row per field."""
        import pandas as pd

        names: list[str] = [each.name for each in fields(self)] if is_dataclass(self) else []
        rows = [(name, str(getattr(self, name))) for name in names]
        return pd.DataFrame(rows, columns=["name", "value"])

    def summary(self) -> Summary:
        """Return what views and ``designer show`` show, as plain data."""
        from modules.contract.sheet import Sheet

        return Summary(self.port_type.title, {"": Sheet.of(self.describe())})

    def tables(self) -> Mapping[str, Sheet]:
        """Return what notebooks show, by title: by default that of :meth:`summary`."""
        return self.summary().tables()

    def charts(self) -> Mapping[str, str]:
        """Return charts that notebooks show below the tables: SVG by title."""
        return {}

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Return the value as IPython shows it."""
        from modules.contract.notebook_view import to_html, to_text

        tables = self.tables()
        return {"text/html": to_html(tables, self.charts()), "text/plain": to_text(tables)}


def _parts(content: object) -> Iterator[Value]:
    """Yield the values that a value consists of, in fields at any depth."""
    inner: Iterable[object] = ()
    if isinstance(content, Mapping):
        inner = content.values()
    elif isinstance(content, tuple | list):
        inner = content
    elif is_dataclass(content) and not isinstance(content, type):
        inner = [getattr(content, each.name) for each in fields(content)]
    for each in inner:
        if isinstance(each, Value):
            yield each
        else:
            yield from _parts(each)


@dataclass(frozen=True)
class Summary:
    """A value as plain data, readable without any library.

    Parameters
    ----------
    title : str
    sheets : mapping of str to Sheet
        Tables for display, by title.
    """

    title: str
    sheets: Mapping[str, Sheet]

    def tables(self) -> Mapping[str, Sheet]:
        """Return what notebooks show, by title: the sheets, and what isn't in them."""
        return self.sheets

    def to_json(self) -> dict[str, Any]:
        """Return what ``designer show --json`` prints."""
        tables = {title: sheet.to_json() for title, sheet in self.sheets.items()}
        return {"title": self.title, "tables": tables}
