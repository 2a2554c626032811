"""A column of a request, and its values: validated and converted, or rejected with an error.

Validation doesn't need any library.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from modules.contract.data_table import Role
from modules.contract.errors import ModuleError

KIND_TITLES = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "string": "a text",
    "datetime": "a date and time such as 2024-05-31T14:30:00",
    "categorical": "a category",
}

LONGEST_NAME = 200
"""Maximum characters of an unknown name in an error."""

_SHOWN = 80

_EXACT = 2**63

_LARGEST_OFFSET = timedelta(hours=16)
"""No time zone has been further from UTC."""


@dataclass(frozen=True)
class RequestColumn:
    """A column of a request.

    Parameters
    ----------
    kind : str
        As in :data:`modules.contract.columns.KINDS`.
    missing : bool
        It may be null.
    optional : bool
        It may be omitted: the prediction doesn't depend on it.
    values : tuple or None
        The known values of a column with few; None if there is no such list.
    zone : str
        The time zone of a datetime column; empty for none.
    role : str
        As in :class:`modules.contract.Role`.
    """

    name: str
    kind: str
    missing: bool = False
    optional: bool = False
    values: tuple[Any, ...] | None = None
    zone: str = ""
    role: str = Role.FEATURE

    def to_json(self) -> dict[str, Any]:
        """Return plain data without default values."""
        plain: dict[str, Any] = {"name": self.name, "kind": self.kind}
        if self.missing:
            plain["missing"] = True
        if self.optional:
            plain["optional"] = True
        if self.values is not None:
            plain["values"] = list(self.values)
        if self.zone:
            plain["zone"] = self.zone
        if self.role != Role.FEATURE:
            plain["role"] = self.role
        return plain


def check_of(column: RequestColumn, unseen: str) -> Callable[[Any], Any]:
    """Return the function that validates one value and converts it to the right type."""
    name, kind = column.name, column.kind
    nullable = column.missing or column.optional
    convert = _CONVERTERS["zoned" if kind == "datetime" and column.zone else kind]
    known = None
    if column.values is not None and unseen == "refuse" and not column.optional:
        known = frozenset(column.values)

    def check(value: Any) -> Any:
        if value is None or value != value:
            if nullable:
                return None
            raise ModuleError(
                "value-missing",
                f"column “{name}” doesn't have a value.",
                f"Send {KIND_TITLES[kind]}: it wasn't missing in the training data.",
                column=name,
            )
        try:
            found = convert(value)
        except (TypeError, ValueError, OverflowError):
            raise _wrong_type(column, value) from None
        if known is not None and found not in known:
            raise _unseen(column, found)
        return found

    return check


def near(name: Any, known: Iterable[str]) -> str:
    """Return a hint with the closest known name; empty if none is close."""
    close = difflib.get_close_matches(str(name)[:_SHOWN], list(known), n=1, cutoff=0.6)
    return f"Did you mean “{close[0]}”?" if close else ""


def shortened(value: Any) -> str:
    """Return a client's value shortened for a message, on one line."""
    try:
        text = str(value)
    except ValueError:
        # Python doesn't format integers of thousands of digits.
        return "a very long number"
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return text if text.isprintable() else ascii(text)[1:-1]


def _wrong_type(column: RequestColumn, value: Any) -> ModuleError:
    hint = f"Send {KIND_TITLES[column.kind]}."
    if isinstance(value, str) and column.kind in ("integer", "number", "boolean"):
        hint = f"Send {KIND_TITLES[column.kind]}, without quotes."
    return ModuleError(
        "wrong-type",
        f"column “{column.name}” must be {KIND_TITLES[column.kind]}, not {_description(value)}.",
        hint,
        column=column.name,
    )


def _unseen(column: RequestColumn, value: Any) -> ModuleError:
    values = [str(known) for known in column.values or ()]
    listed = ", ".join(f"“{known}”" for known in values[:8])
    return ModuleError(
        "value-unknown",
        f"the value “{shortened(value)}” of column “{column.name}” is unknown.",
        near(str(value), values) or f"Use one of {listed}{' …' if len(values) > 8 else ''}.",
        column=column.name,
    )


def _description(value: Any) -> str:
    if isinstance(value, str):
        return f"“{shortened(value)}”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "infinity"
    if isinstance(value, (int, float)):
        return shortened(value)
    if isinstance(value, list):
        return "a list"
    return "an object" if isinstance(value, dict) else f"a {type(value).__name__}"


def _integer(value: Any) -> int:
    if value.__class__ is not int:
        value = _python_number(value)
        if value != int(value):
            raise ValueError
    number = int(value)
    if not -_EXACT <= number < _EXACT:
        raise OverflowError
    return number


def _number(value: Any) -> float:
    if value.__class__ is not float and value.__class__ is not int:
        value = _python_number(value)
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number


def _python_number(value: Any) -> int | float:
    """Return a NumPy or Python number; true and false aren't numbers."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        raise TypeError
    if isinstance(value, (int, float)):
        return value
    raise TypeError


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if hasattr(value, "item") and isinstance(value.item(), bool):
        return bool(value)
    raise TypeError


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    if not value.isascii():
        # Half a surrogate pair raises a ValueError: tables don't support it.
        value.encode()
    return value


def _datetime(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    return datetime.fromisoformat(_string(value))


def _datetime_without_zone(value: Any) -> datetime:
    found = _datetime(value)
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _datetime_with_zone(value: Any) -> datetime:
    found = _datetime(value)
    if not 1 < found.year < 9999:
        # Raises an OverflowError where a zone could move it beyond these years.
        moment = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        _ = moment - _LARGEST_OFFSET, moment + _LARGEST_OFFSET
    return found


def _category(value: Any) -> Any:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, float, bool)):
        return value
    if hasattr(value, "item"):
        return value.item()
    raise TypeError


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "string": _string,
    "datetime": _datetime_without_zone,
    "zoned": _datetime_with_zone,
    "categorical": _category,
}
