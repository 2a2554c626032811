"""Switches the retraining of an endpoint on: everything that is wrong shows now."""

from __future__ import annotations

import time
from pathlib import Path

from designer.deployment.problem import ServingError
from designer.deployment.targets import title_of
from designer.pipeline.problem import near
from designer.retraining.held_rows import reading_nodes
from designer.retraining.loop import Loop, Loops
from designer.retraining.staging import end_stages
from designer.workspace import Workspace

LOCAL = "local"
"""The deployment target whose endpoints are retrained."""


def switch_on(workspace: Workspace, loop: Loop) -> list[str]:
    """Check a loop and store it; return what the user should know.

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
        pipeline = read(file)
        found = workspace.dataset_store.find(loop.dataset)
    except PipelineFileError as error:
        raise ServingError(error.message, error.hint) from error
    except KeyError as error:
        raise ServingError(str(error.args[0]), "Register it: designer datasets add.") from None
    reading_nodes(pipeline, loop.dataset)
    specs = load_catalog(*workspace.own_modules)
    problems = validate(
        pipeline, specs, base=file.parent, datasets=workspace.dataset_store.references()
    )
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise ServingError("\n".join(error.message for error in errors), errors[0].hint)
    names = [column[0] for column in found.version.columns or ()]
    for column in filter(None, (loop.group, loop.label)):
        if names and column not in names:
            raise ServingError(
                f"The dataset “{loop.dataset}” has no column “{column}”.",
                near(column, names, "columns"),
            )
    _check_stages(loop)
    with loops.locked(loop.endpoint):
        loops.put(loop.model_copy(update={"since": found.version.hash}))
    version = int(loops.records.read(loop.endpoint)["version"])
    if loops.records.about(loop.endpoint, version).get("recording"):
        return []
    return [
        f"“{loop.endpoint}” records no requests, so drift isn't watched. "
        "Deploy it with --record to watch it."
    ]


def _check_stages(loop: Loop) -> None:
    if list(loop.stages) != sorted(set(loop.stages)):
        raise ServingError("The stages don't increase.", "Use shadow,10%,100% for example.")
    if loop.stages[-1] != 1:
        raise ServingError("The last stage isn't 100%.", "Use shadow,10%,100% for example.")


def switch_off(workspace: Workspace, name: str) -> None:
    """Switch a loop off: a challenger in stages ends, a deployed one stays.

    Raises
    ------
    ServingError
        If the endpoint isn't retrained.
    """
    loops = Loops(workspace)
    loops.get(name)
    with loops.locked(name):
        last = loops.latest(name)
        if last is not None and last.is_open:
            end_stages(loops, name, last)
            last.state = "rejected"
            last.note(time.time(), "Rejected: retraining was switched off.")
            loops.save(name, last)
        loops.remove(name)
