"""How worker processes are created: forked from a template, or as new interpreters.

Imports next to nothing, so that a program can have the template get ready while it imports
what it needs itself.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping

FORKS = sys.platform == "linux"
"""Whether workers are forked. macOS could, but its system libraries don't survive it."""

PROGRAM = "MODELDESK_PROGRAM"
"""The variable with the ID of the process that the template works for."""


def prepare() -> None:
    """Start the template that workers are forked from, where they are; returns at once."""
    if FORKS:
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload([f"{__package__}.template"])
        # First: an interrupt ends the program as soon as the template runs.
        atexit.unregister(_end_template)
        atexit.register(_end_template)
        with new_interpreter({PROGRAM: str(os.getpid())}):
            forkserver.ensure_running()


def environment() -> dict[str, str]:
    """Return the environment of this program."""
    with _changing:
        return dict(os.environ)


@contextlib.contextmanager
def new_interpreter(variables: Mapping[str, str] | None = None) -> Iterator[None]:
    """Give a new interpreter this one's module paths, and block Ctrl+C in it.

    It starts with its own folder on its path, where a file named like a library would replace
    it. And it is in the terminal's group until it can leave it,
    and would end with a traceback there: what a thread blocks, its new processes block too.

    Parameters
    ----------
    variables : mapping of str to str, optional
        What its environment contains besides.
    """
    changes = {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONSAFEPATH": "1",
        **(variables or {}),
    }
    masked = None
    with _changing:
        before = dict(os.environ)
        os.environ.update(changes)
        try:
            if sys.platform != "win32":
                from multiprocessing import resource_tracker

                # Where multiprocessing has to start it first, that ends the blocking.
                resource_tracker.ensure_running()
                masked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            yield
        finally:
            for name in changes:
                if name in before:
                    os.environ[name] = before[name]
                else:
                    del os.environ[name]
            # Last, since an interrupt that was blocked is raised here.
            if sys.platform != "win32" and masked is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, masked)


def _end_template() -> None:
    """End the template with its program, even if it still imports."""
    import psutil

    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any("multiprocessing.forkserver" in each for each in child.cmdline()):
                child.kill()


_changing = threading.Lock()
"""Held while the environment isn't what this program has made it."""
