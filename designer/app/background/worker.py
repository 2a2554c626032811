"""Starts :mod:`designer.app.background.worker_main` and follows it."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from designer.app.background.worker_main import STOP
from designer.app.deployment.problem import Cancelled, Ended, Problem
from designer.app.deployment.types import Halt

_LOG = logging.getLogger(__name__)
_POLL = 0.1


def run(
    order: Mapping[str, Any],
    on_line: Callable[[Mapping[str, Any]], Any],
    halt: Halt,
    *,
    patience: float | None = None,
) -> dict[str, Any]:
    """Have an order carried out in a process of its own, and return the result.

    Parameters
    ----------
    on_line : callable
        Gets what is said on the way, on this thread.
    halt : Halt
        Ends the process.
    patience : float, optional
        Seconds in which the process has to take back what it made, once it is asked to; by
        default as long as it takes.

    Raises
    ------
    Cancelled
        If it was asked to end, and has taken back what it made.
    Ended
        If it ended without saying that it has.
    Problem
        If it could not be carried out, or not be taken back.
    """
    with tempfile.TemporaryFile() as errors, _started(order, errors) as process:
        said = _lines(process)
        last: dict[str, Any] = {}
        deadline: float | None = None
        asked = False
        while (line := _next(said)) is not None:
            if line:
                last = json.loads(line)
                on_line(last)
            leaving = halt.leaving.is_set()
            if not asked and (leaving or halt.asked.is_set()):
                asked = True
                deadline = None if patience is None else time.monotonic() + patience
                _send(process, STOP)
            if leaving:
                raise Ended("The window was closed.")
            if halt.now.is_set() or (deadline is not None and time.monotonic() > deadline):
                process.kill()
        process.wait()
        if "result" in last:
            found: dict[str, Any] = last["result"]
            return found
        if "error" in last:
            raise Problem(last["error"]["message"], last["error"]["hint"])
        if "cancelled" in last:
            raise Cancelled("Cancelled; what was made has been taken back.")
        if asked and not last:
            # It had not begun: whatever makes something tells of it first.
            raise Cancelled("Cancelled; nothing was made yet.")
        if asked or halt.now.is_set():
            raise Ended("It was ended before everything was taken back.")
        errors.seek(0)
        _LOG.error("Work in another process failed.\n%s", errors.read()[-8000:].decode("utf-8"))
        raise Problem("The work ended unexpectedly.", "The log has the details.")


@contextlib.contextmanager
def _started(order: Mapping[str, Any], errors: IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "designer.app.background.worker_main"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    try:
        _send(process, json.dumps(order))
        yield process
    finally:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _send(process: subprocess.Popen[str], line: str) -> None:
    """Send a line. Unlike a signal, every system lets it be answered with taking things back."""
    assert process.stdin is not None
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    except OSError:
        _LOG.debug("The process has ended before it took what it was sent.")


def _lines(process: subprocess.Popen[str]) -> queue.SimpleQueue[str | None]:
    """Return what a process says, line by line, and at last None."""
    said: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        assert process.stdout is not None
        with process.stdout as stream, contextlib.suppress(OSError):
            for line in stream:
                said.put(line)
        said.put(None)

    # The process may outlive the window, which must not wait for it.
    threading.Thread(target=read, name="deployment-lines", daemon=True).start()
    return said


def _next(said: queue.SimpleQueue[str | None]) -> str | None:
    """Return the next line; an empty one if there is none for a moment."""
    try:
        return said.get(timeout=_POLL)
    except queue.Empty:
        return ""
