"""Encode the columns of one row as the features of a compiled model.

Equal to :class:`modules.learning.features.FeatureEncoder`, which needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from modules.contract.errors import ModuleError
from modules.contract.value import Row

_NAN = float("nan")
_EPOCH = datetime(1970, 1, 1)
_SECONDS_A_DAY = 86_400.0


def row_encoder(
    columns: Sequence[Mapping[str, Any]], encoding: str
) -> Callable[[Row], list[float]]:
    """Return the function from a row to the features of a model.

    Parameters
    ----------
    columns : sequence of mapping
        ``name``, ``kind``, ``categories`` and ``fill``; see
        :class:`modules.learning.compiled.CompiledModel`.
    encoding : str
        ``one-hot`` or ``codes``.
    """
    readers, width = [], 0
    for column in columns:
        known = column["categories"]
        indices = None if known is None else {value: index for index, value in enumerate(known)}
        readers.append((column["name"], width, indices, _reader(column), _is_text(known)))
        width += 1 if known is None or encoding == "codes" else len(known)
    empty = [0.0] * width
    codes = encoding == "codes"

    def encode(row: Row) -> list[float]:
        vector = empty.copy()
        for name, at, indices, read, text in readers:
            value = row.get(name)
            if indices is None:
                vector[at] = read(value)
                continue
            if text and value is not None and value.__class__ is not str:
                value = _as_text(value)
            index = indices.get(value)
            if codes:
                vector[at] = _NAN if index is None else float(index)
            elif index is not None:
                vector[at + index] = 1.0
        return vector

    return encode


def weighted_sum(
    columns: Sequence[Mapping[str, Any]], weights: Sequence[float], offset: float
) -> Callable[[Row], float]:
    """Return the weighted sum of the one-hot encoded features of a row.

    A category costs one lookup, regardless of the number of values in its column.
    """
    # What is special is converted first: dates, and values of columns that contain text.
    readers: list[tuple[str, float, Any, Any, bool]] = []
    at = 0
    for column in columns:
        known = column["categories"]
        if known is None:
            dated = column["kind"] == "datetime"
            readers.append((column["name"], weights[at], None, _reader(column), dated))
            at += 1
        else:
            found = dict(zip(known, weights[at : at + len(known)], strict=True))
            readers.append((column["name"], 0.0, found, None, _is_text(known)))
            at += len(known)

    def total(row: Row) -> float:
        result = 0.0
        for name, weight, found, read, special in readers:
            value = row.get(name)
            if found is None:
                kind = value.__class__
                if not special and (kind is int or (kind is float and value == value)):
                    result += weight * value  # type: ignore[operator]
                else:
                    result += weight * read(value)
            else:
                if special and value is not None and value.__class__ is not str:
                    value = _as_text(value)
                result += found.get(value, 0.0)
        return result + offset

    return total


def days_since_1970(moment: datetime) -> float:
    """Return a point in time in days, to the microsecond; one without a zone is in UTC."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    elapsed = moment - _EPOCH
    micro = (elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds
    return micro / 1e6 / _SECONDS_A_DAY


def _reader(column: Mapping[str, Any]) -> Callable[[Any], float]:
    name = column["name"]
    fill = _NAN if column["fill"] is None else float(column["fill"])
    convert: Callable[[Any], float] = _days if column["kind"] == "datetime" else float

    def read(value: Any) -> float:
        if value is None:
            return fill
        try:
            number = convert(value)
        except (TypeError, ValueError):
            what = "a date" if convert is _days else "a number"
            raise ModuleError(
                "not-a-number",
                f"Column “{name}” must be {what}, not “{value}”.",
                f"Enter {what}, or null if it is missing.",
                column=name,
            ) from None
        return number if number == number else fill

    return read


def _days(value: Any) -> float:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        # NumPy datetimes, and pandas' missing one.
        value = value.astype("datetime64[us]").item() if hasattr(value, "astype") else value
        if not isinstance(value, datetime):
            if value is None or value != value:
                return _NAN
            raise TypeError
    return _NAN if value != value else days_since_1970(value)


def _is_text(known: Sequence[Any] | None) -> bool:
    return bool(known) and isinstance(known[0], str)  # type: ignore[index]


def _as_text(value: Any) -> str | None:
    return None if value != value else str(value)
