"""From the bytes of a body to plain data, within limits."""

from __future__ import annotations

import json
from typing import Any

from modules.contract.columns import first_repeated
from modules.endpoint.http_error import HttpError
from modules.endpoint.request_formats import FIELDS
from modules.requests.values import LONGEST_NAME, shortened

VALUES = 1_000_000
"""Maximum values of a body: each can need a hundred times the bytes that it was sent in."""

_SLICE = 65_536
_BEFORE_VALUES = (b",", b"[", b"{")


def parse(body: bytes) -> Any:
    """Return the JSON in the body of a request.

    Raises
    ------
    HttpError
        If it isn't JSON, has too many values, is too deeply nested, or repeats a name.
    """
    if not body.strip():
        raise HttpError(
            400, "no-body", "The request doesn't have a body.", "Send the rows as JSON."
        )
    if len(body) > VALUES and _has_too_many_values(body):
        raise HttpError(
            413,
            "too-many-values",
            f"The body has more than {VALUES:,} values.",
            "Send fewer rows at a time, or score a file.",
        )
    try:
        return _decoder.decode(body.decode("utf-8-sig"))
    except RecursionError:
        raise too_deep() from None
    except UnicodeDecodeError:
        raise HttpError(
            400, "not-json", "The body isn't UTF-8 text.", "Send JSON in UTF-8."
        ) from None
    except json.JSONDecodeError as error:
        location = f"line {error.lineno}, column {error.colno}"
        raise HttpError(
            400,
            "not-json",
            f"The body isn't JSON: {error.msg} at {location}.",
            "Check for a missing comma, quote, or bracket there.",
        ) from None
    except ValueError:
        # An integer of thousands of digits.
        raise HttpError(400, "not-json", "The body has a number that is too long.") from None


def too_deep() -> HttpError:
    """Return the error of a body with too many brackets in each other."""
    return HttpError(
        400, "too-deep", "The body is nested too deeply.", "Send rows of plain values."
    )


def _has_too_many_values(body: bytes) -> bool:
    """Return whether there are too many values, without parsing any."""
    if sum(map(body.count, _BEFORE_VALUES)) < VALUES:
        return False
    # Too many commas and brackets; those in texts don't count.
    text = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    found, inside = 0, 0
    # In slices, so that other threads get their turn.
    for start in range(0, len(text), _SLICE):
        parts = text[start : start + _SLICE].split(b'"')
        outside = b"".join(parts[inside::2])
        found += sum(map(outside.count, _BEFORE_VALUES))
        if found >= VALUES:
            return True
        inside ^= (len(parts) - 1) & 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; reject repeated names as ambiguous."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = first_repeated(name for name, _ in pairs) or ""
        column = None if twice in FIELDS else twice[:LONGEST_NAME]
        message = f"“{shortened(twice)}” is repeated in an object."
        raise HttpError(400, "name-twice", message, "Send it once.", column)
    return found


_decoder = json.JSONDecoder(object_pairs_hook=_object)
