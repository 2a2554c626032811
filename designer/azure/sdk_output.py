"""Suppresses what the SDKs print, and what they would collect by themselves."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def quiet() -> Iterator[None]:
    """Drop what is printed by the SDKs, in this thread and in those that they start."""
    me = threading.get_ident()
    with _print_lock:
        _silence_loggers()
        if not _silent:
            _others.update(threading.enumerate())
            sys.stdout, sys.stderr = _Silenced(sys.stdout), _Silenced(sys.stderr)
        _silent.append(me)
    try:
        yield
    finally:
        with _print_lock:
            _silent.remove(me)
            if not _silent:
                _others.clear()
                sys.stdout, sys.stderr = (
                    stream.under if isinstance(stream, _Silenced) else stream
                    for stream in (sys.stdout, sys.stderr)
                )


@contextmanager
def printing() -> Iterator[None]:
    """Let this thread print within :func:`quiet`: what the user has to do, a code to enter."""
    me = threading.get_ident()
    with _print_lock:
        _speaking.append(me)
    try:
        yield
    finally:
        with _print_lock:
            _speaking.remove(me)


@contextmanager
def no_git() -> Iterator[None]:
    """Keep the SDKs from sending the address, branch and commit of a Git repository.

    They would take them from the folder that happens to be the current one, and the
    address may have a password in it.
    """
    with _git_lock:
        _git_dirs.append(os.environ.get("GIT_DIR"))
        os.environ["GIT_DIR"] = os.devnull
    try:
        yield
    finally:
        with _git_lock:
            before = _git_dirs.pop()
            # Another thread may still need it hidden; the last one finds the user's value.
            if not _git_dirs:
                os.environ.pop("GIT_DIR", None)
                if before is not None:
                    os.environ["GIT_DIR"] = before


_git_lock = threading.Lock()

_git_dirs: list[str | None] = []
"""What GIT_DIR was for each thread that hides Git; the user's own value is the first."""

_print_lock = threading.Lock()

_silent: list[int] = []
"""The threads whose prints are dropped, besides those that begin meanwhile: the SDKs'."""

_speaking: list[int] = []
"""The threads that may print anyway."""

_others: set[threading.Thread] = set()
"""The threads that were there before."""


class _Silenced(io.TextIOBase):
    """A standard stream that drops what some threads write."""

    def __init__(self, under: Any) -> None:
        self.under = under

    def write(self, text: str) -> int:
        me = threading.get_ident()
        known = threading.current_thread() in _others
        dropped = me in _silent or (_silent and not known)
        if dropped and me not in _speaking:
            return len(text)
        return int(self.under.write(text))

    def flush(self) -> None:
        self.under.flush()

    def close(self) -> None:
        """Leave the stream beneath alone: it may be closed already when this one is freed."""

    def isatty(self) -> bool:
        # Called once more when the program ends, maybe after the stream beneath is closed.
        return not self.under.closed and bool(self.under.isatty())

    def fileno(self) -> int:
        return int(self.under.fileno())

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(self.under.encoding)

    @property
    def buffer(self) -> Any:
        return self.under.buffer


def _silence_loggers() -> None:
    """Let the SDKs' loggers report only errors: what matters is raised anyway."""
    families = ("azureml", "azure", "msrest", "msal")
    for name in [*families, *list(logging.root.manager.loggerDict)]:
        logger = logging.getLogger(name)
        if name.partition(".")[0] in families and logger.level < logging.ERROR:
            logger.setLevel(logging.ERROR)
    root = logging.getLogger()
    if _of_the_sdk not in root.filters:
        root.addFilter(_of_the_sdk)


def _of_the_sdk(record: logging.LogRecord) -> bool:
    # azureml-core writes some of its warnings straight to the root.
    return "azureml" not in Path(record.pathname).parts
