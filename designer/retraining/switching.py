"""Switches the retraining of an endpoint on: everything that is wrong shows now."""

from __future__ import annotations

import time
from pathlib import Path

from designer.deployment.problem import ServingError
from designer.deployment.targets import title_of
from designer.pipeline.problem import near
from designer.retraining.held_rows import reading_nodes
from designer.retraining.loop import Loop, Loops
from designer.retraining.rounds import read_source
from designer.retraining.staging import end_stages
from designer.workspace import Workspace

NOT_RECORDED = "“{}” records no requests, so drift isn't watched."

LOCAL = "local"
"""The deployment target whose endpoints are retrained."""


def check(workspace: Workspace, loop: Loop) -> list[str]:
    """Check a loop without storing it; return what the user should know.

    Raises
    ------
    ServingError
        With the first thing that is wrong.
    """
    from designer.catalog import load_catalog
    from designer.pipeline.file import PipelineFileError, read
    from designer.pipeline.validation import validate

    loops = Loops(workspace)
    target = loops.records.target(loop.endpoint)
    if target != LOCAL:
        raise ServingError(
            f"“{loop.endpoint}” runs on “{title_of(target)}”; only endpoints on this computer are "
            "retrained.",
            "Deploy it on this computer, or run the training pipeline on a schedule.",
        )
    file = Path(loop.pipeline)
    try:
        pipeline = read(file, workspace.modules_folder)
        found = None if loop.source else workspace.dataset_store.find(loop.dataset)
    except PipelineFileError as error:
        raise ServingError(error.message, error.hint) from error
    except KeyError as error:
        raise ServingError(
            str(error.args[0]),
            "Register it (designer datasets add), or name a file or a step of the pipeline.",
        ) from None
    specs = load_catalog(*workspace.own_modules)
    reading_nodes(pipeline, loop, specs)
    problems = validate(
        pipeline, specs, base=file.parent, datasets=workspace.dataset_store.references()
    )
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ServingError("\n".join(error.message for error in errors), errors[0].hint)
    names = [column[0] for column in found.version.columns or ()] if found else []
    for column in filter(None, (loop.group, loop.label)):
        if names and column not in names:
            raise ServingError(
                f"The dataset “{loop.dataset}” has no column “{column}”.",
                near(column, names, "columns"),
            )
    _check_open_round(loops, loop)
    recording = loops.records.recording(loop.endpoint)
    return [] if recording else [NOT_RECORDED.format(loop.endpoint)]


def switch_on(workspace: Workspace, loop: Loop) -> list[str]:
    """Check a loop and store it; return what the user should know.

    Of a loop that is changed, data that no round has used yet stays new.

    Raises
    ------
    ServingError
        With the first thing that is wrong.
    """
    loops, name = Loops(workspace), loop.endpoint
    notes = check(workspace, loop)
    before = loops.get(name) if name in loops.names() else None
    if before is not None and (before.dataset, before.source) == (loop.dataset, loop.source):
        kept = before.model_dump(include={"since", "created", "mark", "read_at"})
    else:
        kept = {"since": ""}
        if loop.source and not loop.step:
            kept["mark"] = read_source(loops, loop, time.time()).mark
        if not loop.step:
            kept["since"] = workspace.dataset_store.find(loop.dataset).version.hash
    with loops.locked(name):
        loops.put(loop.model_copy(update=kept))
    return notes


def _check_open_round(loops: Loops, loop: Loop) -> None:
    last = loops.latest(loop.endpoint)
    if last is None or last.state != "staged" or loop.endpoint not in loops.names():
        return
    if loops.get(loop.endpoint).stages != loop.stages:
        raise ServingError(
            f"The challenger of round {last.number} is in stages, so they can't be changed now.",
            "Wait until it is deployed, or roll it back.",
        )


def switch_off(workspace: Workspace, name: str) -> None:
    """Switch a loop off: a challenger in stages ends, a deployed one stays.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained.
    """
    loops = Loops(workspace)
    loops.get(name)
    with loops.training(name), loops.locked(name):
        last = loops.latest(name)
        if last is not None and last.is_open:
            end_stages(loops, name, last)
            last.state = "rejected"
            last.note(time.time(), "Rejected: retraining was switched off.")
            loops.save(name, last)
        loops.remove(name)
