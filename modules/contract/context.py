"""How a running module communicates with its caller: progress, trials, warnings, threads, files.

Outside of a run (in a test, a notebook, exported code) there is no listener and the
calls have no effect, so a module remains an ordinary function.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from modules.contract.messages import readable


class ModuleWarning(UserWarning):
    """A warning about a step that succeeded."""


def report_progress(fraction: float, text: str = "") -> None:
    """Report the progress of the step.

    Parameters
    ----------
    fraction : float
        Between 0 and 1.
    text : str, optional
        A short description of what the step is doing.
    """
    listener = _progress_listener.get()
    if listener is not None:
        listener(min(max(float(fraction), 0.0), 1.0), text)


def has_progress_listener() -> bool:
    """Return whether reported progress is received by anyone."""
    return _progress_listener.get() is not None


@contextmanager
def part_of_progress(start: float, end: float, text: str = "") -> Iterator[None]:
    """Make what is called inside a part of the step's progress.

    Parameters
    ----------
    start, end : float
        Between 0 and 1: its share of the progress of the step, or of the part around it.
    text : str, optional
        What the step is doing, in place of the texts reported inside.
    """
    listener = _progress_listener.get()
    if listener is None:
        yield
        return
    report_progress(start, text)
    length = end - start
    with listening(lambda fraction, inner: listener(start + length * fraction, text or inner)):
        yield


@dataclass(frozen=True)
class Trial:
    """One attempt of a step that searches, for display while it runs.

    Parameters
    ----------
    number, total : int
        Which one it was, from 1, and how many there may be.
    title, details : str
        What was tried, and with which settings.
    metric : str
        The metric that decides.
    score : float or None
        Its value; None if the attempt failed.
    spread : float or None
        The standard deviation of the value between the parts of the rows.
    higher_is_better : bool
        Whether a larger value is better.
    problem : str
        Why there is no score.
    seconds_left : float or None
        An estimate of how long the search will take from now on; None if it isn't known.
    """

    number: int
    total: int
    title: str
    details: str
    metric: str
    score: float | None
    spread: float | None = None
    seconds: float = 0.0
    higher_is_better: bool = True
    problem: str = ""
    seconds_left: float | None = None


def report_trial(trial: Trial) -> None:
    """Report an attempt of a step that searches."""
    listener = _trial_listener.get()
    if listener is not None:
        listener(trial)


def stop_requested() -> bool:
    """Return whether the user asked the step to stop and to output what it has.

    A step that searches or iterates asks from time to time. If the answer is yes, its outputs
    are those of this run only: they aren't reused in another.
    """
    stop = _stop.get()
    if stop is not None and stop.requested():
        stop.heeded = True
        return True
    return False


class Stop:
    """The user's wish that a step stops and keeps what it has.

    Parameters
    ----------
    requested : callable
        Returns whether there is such a wish.

    Attributes
    ----------
    heeded : bool
        Whether the module has learned of it.
    """

    def __init__(self, requested: Callable[[], bool]) -> None:
        self.requested = requested
        self.heeded = False


@contextmanager
def stopping(stop: Stop | None) -> Iterator[None]:
    """Let the module called inside know of a wish to stop; None if no one can have one."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


@contextmanager
def listening_to_trials(on_trial: Callable[[Trial], None] | None) -> Iterator[None]:
    """Send the trials of the module called inside to a function."""
    token = _trial_listener.set(on_trial)
    try:
        yield
    finally:
        _trial_listener.reset(token)


def warn(message: str) -> None:
    """Show a warning about this step without failing it."""
    warnings.warn(readable(message), ModuleWarning, stacklevel=2)


def sample_rows() -> int | None:
    """Return how many rows are sufficient, or None if all are needed.

    While you edit, modules that import data read only a sample, so that
    every port knows its columns before the first run.
    """
    return _sample_rows.get()


@contextmanager
def sampling(rows: int) -> Iterator[None]:
    """Limit the modules called inside to a sample of rows."""
    token = _sample_rows.set(rows)
    try:
        yield
    finally:
        _sample_rows.reset(token)


def threads() -> int:
    """Return how many threads this step may use; the run plan sets the number."""
    return _threads.get()


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Set the number of threads of the modules called inside."""
    token = _threads.set(count)
    try:
        yield
    finally:
        _threads.reset(token)


def failure_folder() -> Path | None:
    """Return the folder beside a step's log for files that help to debug a failed step.

    It may not exist yet; None outside of a run.
    """
    return _failure_folder.get()


@contextmanager
def using_failure_folder(folder: Path | None) -> Iterator[None]:
    """Set the folder for the files of the module called inside, if it fails."""
    token = _failure_folder.set(folder)
    try:
        yield
    finally:
        _failure_folder.reset(token)


@contextmanager
def listening(on_progress: Callable[[float, str], None]) -> Iterator[None]:
    """Send the progress of the module called inside to a function."""
    token = _progress_listener.set(on_progress)
    try:
        yield
    finally:
        _progress_listener.reset(token)


_progress_listener: ContextVar[Callable[[float, str], None] | None] = ContextVar(
    "progress_listener", default=None
)
_trial_listener: ContextVar[Callable[[Trial], None] | None] = ContextVar(
    "trial_listener", default=None
)
_stop: ContextVar[Stop | None] = ContextVar("stop", default=None)
_threads: ContextVar[int] = ContextVar("threads", default=1)
_sample_rows: ContextVar[int | None] = ContextVar("sample_rows", default=None)
_failure_folder: ContextVar[Path | None] = ContextVar("failure_folder", default=None)
