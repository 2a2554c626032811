"""The real backend: endpoints on this computer, and the registry in the workspace."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.background import worker_client as orders
from designer.app.deployment.backend import OnStep
from designer.app.deployment.deploying import target_checks
from designer.app.deployment.problem import Problem
from designer.app.deployment.types import (
    Answer,
    Deployed,
    DeployOrder,
    EndpointInfo,
    Halt,
    Interface,
    Prepared,
    Scored,
    ScoreOrder,
)
from designer.deployment.targets import find_target
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.deployment import Endpoints, Status

LOG_LINES = 2000

_TITLES = {
    "python": "Python",
    "curl": "curl",
    "csharp": "C#",
    "r": "R",
    "javascript": "JavaScript",
}


class ServingBackend:
    """Implements :class:`designer.app.deployment.backend.Backend`.

    Parameters
    ----------
    call : callable
        Calls a function in a worker process and returns its result; for MLflow.
    """

    def __init__(self, workspace: Workspace, call: Callable[..., Any]) -> None:
        self._workspace = workspace
        self._call = call

    def problem_with_name(self, name: str, target: str) -> str:
        """Return why a name can't be an endpoint's; empty if it can."""
        records = self._endpoints().records
        there = records.target(name) if target and name in records.names() else target
        return target_checks.problem_with_name(name, there, target)

    def note_on_name(self, name: str) -> str:
        """Return what deploying under a name does to what is there; empty for a new one."""
        records = self._endpoints().records
        if name not in records.names():
            return ""
        number = records.next_version(name)
        return f"“{name}” is there already: this becomes its version {number}, at the same address."

    def obstacle(self, target: str) -> str:
        """Return why nothing can be deployed to a target from here; empty if it can."""
        return target_checks.obstacle(target)

    def steps(self, order: DeployOrder) -> Mapping[str, str]:
        """Return the steps of a deployment in their order: titles by id."""
        return orders.steps(order)

    def deploy(self, order: DeployOrder, on_step: OnStep, halt: Halt) -> Deployed:
        """Deploy in a process of its own."""
        return orders.deploy(self._workspace.folder, order, on_step, halt)

    def endpoints(self) -> list[EndpointInfo]:
        """Return all endpoints by name."""
        return [self._info(status) for status in self._endpoints().statuses()]

    def look(self, name: str) -> EndpointInfo:
        """Find out how an endpoint is; in the cloud that takes its time."""
        if self._in_cloud(name):
            self._cloud(name, "status")
        return self._info(self._endpoints().status(name))

    def key(self, name: str) -> str:
        """Return the primary key of an endpoint."""
        if self._in_cloud(name):
            return str(self._cloud(name, "key")["key"])
        return self._endpoints().keys(name).primary

    def start(self, name: str) -> None:
        """Start an endpoint that was stopped."""
        self._endpoints().start(name)

    def stop(self, name: str) -> None:
        """Stop an endpoint; it stays in the list."""
        self._endpoints().stop(name)

    def restart(self, name: str) -> None:
        """Stop and start an endpoint."""
        self._endpoints().restart(name)

    def delete(self, name: str) -> None:
        """Stop an endpoint and delete it with all its versions."""
        if self._in_cloud(name):
            self._cloud(name, "delete")
        else:
            self._endpoints().delete(name)

    def forget(self, name: str) -> None:
        """Take an endpoint in the cloud out of the list; there it stays."""
        self._endpoints().delete(name, only_here=True)

    def roll_back(self, name: str, version: int) -> None:
        """Let an earlier version answer."""
        if self._in_cloud(name):
            self._cloud(name, "roll back", version=version)
        else:
            self._endpoints().rollback(name, version)

    def log(self, name: str) -> str:
        """Return the end of the log."""
        if self._in_cloud(name):
            return "\n".join(self._cloud(name, "logs", lines=LOG_LINES)["lines"])
        return "\n".join(self._endpoints().logs(name, LOG_LINES))

    def metrics(self, name: str) -> Mapping[str, Any]:
        """Return what a running endpoint of this computer counted."""
        return self._endpoints().metrics(name)

    def interface(self, name: str) -> Interface:
        """Return what an endpoint takes, from its package."""
        model = self._endpoints().package(name) / "model"
        plan, samples = _read(model / "scoring.json"), _read(model / "samples.json")
        try:
            return Interface(
                {each: plain.get("columns") or [] for each, plain in plan["inputs"].items()},
                {each: samples.get(each) or [] for each in plan["inputs"]},
                {each: p.get("default") for each, p in plan.get("parameters", {}).items()},
            )
        except (KeyError, AttributeError) as error:
            raise Problem("The scoring package can't be read.", "Deploy it again.") from error

    def ask(self, name: str, body: bytes) -> Answer:
        """Send a request with the endpoint's key."""
        if self._in_cloud(name):
            return Answer(**self._cloud(name, "ask", body=body.decode()))
        endpoints = self._endpoints()
        began = time.perf_counter()
        status, answer = endpoints.send(name, "POST", "/score", body)
        seconds = time.perf_counter() - began
        return Answer(status, answer.decode("utf-8", "replace"), seconds)

    def languages(self) -> Mapping[str, str]:
        """Return the languages that there is code in."""
        from designer.deployment.consume import LANGUAGES

        return {language: _TITLES.get(language, language) for language in LANGUAGES}

    def code(self, language: str, info: EndpointInfo, sample: str, key: str | None) -> str:
        """Return code that sends a request."""
        from designer.deployment.consume import consume_code

        return consume_code(language, info.url, sample, key=key)

    def score_file(
        self,
        order: ScoreOrder,
        on_progress: Callable[[int, int], None],
        halt: Halt,
    ) -> Scored:
        """Score a file in a process of its own."""
        return orders.score_file(self._workspace.folder, order, on_progress, halt)

    def models(self) -> list[dict[str, Any]]:
        """Return the registered models."""
        from designer.tracking import registry

        found: list[dict[str, Any]] = self._call(registry.models, self._workspace.folder)
        return found

    def model(self, name: str) -> dict[str, Any]:
        """Return a model with its versions."""
        from designer.tracking import registry

        found: dict[str, Any] = self._call(registry.model, self._workspace.folder, name)
        return found

    def pipeline(self, name: str, number: str) -> Prepared | None:
        """Return the inference pipeline of a registered version; None if it is not kept."""
        from designer.tracking import registry
        from designer.tracking.model_folder import PIPELINE

        folder = self._call(registry.download, self._workspace.folder, name, number) / "data"
        try:
            text = (folder / PIPELINE).read_text("utf-8")
        except FileNotFoundError:
            return None
        return Prepared(text, folder)

    def delete_model(self, name: str, version: str | None) -> None:
        """Delete a version of a model, or all of it."""
        from designer.tracking import registry

        self._call(registry.delete, self._workspace.folder, name, version)

    def _endpoints(self) -> Endpoints:
        from designer.deployment import Endpoints

        return Endpoints(self._workspace)

    def _in_cloud(self, name: str) -> bool:
        return find_target(self._endpoints().records.target(name)).remote

    def _cloud(self, name: str, do: str, **more: Any) -> dict[str, Any]:
        """Do something with an endpoint in the cloud, in a process of its own."""
        return orders.in_cloud(self._workspace.folder, name, do, **more)

    def _info(self, status: Status) -> EndpointInfo:
        from designer.deployment import ServingError

        info = EndpointInfo(
            status.name,
            status.state,
            status.version,
            status.versions,
            status.url,
            target=status.target,
            checked=status.checked,
            portal=status.portal,
        )
        if not info.running or info.in_cloud:
            return info
        try:
            metrics = self._endpoints().metrics(status.name)
            return replace(
                info,
                requests=int(metrics["requests"]),
                errors=int(metrics["errors"]),
                latency=metrics["latency_ms"]["p50"],
            )
        except (ServingError, KeyError, TypeError):
            # It has ended meanwhile; the next look will tell.
            return info


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
