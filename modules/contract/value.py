"""What every value on a wire has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
"""One row as plain data: column name to number, string, bool, datetime or None."""

RowFunction = Callable[[Row], dict[str, Any]]
"""What ``compile()`` returns: a row in, a row out, equal to the original on a table."""


class Value:
    """Base of everything that can leave or enter a port."""


class AnyValue(Value):
    """A port that takes, or gives, any type of value."""
