"""The pages of R's graphics device as a folder of images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modules.contract import warn
from modules.values import ImageFolder

MOST_PICTURES = 50
MOST_BYTES = 10_000_000


def collected(plots: Sequence[Path]) -> ImageFolder | None:
    """Return the pictures that aren't too large or too many; None if there are none."""
    kept = [path for path in plots if path.stat().st_size <= MOST_BYTES][:MOST_PICTURES]
    left_out = len(plots) - len(kept)
    if left_out:
        warn(
            f"{left_out} {'image was' if left_out == 1 else 'images were'} skipped: "
            f"at most {MOST_PICTURES} of {MOST_BYTES // 1_000_000} MB each are kept."
        )
    if not kept:
        return None
    value = ImageFolder.temporary()
    for path in kept:
        (value.folder / path.name).write_bytes(path.read_bytes())
    return value
