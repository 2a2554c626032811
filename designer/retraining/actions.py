"""What happens to a challenger after its round: approval, stages, watching, rolling back."""

from __future__ import annotations

import time

from designer.deployment.problem import ServingError
from designer.retraining.health import errors
from designer.retraining.loop import LABELS, Loop, Loops, Round
from designer.retraining.rounds import Clock, OnStep, read_source, run_round, settled
from designer.retraining.sources import is_due
from designer.retraining.staging import begin_stage, take_back
from designer.retraining.watching import (
    DRIFT_EVERY,
    drift_is_due,
    is_current,
    roll_back_if_needed,
    watched,
)
from designer.workspace import Workspace


def approve(workspace: Workspace, name: str, *, clock: Clock = time.time) -> Round:
    """Begin the first stage of a challenger that waits for approval.

    Raises
    ------
    ServingError
        If none does, or it can't be deployed.
    """
    loops = Loops(workspace)
    with loops.locked(name):
        loop, round = loops.get(name), _waiting(loops, name)
        if loops.version(name) != round.champion:
            raise ServingError(
                f"“{name}” has another version than the one that the challenger was compared with.",
                "Reject it, and run another round.",
            )
        round.note(clock(), "Approved.")
        begin_stage(loops, loop, round, 0, clock())
        return round


def reject(workspace: Workspace, name: str, *, clock: Clock = time.time) -> Round:
    """Drop a challenger that waits for approval.

    Raises
    ------
    ServingError
        If none does.
    """
    loops = Loops(workspace)
    with loops.locked(name):
        round = _waiting(loops, name)
        round.state = "rejected"
        round.note(clock(), "Rejected.")
        loops.save(name, round)
        return round


def roll_back(workspace: Workspace, name: str, *, clock: Clock = time.time) -> Round:
    """End the stages of a challenger, or return to the version that it replaced.

    Raises
    ------
    ServingError
        If it is neither in stages nor the current version.
    """
    loops = Loops(workspace)
    with loops.locked(name):
        round = settled(loops, name, clock())
        while round is not None and round.state not in ("staged", "deployed"):
            # Later challengers were never used.
            earlier = (each for each in loops.rounds(name) if each.number < round.number)
            round = next(earlier, None)
        if round is None or not is_current(loops, name, round):
            raise ServingError(
                f"No challenger of “{name}” is in use.",
                f"Return to any version: designer endpoints rollback {name}.",
            )
        take_back(loops, name, round, clock(), "You decided so.")
        return round


def open_round(workspace: Workspace, name: str) -> Round | None:
    """Return the round that isn't over; None if another one can begin.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained.
    """
    loops = Loops(workspace)
    loops.get(name)
    with loops.locked(name):
        last = settled(loops, name, time.time())
    return last if last is not None and (last.is_open or last.state == "running") else None


def watch(
    workspace: Workspace,
    name: str,
    *,
    clock: Clock = time.time,
    on_step: OnStep = lambda text: None,
) -> Round | None:
    """Do what is due: roll back, begin the next stage, or retrain on new data.

    Returns
    -------
    Round or None
        The round that it was about; None if nothing was due.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained, or what was due failed.
    """
    loops, now = Loops(workspace), clock()
    with loops.locked(name):
        loop, last = loops.get(name), settled(loops, name, now)
        back = roll_back_if_needed(loops, loop, now)
        if back is not None:
            return back
        if last is not None and last.state == "staged":
            # With the numbers of now.
            last = loops.latest(name) or last
            if not _is_over(loop, last, now):
                return None
            begin_stage(loops, loop, last, last.stage + 1, now)
            return last
        if not _may_begin(loops, loop, last):
            return None
    if is_fresh := bool(is_due(loop, now)):
        on_step(f"Reading {loop.data_title}")
        loop = read_source(loops, loop, now)
    if not has_new_data(loops, loop, last):
        return None
    return run_round(workspace, name, clock=clock, on_step=on_step, is_fresh=is_fresh)


def due(workspace: Workspace, name: str, now: float) -> tuple[str, str]:
    """Return what is due as a mark that differs for each thing, and as a sentence; quick.

    Returns
    -------
    tuple of (str, str)
        Both empty if nothing is due.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained.
    """
    loops = Loops(workspace)
    loop = loops.get(name)
    for round in watched(loops, loop, now):
        which = f"round {round.number} {round.state} {round.stage}"
        if breach := errors(loops, loop, round):
            return f"{which} errors", breach
        if round.state == "staged" and _is_over(loop, round, now):
            return f"{which} over", f"Stage {round.stage + 1} of round {round.number} is over."
        if drift_is_due(loops, name, round, now):
            return f"{which} drift {now // DRIFT_EVERY:.0f}", "Recorded requests are compared."
    last = loops.latest(name)
    if _may_begin(loops, loop, last) and (mark := is_due(loop, now)):
        return f"source {mark}", f"“{loop.data_title}” may have new data."
    if has_new_data(loops, loop, last):
        found = workspace.dataset_store.find(loop.dataset)
        return f"data {found.version.hash}", f"Version {found.version.version} of “{loop.dataset}”."
    return "", ""


def has_new_data(loops: Loops, loop: Loop, round: Round | None) -> bool:
    """Return whether the dataset has a version that no round has used.

    It waits while a round is open, and while the endpoint is stopped.
    """
    if not _may_begin(loops, loop, round):
        return False
    try:
        found = loops.workspace.dataset_store.find(loop.dataset)
    except KeyError as error:
        if loop.source:
            # It wasn't read yet.
            return False
        raise ServingError(str(error.args[0]), "Register it, or switch retraining off.") from None
    used = loop.since
    if round is not None and round.data and round.started >= loop.created:
        used = round.data["hash"]
    return found.version.hash != used


def _may_begin(loops: Loops, loop: Loop, round: Round | None) -> bool:
    """Return whether no round is open, and the endpoint is wanted."""
    if round is not None and (round.is_open or loops.is_training(loop.endpoint)):
        return False
    return bool(loops.records.read(loop.endpoint).get("wanted"))


def _waiting(loops: Loops, name: str) -> Round:
    round = settled(loops, name, time.time())
    if round is None or round.state != "waiting":
        state = LABELS[round.state].lower() if round else "there is none"
        raise ServingError(
            f"No challenger of “{name}” waits for approval; the latest round: {state}.",
            f"See designer retraining show {name}.",
        )
    return round


def _is_over(loop: Loop, round: Round, now: float) -> bool:
    requests = round.health.get("requests", 0)
    hours = (now - round.stage_since) / 3600
    return bool(hours >= loop.stage_hours and requests >= loop.stage_requests)
