"""The folder beside a step's log where a failed step may store files for debugging."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path


def failure_folder() -> Path | None:
    """Return the folder, which may not exist yet; None outside of a run."""
    return _folder.get()


@contextmanager
def using_failure_folder(folder: Path | None) -> Iterator[None]:
    """Set the folder for the files of the module called inside, if it fails."""
    token = _folder.set(folder)
    try:
        yield
    finally:
        _folder.reset(token)


_folder: ContextVar[Path | None] = ContextVar("failure_folder", default=None)
