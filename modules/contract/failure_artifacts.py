"""Where a step that fails may leave files for a person to look at, beside its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path


def leftovers() -> Path | None:
    """Return the folder, which need not be there yet; None if nobody would look into it."""
    return _folder.get()


@contextmanager
def leaving(folder: Path | None) -> Iterator[None]:
    """Give the module called inside a folder for what it leaves behind."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


_folder: ContextVar[Path | None] = ContextVar("leftovers", default=None)
