"""Memory that large requests needed goes back to the system."""

from __future__ import annotations

import gc
from contextlib import suppress

_M_MMAP_THRESHOLD = -3
_LARGE_BLOCK = 256 * 1024


def separate_large_blocks() -> None:
    """Have large blocks of memory separated from small ones, which would keep them occupied.

    glibc does so until the first such block is freed; other systems always do.
    """
    _call("mallopt", _M_MMAP_THRESHOLD, _LARGE_BLOCK)


def release_memory() -> None:
    """Return unused memory to the system."""
    # Errors refer to the frames that raised them, and those to the values.
    gc.collect()
    _call("malloc_trim", 0)


def _call(function: str, *arguments: int) -> None:
    """Call a function that only glibc has."""
    import ctypes

    with suppress(AttributeError, OSError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
