"""Watches the challengers that answer requests, also while the next one is trained."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator

from designer.deployment.problem import ServingError
from designer.retraining.health import drift, errors, recorded_files
from designer.retraining.loop import Loop, Loops, Round
from designer.retraining.staging import take_back
from designer.workspace import WorkspaceError

DRIFT_EVERY = 3600.0
"""Seconds between two looks at drift."""

PAUSE = 30.0
"""Seconds between two looks at errors while a round trains."""

_log = logging.getLogger(__name__)


def watched(loops: Loops, loop: Loop, now: float) -> list[Round]:
    """Return the rounds whose challenger may be rolled back by itself, the newest first."""
    found = []
    for round in loops.rounds(loop.endpoint):
        if round.state == "staged":
            found.append(round)
        elif round.state == "deployed":
            recent = now - round.stage_since <= loop.watch_hours * 3600
            if recent and is_current(loops, loop.endpoint, round):
                found.append(round)
            break
    return found


def is_current(loops: Loops, name: str, round: Round) -> bool:
    """Return whether the challenger of a round answers requests."""
    return round.state == "staged" or loops.version(name) == round.version


def drift_is_due(loops: Loops, name: str, round: Round, now: float) -> bool:
    """Return whether there are new records since drift was looked at, an hour ago or more."""
    checked = round.health.get("checked", round.stage_since)
    files = recorded_files(loops, name, round)
    return now - checked >= DRIFT_EVERY and bool(files) and files[0].stat().st_mtime > checked


def roll_back_if_needed(
    loops: Loops, loop: Loop, now: float, *, always_drift: bool = True
) -> Round | None:
    """Roll back a challenger that fails too often or has drifted; call it while locked.

    Parameters
    ----------
    always_drift : bool
        Whether drift, which takes seconds, is looked at whether or not that is due.

    Returns
    -------
    Round or None
        The round that was rolled back.

    Raises
    ------
    ServingError
        If the champion doesn't start.
    """
    name, rounds = loop.endpoint, watched(loops, loop, now)
    for round in rounds:
        breach = errors(loops, loop, round)
        if not breach and (always_drift or drift_is_due(loops, name, round, now)):
            breach = drift(loops, loop, round)
            round.health["checked"] = now
        loops.save(name, round)
        if breach:
            for newer in rounds[: rounds.index(round)]:
                reason = f"The version that it was compared with, {round.version}, is rolled back."
                take_back(loops, name, newer, now, reason)
            take_back(loops, name, round, now, breach)
            return round
    return None


@contextlib.contextmanager
def watching(
    loops: Loops, name: str, clock: Callable[[], float], on_step: Callable[[str], object]
) -> Iterator[None]:
    """Watch an endpoint in a thread while a round trains."""
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(PAUSE):
            try:
                with loops.locked(name):
                    loop = loops.get(name)
                    found = roll_back_if_needed(loops, loop, clock(), always_drift=False)
            except (ServingError, WorkspaceError) as error:
                _log.warning("%s %s", error.message, error.hint)
            except Exception:
                _log.exception("“%s” can't be watched while it is retrained.", name)
            else:
                if found is not None:
                    on_step(found.summary)

    thread = threading.Thread(target=watch, name="watching an endpoint", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
