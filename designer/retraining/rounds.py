"""Does a round of the loop: new data, a challenger, and the decision about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.problem import ServingError
from designer.retraining.held_rows import SplitData, reading_nodes, split
from designer.retraining.loop import LABELS, Loop, Loops, Round
from designer.retraining.source_reading import refresh
from designer.retraining.staging import begin_stage
from designer.retraining.watching import watching
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.retraining.training import Challenger

Clock = Callable[[], float]

OnStep = Callable[[str], object]
"""Receives what begins, as a sentence without its period."""

_Hold = Callable[[int], SplitData]
"""Writes the rows for training, and those that a version of the endpoint is compared on."""

_KILLED = "The program ended before the round did."


def run_round(
    workspace: Workspace,
    name: str,
    *,
    clock: Clock = time.time,
    on_step: OnStep = lambda text: None,
    is_fresh: bool = False,
) -> Round:
    """Retrain an endpoint on the latest version of its dataset, and act on the decision.

    It imports pandas and scikit-learn. The version in use stays watched meanwhile: one that fails
    is rolled back, and the challenger is compared with the version that is back.

    Parameters
    ----------
    is_fresh : bool
        Whether a source of the loop was read just now.

    Raises
    ------
    ServingError
        If it isn't retrained, or a round is open; if the round failed, after that was written
        down. The champion keeps running.
    """
    loops = Loops(workspace)
    with loops.training(name):
        with loops.locked(name):
            loop = loops.get(name)
            round = _begin(loops, name, clock())
        try:
            with watching(loops, name, clock, on_step):
                if loop.source and not is_fresh:
                    on_step(f"Reading {loop.data_title}")
                    loop = read_source(loops, loop, clock())
                challenger, hold = _train(loops, loop, round, on_step)
                better = _compare(loops, loop, round, challenger, hold, on_step)
            while not _act(loops, round, name, better, clock):
                better = _compare(loops, loop, round, challenger, hold, on_step)
        except ServingError as error:
            _fail(loops, name, round, clock(), f"{error.message} {error.hint}".strip())
            raise
        except BaseException as error:
            what = str(error) or type(error).__name__
            is_cancel = isinstance(error, KeyboardInterrupt)
            _fail(loops, name, round, clock(), "It was canceled." if is_cancel else what)
            raise
        return round


def read_source(loops: Loops, loop: Loop, now: float) -> Loop:
    """Read the source of a loop again; see :func:`designer.retraining.source_reading.refresh`."""
    from designer.catalog import load_catalog

    return refresh(loops, loop, load_catalog(*loops.workspace.own_modules), now)


def settled(loops: Loops, name: str, now: float) -> Round | None:
    """Return the latest round; one whose program was killed has failed. Call it while locked."""
    last = loops.latest(name)
    if last is not None and last.state == "running" and not loops.is_training(name):
        _fail(loops, name, last, now, _KILLED)
    return last


def _begin(loops: Loops, name: str, now: float) -> Round:
    last = loops.latest(name)
    if last is not None and last.state == "running":
        # Rounds are this program's now.
        _fail(loops, name, last, now, _KILLED)
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
    return loops.begin(name, now)


def _fail(loops: Loops, name: str, round: Round, now: float, reason: str) -> None:
    round.state, round.reason = "failed", reason
    round.note(now, f"It failed. {reason}")
    loops.save(name, round)


def _train(loops: Loops, loop: Loop, round: Round, on_step: OnStep) -> tuple[Challenger, _Hold]:
    """Train a challenger; write what it was trained on into the round."""
    from designer.catalog import load_catalog
    from designer.pipeline.file import PipelineFileError, read
    from designer.retraining.training import train

    name, workspace = loop.endpoint, loops.workspace
    folder = loops.round_folder(name, round.number)
    try:
        pipeline = read(Path(loop.pipeline), workspace.modules_folder)
        found = workspace.dataset_store.find(loop.dataset)
    except PipelineFileError as error:
        raise ServingError(error.message, error.hint) from error
    except KeyError as error:
        raise ServingError(str(error.args[0]), "Register it.") from None
    round.data = found.to_json()
    loops.save(name, round)
    specs = load_catalog(*workspace.own_modules)
    nodes = reading_nodes(pipeline, loop, specs)
    on_step(f"Holding rows of {loop.dataset} version {found.version.version}")
    parameters = {} if loop.step else pipeline.nodes[nodes[0]].parameters
    hold = partial(split, loops, loop, found.path, parameters, specs, folder)
    data = hold(loops.version(name))
    made = train(workspace, loop, pipeline, nodes, data.training, folder, specs, on_step)
    round.run, round.allowed = made.run, list(made.allowed)
    return made, hold


def _compare(
    loops: Loops, loop: Loop, round: Round, challenger: Challenger, hold: _Hold, on_step: OnStep
) -> bool:
    """Compare a challenger with the version in use; write the numbers into the round."""
    from designer.retraining.evaluation import Model, evaluate
    from designer.retraining.training import PACKAGE

    name = loop.endpoint
    champion = round.champion = loops.version(name)
    data = hold(champion)
    round.data |= {"training_rows": data.training_rows, "held_rows": data.held_rows}
    on_step("Comparing champion and challenger")
    models = [
        Model(loops.records.package(name, champion), loops.records.allowed(name, champion)),
        Model(loops.round_folder(name, round.number) / PACKAGE, challenger.allowed),
    ]
    result = evaluate(loop, models[0], models[1], data.held, challenger.label)
    round.metric = result.metric
    round.comparison = result.compared.to_json()
    round.groups = [_group(title, each.to_json()) for title, each in result.groups]
    round.reason = " ".join([result.reason, *data.notes])
    return result.is_better


def _act(loops: Loops, round: Round, name: str, better: bool, clock: Clock) -> bool:
    """Act on the decision; return false if the endpoint has another version by now."""
    with loops.locked(name):
        if loops.version(name) != round.champion:
            return False
        # As it was edited meanwhile.
        loop = loops.get(name)
        if not better:
            round.state = "kept"
        elif loop.approve:
            round.state = "waiting"
            round.note(clock(), "It waits for approval.")
        else:
            begin_stage(loops, loop, round, 0, clock())
        loops.save(name, round)
    return True


def _group(title: str, numbers: dict[str, Any]) -> dict[str, Any]:
    return {"group": title, **numbers}
