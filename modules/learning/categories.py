"""What encoders agree on about categories; imports no library."""

from __future__ import annotations

from typing import Any

SPARSE_ABOVE = 1_000
"""Minimum columns of a one-hot encoding for a sparse matrix."""

CODES_LIMIT = 255
"""Maximum categories per feature in histogram gradient boosting."""


def scalar(value: Any) -> Any:
    """Return a value of a frame as a JSON scalar: bool, int, float or str."""
    if hasattr(value, "item"):
        value = value.item()
    if hasattr(value, "isoformat"):
        # As in requests.
        return value.isoformat()
    return value if isinstance(value, (bool, int, float, str)) else str(value)
