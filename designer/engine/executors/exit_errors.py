"""Errors of steps whose worker ended before they did."""

from __future__ import annotations

import signal
from typing import Any

from designer.engine.executors.base import StepError


def lost_result() -> StepError:
    """Return the error of a step whose worker ended before its result was stored."""
    message = "The worker ended before the result of this step was stored."
    return StepError({"code": "worker-died", "message": message}, lost=True)


def lost_input() -> StepError:
    """Return the error of a step that can't start because an input is gone."""
    error = {"code": "worker-died", "message": "An input of this step was lost with its worker."}
    return StepError(error, lost=True)


def no_worker() -> StepError:
    """Return the error of a step for which no worker can be started."""
    message = "The workers end when they start."
    hint = "See the program's log; check the installation of Python's libraries."
    return StepError({"code": "worker", "message": message, "hint": hint})


def memory_error(node: str, limit: int) -> dict[str, Any]:
    """Return the error of a step that was ended because it used too much memory.

    Parameters
    ----------
    node : str
        Of the step.
    limit : int
        Bytes.
    """
    return {
        "code": "out-of-memory",
        "message": f"“{node}” needed more than {limit / 1e9:.3g} GB of memory.",
        "hint": "Use fewer rows or columns, or raise the memory limit per step.",
    }


def exit_error(exitcode: int | None) -> dict[str, Any]:
    """Return how a worker ended in the middle of a step, as the error of the step.

    Parameters
    ----------
    exitcode : int or None
        Of its process: negative for a signal; None if it isn't known.
    """
    code = exitcode or 0
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return _ended_by_the_system(name)
    if code >= _LEAST_STATUS:
        return _ended_by_the_system(_STATUSES.get(code, f"status 0x{code:X}"))
    return {
        "code": "worker-died",
        "message": f"The step ended its own process with status {code}.",
        "hint": "End a script by returning its result; don't end its process.",
    }


def _ended_by_the_system(name: str) -> dict[str, Any]:
    return {
        "code": "worker-died",
        "message": f"The step's process was terminated by the operating system ({name}).",
        "hint": _HINTS.get(name, "Check the log of the step."),
    }


_LEAST_STATUS = 0x80000000
"""Windows gives such numbers for terminations by the system; programs use small ones."""

_STATUSES = {
    0xC0000005: "access violation",
    0xC0000017: "no memory",
    0xC00000FD: "stack overflow",
    0xC0000374: "heap corruption",
    0xC0000409: "fail fast",
}

_CRASHED = "A library crashed. Check the log of the step."

_HINTS = {
    "SIGKILL": "This happens when memory runs out, or when someone ends the process.",
    "SIGSEGV": _CRASHED,
    "SIGABRT": _CRASHED,
    "access violation": _CRASHED,
    "no memory": "There isn't enough memory for this step.",
    "heap corruption": _CRASHED,
    "fail fast": _CRASHED,
    "stack overflow": "Check the step for infinite recursion.",
}
