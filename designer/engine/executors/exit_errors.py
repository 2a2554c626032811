"""How workers end when they should not, in words."""

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


def death(error: BaseException | None) -> dict[str, Any]:
    """Say how a worker ended in the middle of a step.

    Parameters
    ----------
    error : BaseException or None
        pebble's, which has the process's exit code; None for one that ended with 0.
    """
    code = getattr(error, "exitcode", 0)
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
        "hint": "A script must not end the process that it runs in; it returns its result.",
    }


def _ended_by_the_system(name: str) -> dict[str, Any]:
    return {
        "code": "worker-died",
        "message": f"The step's process was ended by the system ({name}).",
        "hint": _HINTS.get(name, "The step's log may say more."),
    }


_LEAST_STATUS = 0x80000000
"""Windows gives such numbers for ends that are no program's own; its programs give small ones."""

_STATUSES = {
    0xC0000005: "access violation",
    0xC0000017: "no memory",
    0xC00000FD: "stack overflow",
    0xC0000374: "heap corruption",
    0xC0000409: "fail fast",
}

_CRASHED = "A library has crashed; the step's log may say where."

_HINTS = {
    "SIGKILL": "That happens when memory runs out, or when somebody ends the process.",
    "SIGSEGV": _CRASHED,
    "SIGABRT": _CRASHED,
    "access violation": _CRASHED,
    "no memory": "There is not enough memory for this step.",
    "heap corruption": _CRASHED,
    "fail fast": _CRASHED,
    "stack overflow": "Something in the step calls itself without an end.",
}
