"""Events of a run: the only source of the window and the command line.

Every event names the run, the node (empty when it is about the whole run) and
the moment, in seconds since the epoch.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from designer.engine.results import Output
from modules.contract.context import Trial


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events."""

    run: str
    node: str = ""
    time: float = field(default_factory=time.time)


EventListener = Callable[[Event], None]
"""A function that receives events, on a thread of the engine."""


def notify(listeners: Iterable[EventListener], event: Event) -> None:
    """Notify all listeners; one that fails harms neither the run nor the others."""
    for listener in listeners:
        try:
            listener(event)
        except Exception:
            _log.exception("A listener failed at %s.", type(event).__name__)


@dataclass(frozen=True, kw_only=True)
class RunStarted(Event):
    """A run has been planned; ``nodes`` are its steps in their order."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Queued(Event):
    """A step has all it needs and waits for a free worker."""


@dataclass(frozen=True, kw_only=True)
class Running(Event):
    """A step has started on a worker, with this number of threads."""

    threads: int = 1
    worker: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """The progress of a step, from 0 to 1."""

    fraction: float
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class TrialEnded(Event):
    """An attempt of a step that searches; such a step can be stopped and keeps what it has."""

    trial: Trial


@dataclass(frozen=True, kw_only=True)
class LogLine(Event):
    """A line of a step's log: ``stream`` is ``output`` (the step's) or ``engine``.

    A step that prints very much isn't shown line by line; its log file has more.
    """

    text: str
    stream: str = "output"


@dataclass(frozen=True, kw_only=True)
class Completed(Event):
    """A step has ended well and its outputs, by port, are stored."""

    seconds: float
    outputs: Mapping[str, Output]


@dataclass(frozen=True, kw_only=True)
class Reused(Event):
    """A step was reused: its outputs are already in the store."""

    outputs: Mapping[str, Output]


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """A step has failed; ``error`` has ``code``, ``message``, ``hint`` and where."""

    error: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Skipped(Event):
    """A step can't run, because of another one or because it is disabled."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Cancelled(Event):
    """A step wasn't finished because the run was cancelled."""


@dataclass(frozen=True, kw_only=True)
class RunFinished(Event):
    """The run is over: ``completed``, ``failed`` or ``cancelled``."""

    status: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class RunRecorded(Event):
    """The record of a run that is over is in its folder."""


_log = logging.getLogger(__name__)
