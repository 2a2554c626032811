"""Orders that a program of its own carries out: deploying, and scoring a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.background import worker
from designer.app.deployment.problem import Cancelled, Ended
from designer.app.deployment.types import (
    Deployed,
    DeployOrder,
    Halt,
    Scored,
    ScoreOrder,
)

if TYPE_CHECKING:
    from designer.app.deployment.backend import OnStep


SCORING_PATIENCE = 5.0
"""Seconds after which scoring that does not end is ended by force: nothing is made elsewhere."""


def steps(order: DeployOrder) -> Mapping[str, str]:
    """Return the steps of a deployment in their order: titles by id."""
    from designer.deployment.steps import FILE_STEPS
    from designer.deployment.targets import find_target

    if order.folder is not None:
        return FILE_STEPS
    return find_target(order.target).steps


def deploy(workspace: Path, order: DeployOrder, on_step: OnStep, halt: Halt) -> Deployed:
    """Deploy, or write the files of a deployment.

    Raises
    ------
    Cancelled
        If it was halted, and nothing of it remains.
    Problem
        If it could not be carried out, or something of it may remain.
    """
    plain = {
        "action": "deploy" if order.folder is None else "write",
        "workspace": str(workspace),
        "name": order.name,
        "target": order.target,
        "pipeline": order.pipeline,
        "base": str(order.base),
        "options": {
            name: str(value) if isinstance(value, Path) else value
            for name, value in order.options.items()
        },
        "key": order.key,
        "folder": str(order.folder) if order.folder else None,
    }

    def on_line(line: Mapping[str, Any]) -> None:
        if "step" in line:
            on_step(str(line["step"]), str(line["state"]), str(line.get("text", "")))

    try:
        result = worker.run(plain, on_line, halt)
    except Ended as error:
        raise Ended(error.message, _may_remain(order)) from None
    return Deployed(
        name=order.name,
        url=str(result.get("url", "")),
        key=str(result.get("key", "")),
        version=int(result.get("version", 1)),
        folder=Path(result["folder"]) if result.get("folder") else None,
        portal=str(result.get("portal", "")),
        notes=tuple(map(str, result.get("notes", ()))),
    )


def in_cloud(workspace: Path, name: str, do: str, **more: Any) -> dict[str, Any]:
    """Do something with an endpoint in the cloud, which needs the libraries of Azure.

    Parameters
    ----------
    do : str
        ``status``, ``key``, ``logs``, ``roll back``, ``delete`` or ``ask``.

    Raises
    ------
    Problem
        If it could not be done.
    """
    plain = {"action": "endpoint", "workspace": str(workspace), "name": name, "do": do, **more}
    return worker.run(plain, lambda line: None, Halt())


def score_file(
    workspace: Path,
    order: ScoreOrder,
    on_progress: Callable[[int, int], None],
    halt: Halt,
) -> Scored:
    """Score a file with the package of an endpoint.

    Raises
    ------
    Problem
        If it could not be carried out, or was halted. No file was written then.
    """

    def on_line(line: Mapping[str, Any]) -> None:
        if "rows" in line:
            on_progress(int(line["rows"]), int(line["of"]))

    plain = {
        "action": "score",
        "workspace": str(workspace),
        "name": order.name,
        "sources": {name: str(file) for name, file in order.sources.items()},
        "target": str(order.target),
        "bad_rows": order.bad_rows,
    }
    try:
        result = worker.run(plain, on_line, halt, patience=SCORING_PATIENCE)
    except (Cancelled, Ended):
        raise Cancelled("Cancelled; no file was written.") from None
    bad, rows = int(result["bad_rows"]), int(result["rows"])
    return Scored(
        tuple(Path(file) for file in result["files"].values()),
        rows - bad if order.bad_rows == "keep" else rows,
        bad,
    )


def _may_remain(order: DeployOrder) -> str:
    """Return what may be left of a deployment that was ended by force, and where."""
    from designer.deployment.targets import find_target

    if order.folder is not None:
        return f"Files may remain in “{order.folder}”."
    return find_target(order.target).leftovers(order.name)
