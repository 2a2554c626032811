"""The schema of the rows of a request; validation doesn't need any library."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modules.contract.data_table import Role
from modules.contract.errors import ModuleError
from modules.requests.values import (
    KIND_TITLES,
    LONGEST_NAME,
    RequestColumn,
    check_of,
    near,
    shortened,
)

CELLS = 10_000_000
"""Maximum rows of a request times their columns, sent or not: a table has all of them."""


@dataclass(frozen=True)
class RequestSchema:
    """The columns of the rows of an input.

    Parameters
    ----------
    columns : tuple of RequestColumn
        Empty: rows aren't validated.
    unseen : str
        ``refuse`` or ``accept`` a value that isn't among the known ones.
    """

    columns: tuple[RequestColumn, ...]
    unseen: str = "refuse"
    _checks: dict[str, Callable[[Any], Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _needed: tuple[str, ...] = field(default=(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        checks = {column.name: check_of(column, self.unseen) for column in self.columns}
        object.__setattr__(self, "_checks", checks)
        needed = tuple(column.name for column in self.columns if not column.optional)
        object.__setattr__(self, "_needed", needed)

    @classmethod
    def from_json(
        cls, columns: Iterable[Mapping[str, Any]], unseen: str = "refuse"
    ) -> RequestSchema:
        """Read the columns of a Web Service Input.

        Raises
        ------
        ModuleError
            If an entry isn't valid.
        """
        found = []
        for plain in columns:
            try:
                values = plain.get("values")
                column = RequestColumn(
                    str(plain["name"]),
                    str(plain["kind"]),
                    bool(plain.get("missing", False)),
                    bool(plain.get("optional", False)),
                    None if values is None else tuple(values),
                    str(plain.get("zone", "")),
                    str(plain.get("role", Role.FEATURE)),
                )
            except (KeyError, TypeError, AttributeError):
                column = RequestColumn("", "")
            if column.kind not in KIND_TITLES:
                raise ModuleError(
                    "bad-columns",
                    "An entry of the columns doesn't have a name or a known kind.",
                    f"Use one of the kinds {', '.join(KIND_TITLES)}.",
                    parameter="columns",
                )
            found.append(column)
        return cls(tuple(found), unseen)

    def to_json(self) -> list[dict[str, Any]]:
        """Return the columns as in a Web Service Input."""
        return [column.to_json() for column in self.columns]

    def read(self, rows: Any) -> list[dict[str, Any]]:
        """Validate rows and return them with values of the right types.

        Parameters
        ----------
        rows : list of dict
            As parsed from JSON.

        Returns
        -------
        list of dict
            int, float, bool, str, datetime or None, in the order of the columns; an
            optional column is present only if it was sent.

        Raises
        ------
        ModuleError
            For the first problem; it names the column, and the row if there are several.
        """
        if not isinstance(rows, Sequence) or isinstance(rows, (str, bytes)):
            raise ModuleError(
                "not-rows",
                "The input isn't a list of rows.",
                "Send a list with one object per row.",
            )
        if not rows:
            raise ModuleError(
                "no-rows", "The input doesn't have any rows.", "Send at least one row."
            )
        found = [self._read(row, index, len(rows)) for index, row in enumerate(rows)]
        columns: Collection[str] = self._checks or {name for row in found for name in row}
        if len(rows) * len(columns) > CELLS:
            raise ModuleError(
                "too-many-rows",
                f"{len(rows):,} rows of {len(columns):,} columns are too many for one request.",
                "Send fewer rows at a time, or score a file.",
            )
        return found

    def _read(self, row: Any, index: int, count: int) -> dict[str, Any]:
        checks = self._checks
        result = {}
        try:
            if not isinstance(row, Mapping):
                raise _not_a_row()
            if not checks:
                return dict(row)
            for name, value in row.items():
                if name not in checks:
                    raise self._extra(name, row)
                result[name] = checks[name](value)
            if len(result) < len(checks):
                for name in self._needed:
                    if name not in result:
                        raise self._absent(name)
        except ModuleError as error:
            raise _in_row(error, index, count) from None
        return result

    def _extra(self, name: Any, row: Mapping[str, Any]) -> ModuleError:
        absent = [known for known in self._checks if known not in row]
        return ModuleError(
            "column-unknown",
            f"column “{shortened(name)}” doesn't exist.",
            near(name, absent) or "Remove it.",
            column=str(name)[:LONGEST_NAME],
        )

    def _absent(self, name: str) -> ModuleError:
        kind = next(column.kind for column in self.columns if column.name == name)
        return ModuleError(
            "column-missing",
            f"column “{name}” is missing.",
            f"Send {KIND_TITLES[kind]} for it.",
            column=name,
        )


def _not_a_row() -> ModuleError:
    return ModuleError(
        "not-a-row",
        "the row isn't an object with one value per column.",
        'Send rows such as {"column": 1}.',
    )


def _in_row(error: ModuleError, index: int, count: int) -> ModuleError:
    if count > 1:
        message = f"Row {index + 1}: {error.message}"
    else:
        message = error.message[:1].upper() + error.message[1:]
    return ModuleError(error.code, message, error.hint, column=error.column)
