"""Deploys a challenger, at once or by stages, and takes it back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.deployment import Endpoints, ServingError
from designer.deployment.challengers import (
    process_from,
    route_to,
    start_challenger,
    stop_challenger,
)
from designer.deployment.deploying import deploy_package
from designer.deployment.local_target import LocalTarget
from designer.deployment.processes import Process
from designer.deployment.steps import Steps
from designer.deployment.target import DeployRequest
from designer.deployment.targets import parse_options
from designer.retraining.loop import Loop, Loops, Round
from designer.retraining.training import PACKAGE

_EXAMPLE = "Use shadow,10%,100% for example."

LOGS = "logs"
"""The logs of the challenger's process, in the folder of its round."""


def begin_stage(loops: Loops, loop: Loop, round: Round, stage: int, now: float) -> None:
    """Begin a stage of a challenger; the last one is its deployment.

    Raises
    ------
    ServingError
        If the challenger doesn't start, or can't be deployed. The champion keeps running.
    """
    if stage >= len(loop.stages) or loop.stages[stage] >= 1:
        _deploy(loops, loop, round, now)
        return
    process = challenger_of(round)
    if process is None or not process.is_alive():
        folder = loops.round_folder(loop.endpoint, round.number)
        process = start_challenger(
            loops.records,
            loop.endpoint,
            round.number,
            folder / PACKAGE,
            round.allowed,
            folder / LOGS,
        )
        round.process = process.to_json()
    route_to(loops.records, loop.endpoint, process, loop.stages[stage], stage + 1)
    round.state, round.stage, round.stage_since, round.health = "staged", stage, now, {}
    round.note(now, f"Stage {stage + 1} of {len(loop.stages)}: {title(loop.stages[stage])}.")
    loops.save(loop.endpoint, round)


def end_stages(loops: Loops, name: str, round: Round) -> None:
    """Stop the process of a challenger; no request is lost."""
    stop_challenger(loops.records, name, challenger_of(round))
    round.process = None


def take_back(loops: Loops, name: str, round: Round, now: float, reason: str) -> None:
    """End the stages of a challenger, or return to the champion that it replaced.

    Raises
    ------
    ServingError
        If the champion doesn't start; the challenger then keeps running.
    """
    if round.state == "staged":
        end_stages(loops, name, round)
    else:
        Endpoints(loops.workspace).rollback(name, round.champion)
    round.state = "rolled-back"
    round.note(now, f"Rolled back to version {round.champion}. {reason}")
    loops.save(name, round)


def challenger_of(round: Round) -> Process | None:
    """Return the process of the challenger of a round."""
    return process_from(round.process)


def request_counts(metrics: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many requests there were, and how many failed or had rows without scores."""
    statuses: Mapping[str, int] = metrics["statuses"]
    failures = sum(count for status, count in statuses.items() if status == "422" or status >= "5")
    return int(metrics["requests"]), failures


def title(share: float) -> str:
    """Return a stage as words."""
    if share >= 1:
        return "deployed"
    return "shadow" if share == 0 else f"{share:.4g} of the requests"


def read_stages(text: str) -> tuple[float, ...]:
    """Return the shares of stages as a user writes them: ``shadow,10%,100%``.

    Raises
    ------
    ServingError
        If one isn't a stage, they don't increase, or the last one isn't all requests.
    """
    shares = []
    for part in text.split(","):
        word = part.strip().lower()
        try:
            number = 0.0 if word == "shadow" else float(word.removesuffix("%")) / 100
        except ValueError:
            number = -1
        if not 0 <= number <= 1 or (word != "shadow" and (not word.endswith("%") or not number)):
            raise ServingError(
                f"“{part.strip()}” isn't a stage.", "Use shadow, or a percentage such as 10%."
            )
        shares.append(number)
    if shares != sorted(set(shares)):
        raise ServingError("The stages don't increase.", _EXAMPLE)
    if shares[-1] != 1:
        raise ServingError("The last stage isn't 100%.", _EXAMPLE)
    return tuple(shares)


def write_stages(shares: Sequence[float]) -> str:
    """Return stages as :func:`read_stages` reads them."""
    return ", ".join("shadow" if share == 0 else f"{100 * share:.6g}%" for share in shares)


def _deploy(loops: Loops, loop: Loop, round: Round, now: float) -> None:
    """Make the challenger the next version of its endpoint."""
    name = loop.endpoint
    # Its package is moved, and the process reads files from it.
    end_stages(loops, name, round)
    package = loops.round_folder(name, round.number) / PACKAGE
    about = {
        "file": loop.pipeline,
        "allowed": round.allowed,
        "messages": [f"Round {round.number} of retraining: {round.reason}"],
    }
    request = DeployRequest(
        name, package, _options(loops, name), frozenset(round.allowed), about=about
    )
    with contextlib.suppress(ServingError):
        # Of one that ended meanwhile there are none.
        requests, failures = request_counts(Endpoints(loops.workspace).metrics(name))
        round.champion_errors = failures / requests if requests else 0.0
    run = round.run if loop.register_model else ""
    with Steps(lambda step, status, text: None) as steps:
        made = deploy_package(LocalTarget(loops.records), request, steps, run)
    round.state, round.version, round.stage_since, round.health = "deployed", made.version, now, {}
    round.stage = len(loop.stages) - 1
    round.note(now, f"Deployed as version {made.version}.")
    loops.save(name, round)


def _options(loops: Loops, name: str) -> dict[str, object]:
    """Return the options of the champion, which the challenger keeps."""
    recording = loops.records.recording(name)
    given = {}
    if recording:
        given = {
            "record": recording["share"],
            "keep_days": recording["keep_days"],
            "leave_out": ", ".join(recording["leave_out"]),
        }
    return parse_options(LocalTarget, given)


def log_of(loops: Loops, name: str, round: Round) -> Path:
    """Return the log of the challenger's process."""
    return loops.round_folder(name, round.number) / LOGS / "endpoint.log"
