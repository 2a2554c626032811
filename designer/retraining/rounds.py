"""Does a round of the loop: new data, a challenger, and the decision about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from designer.deployment.problem import ServingError
from designer.retraining.held_rows import reading_nodes, split
from designer.retraining.loop import LABELS, Loop, Loops, Round
from designer.retraining.staging import begin_stage
from designer.workspace import Workspace

OnStep = Callable[[str], object]
"""Receives what begins, as a sentence without its period."""


def run_round(
    workspace: Workspace,
    name: str,
    *,
    clock: Callable[[], float] = time.time,
    on_step: OnStep = lambda text: None,
) -> Round:
    """Retrain an endpoint on the latest version of its dataset, and act on the decision.

    It imports pandas and scikit-learn.

    Raises
    ------
    ServingError
        If it isn't retrained, or a round is open; if the round failed, after that was written
        down. The champion keeps running.
    """
    loops = Loops(workspace)
    with loops.locked(name):
        return run_locked(loops, loops.get(name), clock, on_step)


def run_locked(loops: Loops, loop: Loop, clock: Callable[[], float], on_step: OnStep) -> Round:
    """Do what :func:`run_round` does, while the loop is locked."""
    name = loop.endpoint
    last = settled(loops, name, clock())
    if last is not None and last.is_open:
        raise ServingError(
            f"Round {last.number} of “{name}” is open: {LABELS[last.state].lower()}.",
            "Approve or reject it, or roll it back.",
        )
    if not loops.records.read(name).get("wanted"):
        raise ServingError(
            f"The endpoint “{name}” isn't running, so nothing can be deployed.",
            "Start it.",
            remedy="start",
            subject=name,
        )
    round = loops.begin(name, clock())
    try:
        better = _decide(loops, loop, round, on_step)
        if not better:
            round.state = "kept"
        elif loop.approve:
            round.state = "waiting"
            round.note(clock(), "It waits for approval.")
        else:
            begin_stage(loops, loop, round, 0, clock())
    except ServingError as error:
        _fail(loops, name, round, clock(), f"{error.message} {error.hint}".strip())
        raise
    except BaseException as error:
        what = str(error) or type(error).__name__
        is_cancel = isinstance(error, KeyboardInterrupt)
        _fail(loops, name, round, clock(), "It was canceled." if is_cancel else what)
        raise
    loops.save(name, round)
    return round


def settled(loops: Loops, name: str, now: float) -> Round | None:
    """Return the latest round; one whose program was killed has failed. Call it while locked."""
    last = loops.latest(name)
    if last is not None and last.state == "running":
        _fail(loops, name, last, now, "The program ended before the round did.")
    return last


def _fail(loops: Loops, name: str, round: Round, now: float, reason: str) -> None:
    round.state, round.reason = "failed", reason
    round.note(now, f"It failed. {reason}")
    loops.save(name, round)


def _decide(loops: Loops, loop: Loop, round: Round, on_step: OnStep) -> bool:
    """Train and compare; write the numbers into the round."""
    from designer.catalog import load_catalog
    from designer.pipeline.file import PipelineFileError, read
    from designer.retraining.evaluation import Model, evaluate
    from designer.retraining.training import PACKAGE, train

    name, workspace = loop.endpoint, loops.workspace
    folder = loops.round_folder(name, round.number)
    champion = round.champion = int(loops.records.read(name)["version"])
    try:
        pipeline = read(Path(loop.pipeline))
        found = workspace.dataset_store.find(loop.dataset)
    except PipelineFileError as error:
        raise ServingError(error.message, error.hint) from error
    except KeyError as error:
        raise ServingError(str(error.args[0]), "Register it.") from None
    round.data = found.to_json()
    loops.save(name, round)
    specs = load_catalog(*workspace.own_modules)
    nodes = reading_nodes(pipeline, loop.dataset)
    on_step(f"Holding rows of {loop.dataset} version {found.version.version}")
    parameters = pipeline.nodes[nodes[0]].parameters
    data = split(loops, loop, found.path, parameters, specs, folder, champion)
    round.data |= {"training_rows": data.training_rows, "held_rows": data.held_rows}
    made = train(workspace, loop, pipeline, nodes, data.training, folder, specs, on_step)
    round.run, round.allowed = made.run, list(made.allowed)
    on_step("Comparing champion and challenger")
    models = [
        Model(loops.records.package(name, champion), loops.records.allowed(name, champion)),
        Model(folder / PACKAGE, made.allowed),
    ]
    result = evaluate(loop, models[0], models[1], data.held, made.label)
    round.metric = result.metric
    round.comparison = result.compared.to_json()
    round.groups = [_group(title, each.to_json()) for title, each in result.groups]
    round.reason = " ".join([result.reason, *data.notes])
    return result.is_better


def _group(title: str, numbers: dict[str, Any]) -> dict[str, Any]:
    return {"group": title, **numbers}
