"""Excludes the SDKs from Python's search for cycles: thousands of classes, all in permanent use."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_gc() -> Iterator[None]:
    """Pause the search for cycles meanwhile, and at the end of the program.

    Without this it takes a third of the time that importing an SDK does.
    """
    active = gc.isenabled()
    gc.disable()
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        yield
    finally:
        if active:
            gc.enable()
