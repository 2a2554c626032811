"""Orders that a program of its own carries out: deploying, and scoring a file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.deployment import worker
from designer.app.deployment.exchanged import (
    FILES,
    INFERENCE,
    Deployed,
    DeployOrder,
    Scored,
    ScoreOrder,
)

if TYPE_CHECKING:
    from designer.app.deployment.backend import OnStep

ONLY_FILES: Mapping[str, str] = {
    INFERENCE: "Make the inference pipeline",
    FILES: "Write the files of the deployment",
}


def steps(order: DeployOrder) -> Mapping[str, str]:
    """Return the steps of a deployment in their order: titles by id."""
    from designer.serving.steps import STEPS, steps_of

    if order.folder is not None:
        return ONLY_FILES
    return {step: STEPS[step] for step in steps_of(order.target)}


def deploy(workspace: Path, order: DeployOrder, on_step: OnStep, stop: threading.Event) -> Deployed:
    """Deploy, or write the files of a deployment.

    Raises
    ------
    Problem
        If it could not be carried out, or was stopped.
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

    result = worker.run(plain, on_line, stop)
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
    return worker.run(plain, lambda line: None, threading.Event())


def score_file(
    workspace: Path,
    order: ScoreOrder,
    on_progress: Callable[[int, int], None],
    stop: threading.Event,
) -> Scored:
    """Score a file with the package of an endpoint.

    Raises
    ------
    Problem
        If it could not be carried out, or was stopped. No file was written then.
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
    result = worker.run(plain, on_line, stop)
    bad, rows = int(result["bad_rows"]), int(result["rows"])
    return Scored(
        tuple(Path(file) for file in result["files"].values()),
        rows - bad if order.bad_rows == "keep" else rows,
        bad,
    )
