"""A parameter of a module: what is known of it, and the values that it accepts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic_core import ValidationError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SEARCHED_KINDS = ("boolean", "integer", "number", "text", "choice")
"""Kinds of parameters that may have several values to try."""

MOST_VALUES = 1_000
"""Values to try of one parameter."""


@dataclass(frozen=True)
class ValuesToTry:
    """Values of a learner's parameter that tuning tries."""

    values: tuple[Any, ...]

    @property
    def first(self) -> Any:
        """The value that the learner has until it is tuned."""
        return self.values[0]

    def grid(self) -> tuple[Any, ...]:
        """Return the values that a grid tries."""
        return self.values

    def to_json(self) -> dict[str, Any]:
        """Return what a pipeline file has."""
        return {"$values": list(self.values)}

    def __str__(self) -> str:
        return ", ".join(map(str, self.values))


@dataclass(frozen=True)
class RangeToTry:
    """Numbers that tuning or Automated ML tries for a learner's parameter.

    Parameters
    ----------
    low, high : int or float
        Both included. Two integers are a range of integers.
    log : bool
        On a logarithmic scale, for a parameter whose order of magnitude matters.
    points : int
        How many of them a grid tries, with equal distances on the scale.
    """

    low: float
    high: float
    log: bool = False
    points: int = 5

    @property
    def whole(self) -> bool:
        """Whether it is a range of integers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def first(self) -> float:
        """The value that the learner has until it is tuned."""
        return self.low

    def grid(self) -> tuple[float, ...]:
        """Return the values that a grid tries."""
        shares = [index / (self.points - 1) for index in range(self.points)]
        inner = [self.at(share) for share in shares[1:-1]]
        return tuple(dict.fromkeys([self.low, *inner, self.high]))

    def at(self, share: float) -> float:
        """Return the number at a share of the range, from 0 to 1."""
        if self.log:
            low, high = math.log(self.low), math.log(self.high)
            found = math.exp(low + share * (high - low))
        else:
            found = self.low + share * (self.high - self.low)
        found = min(max(found, self.low), self.high)
        return round(found) if self.whole else found

    def to_json(self) -> dict[str, Any]:
        """Return what a pipeline file has."""
        fields: dict[str, Any] = {"from": self.low, "to": self.high}
        if self.log:
            fields["log"] = True
        if self.points != RangeToTry.points:
            fields["points"] = self.points
        return {"$range": fields}

    def __str__(self) -> str:
        return f"{self.low} to {self.high}{', logarithmic' if self.log else ''}"


Search = ValuesToTry | RangeToTry
"""What is tried for a parameter of a learner."""


def is_search(value: Any) -> bool:
    """Return whether a stored value is a list or range of values to try."""
    return isinstance(value, Mapping) and len(value) == 1 and bool(value.keys() & _SEARCHES)


def possible_values(value: Any) -> tuple[Any, ...]:
    """Return the values that a stored value may have; of a range its ends."""
    if not is_search(value):
        return (value,)
    listed = value.get("$values")
    if isinstance(listed, (list, tuple)):
        return tuple(listed)
    fields = value.get("$range")
    return (fields.get("from"), fields.get("to")) if isinstance(fields, Mapping) else ()


@dataclass(frozen=True)
class Parameter:
    """A parameter of a module.

    Parameters
    ----------
    kind : str
        ``boolean``, ``integer``, ``number``, ``text``, ``choice``, ``choices`` (several of them),
        ``columns``, ``script``, ``path``, ``secret`` or ``data`` (plain JSON).
    default : object
        In plain JSON form; meaningless while ``required``.
    minimum, maximum : float or None
        Limits; inclusive unless ``exclusive_minimum`` / ``exclusive_maximum``.
    required : bool
        It has no default.
    needed : bool
        It must not be empty while it applies; see :class:`Needed`.
    optional : bool
        ``None`` is a value of this parameter ("not set").
    when : mapping of str to tuple
        See :class:`When`.
    marker : object or None
        The :class:`Columns`, :class:`Script`, :class:`Text`, :class:`Numbers`,
        :class:`PathOf`, :class:`Secret` or :class:`TypesOfColumns` of the annotation.
    sweep : tuple
        See :class:`Sweep`.
    requires : mapping of str to tuple of str
        See :class:`Requires`.
    """

    name: str
    title: str
    kind: str
    annotation: Any = field(compare=False, repr=False)
    default: Any = None
    required: bool = False
    needed: bool = False
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    choices: tuple[Any, ...] = ()
    when: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    help: str = ""
    marker: Any = None
    sweep: tuple[Any, ...] = ()
    requires: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def read(self, value: Any) -> Any:
        """Convert a plain JSON value to the function's argument.

        Raises
        ------
        ValueError
            With one sentence, if the value isn't allowed.
        """
        if self.kind == "choices":
            value = self.read_choices(value)
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(self._explained(value, error)) from None

    def write(self, value: Any) -> Any:
        """Convert a value of the function to plain JSON."""
        return self._adapter.dump_python(value, mode="json")

    def read_search(self, value: Any) -> Search:
        """Read the values to try, of a learner's parameter that is tuned.

        Parameters
        ----------
        value : object
            ``{"$values": [1, 10]}`` or ``{"$range": {"from": 1, "to": 100, "log": true}}``.

        Raises
        ------
        ValueError
            With one sentence, if this isn't allowed.
        """
        if self.kind not in SEARCHED_KINDS:
            raise ValueError(f"{self.title} can't have several values to try.")
        if "$values" in value:
            found = value["$values"]
            if not isinstance(found, (list, tuple)) or not found:
                raise ValueError(f"{self.title} has no values to try.")
            if len(found) > MOST_VALUES:
                raise ValueError(f"{self.title} has more than {MOST_VALUES:,} values to try.")
            return ValuesToTry(tuple(dict.fromkeys(map(self.read, found))))
        if self.kind not in ("integer", "number"):
            raise ValueError(f"{self.title} can't have a range, only a list of values to try.")
        return self._range(value["$range"])

    def _range(self, fields: Any) -> RangeToTry:
        known = {"from", "to", "log", "points"}
        if not isinstance(fields, Mapping) or not {"from", "to"} <= fields.keys() <= known:
            raise ValueError(f"{self.title}: a range has “from” and “to”, “log” and “points”.")
        low, high = self.read(fields["from"]), self.read(fields["to"])
        log, points = fields.get("log", False), fields.get("points", RangeToTry.points)
        if low is None or high is None or low >= high:
            raise ValueError(f"{self.title}: the range ends at {high}, not above {low}.")
        if not isinstance(log, bool):
            raise ValueError(f"{self.title}: “log” of the range is true or false.")
        if log and low <= 0:
            raise ValueError(f"{self.title}: a range on a logarithmic scale starts above 0.")
        if isinstance(points, bool) or not isinstance(points, int):
            raise ValueError(f"{self.title}: “points” of the range is an integer.")
        if not 2 <= points <= MOST_VALUES:
            raise ValueError(f"{self.title}: a range has from 2 to {MOST_VALUES:,} points.")
        return RangeToTry(low, high, log=log, points=points)

    def read_choices(self, value: Any) -> Any:
        """Return several choices as a list, each once, known or not; a text lists them.

        What is neither a list nor a text is returned unchanged.
        """
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, (list, tuple)):
            return value
        return [each for index, each in enumerate(value) if each not in value[:index]]

    def unknown_choice(self, value: Any) -> str | None:
        """Return the first text of a value that isn't one of the choices; None if all are."""
        found = self.read_choices(value) if self.kind == "choices" else [value]
        if not isinstance(found, list):
            return None
        texts = (each for each in found if isinstance(each, str))
        return next((each for each in texts if each not in self.choices), None)

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        # Imported late: finding modules doesn't need it.
        from pydantic import TypeAdapter

        return TypeAdapter(self.annotation)

    def _explained(self, value: Any, error: ValidationError) -> str:
        shown = value if isinstance(value, (int, float, bool)) or value is None else _short(value)
        if self.choices:
            listed = ", ".join(f"“{choice}”" for choice in self.choices)
            several = self.read_choices(value)
            if self.kind == "choices" and not isinstance(several, list):
                return f"{self.title}: {shown} isn't a list of choices."
            if self.kind == "choices":
                wrong = next(each for each in several if each not in self.choices)
                shown = _short(wrong)
            return f"{self.title}: {shown} isn't one of {listed}."
        expected = self.expected
        if expected:
            if value == "":
                return f"{self.title} is empty; enter {expected}."
            if not isinstance(value, (int, float)) or isinstance(value, bool):
                expected = _EXPECTED[self.kind]
            return f"{self.title}: {shown} isn't {expected}."
        if self.kind in ("text", "script") and isinstance(value, list):
            lines = '{"$lines": ["first line", "second line"]}'
            return f"{self.title} is text, not a list; write several lines as {lines}."
        if error.error_count() > _MOST_ERRORS:
            # Describing each takes a kilobyte.
            return f"{self.title} contains {error.error_count():,} wrong values."
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return f"{self.title}: {reason[:1].lower()}{reason[1:]}."

    @property
    def expected(self) -> str:
        """What is to be entered, ``"a number from 0 to 1"`` for example; empty for a text."""
        limits = self.limits
        if limits and self.kind == "integer":
            return f"an integer {limits}"
        if limits and self.kind == "number":
            return f"a number {limits}"
        return _EXPECTED.get(self.kind, "")

    @property
    def limits(self) -> str:
        """The limits as text, ``"from 0 to 1"`` for example; empty without limits."""
        low, high = self.minimum, self.maximum
        if (
            low is not None
            and high is not None
            and not (self.exclusive_minimum or self.exclusive_maximum)
        ):
            return f"from {_number(low)} to {_number(high)}"
        parts = []
        if low is not None:
            number = _number(low)
            parts.append(f"above {number}" if self.exclusive_minimum else f"of at least {number}")
        if high is not None:
            number = _number(high)
            parts.append(f"below {number}" if self.exclusive_maximum else f"of at most {number}")
        return " and ".join(parts)


def sentence(name: str) -> str:
    """Return an identifier as a readable title."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def _short(value: Any) -> str:
    """Return a value as it is shown in a message."""
    text = str(value)
    return f"“{text}”" if len(text) <= _LONGEST_VALUE else f"“{text[:_LONGEST_VALUE]}…”"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


_EXPECTED = {
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "columns": "a column selection",
}
"""What a value of each kind is."""

_LONGEST_VALUE = 200
"""Characters of a value in a message."""

_MOST_ERRORS = 1_000
"""Errors of one value that are looked at."""

SEARCHES = ('{"$values"', '{"$range"')
"""What the JSON of values to try begins with."""

_SEARCHES = {"$values", "$range"}
