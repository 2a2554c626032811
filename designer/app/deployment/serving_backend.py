"""The real backend: endpoints on this computer, and the registry in the workspace."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.app.deployment import worker
from designer.app.deployment.backend import (
    LOCAL,
    Answer,
    Deployed,
    DeployOrder,
    EndpointInfo,
    Interface,
    OnStep,
)
from designer.app.deployment.problem import Problem
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.serving import Endpoints, Status

LOG_LINES = 2000

_TITLES = {
    "python": "Python",
    "curl": "curl",
    "csharp": "C#",
    "r": "R",
    "javascript": "JavaScript",
}

_STEPS = {
    "Inference pipeline": (),
    "Scoring package": ("entry-script", "configuration"),
    "Register model": ("register",),
    "Deploy": ("deploy",),
    "Test": ("check",),
}
"""What serving calls its steps, and what the window shows for each."""


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
        from designer.serving import ServingError
        from designer.serving.endpoints import check_name

        if not name:
            return "Give it a name."
        try:
            check_name(name)
        except ServingError as error:
            return f"{error.message} {error.hint}".strip()
        return ""

    def deploy(self, order: DeployOrder, on_step: OnStep, stop: threading.Event) -> Deployed:
        """Deploy in a process of its own."""
        local = order.target == LOCAL
        plain = {
            "action": "deploy" if local else "write",
            "workspace": str(self._workspace.folder),
            "name": order.name,
            "target": order.target,
            "pipeline": order.pipeline,
            "base": str(order.base),
            "port": order.port,
            "key": order.key,
            "folder": str(order.folder) if order.folder else None,
        }
        working: list[str] = []
        done: set[str] = set()

        def complete() -> None:
            for step in working:
                done.add(step)
                on_step(step, "completed", "")
            working.clear()

        def on_line(line: Mapping[str, Any]) -> None:
            steps = _STEPS.get(str(line.get("step")), ())
            if not steps or steps[0] in working:
                return
            complete()
            for step in steps:
                working.append(step)
                on_step(step, "running", "")

        # The process says its first word only when it has started.
        on_line({"step": "Scoring package"})
        result = worker.run(plain, on_line, stop)
        complete()
        if "register" not in done:
            on_step("register", "skipped", "")
        return Deployed(
            name=order.name,
            url=str(result.get("url", "")),
            key=str(result.get("key", "")),
            version=int(result.get("version", 1)),
            folder=Path(result["folder"]) if result.get("folder") else None,
            notes=tuple(map(str, result.get("notes", ()))),
        )

    def endpoints(self) -> list[EndpointInfo]:
        """Return all endpoints by name."""
        return [self._info(status) for status in self._endpoints().statuses()]

    def key(self, name: str) -> str:
        """Return the primary key of an endpoint."""
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
        self._endpoints().delete(name)

    def roll_back(self, name: str, version: int) -> None:
        """Let an earlier version answer."""
        self._endpoints().rollback(name, version)

    def log(self, name: str) -> str:
        """Return the end of the log."""
        return "\n".join(self._endpoints().logs(name, LOG_LINES))

    def metrics(self, name: str) -> Mapping[str, Any]:
        """Return what a running endpoint counted."""
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
        endpoints = self._endpoints()
        began = time.perf_counter()
        status, answer = endpoints.ask(name, "POST", "/score", body)
        seconds = time.perf_counter() - began
        return Answer(status, answer.decode("utf-8", "replace"), seconds)

    def languages(self) -> Mapping[str, str]:
        """Return the languages that there is code in."""
        from designer.serving.consume import LANGUAGES

        return {language: _TITLES.get(language, language) for language in LANGUAGES}

    def code(self, language: str, info: EndpointInfo, sample: str, key: str | None) -> str:
        """Return code that sends a request."""
        from designer.serving.consume import consume_code

        return consume_code(language, info.url, sample, key=key)

    def score_file(
        self,
        name: str,
        source: Path,
        target: Path,
        on_progress: Callable[[int, int], None],
        stop: threading.Event,
    ) -> tuple[int, int]:
        """Score a file in a process of its own."""

        def on_line(line: Mapping[str, Any]) -> None:
            if "rows" in line:
                on_progress(int(line["rows"]), int(line["of"]))

        plain = {
            "action": "score",
            "workspace": str(self._workspace.folder),
            "name": name,
            "source": str(source),
            "target": str(target),
        }
        result = worker.run(plain, on_line, stop)
        return int(result["rows"]), int(result["refused"])

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

    def delete_model(self, name: str, version: str | None) -> None:
        """Delete a version of a model, or all of it."""
        from designer.tracking import registry

        self._call(registry.delete, self._workspace.folder, name, version)

    def _endpoints(self) -> Endpoints:
        from designer.serving import Endpoints

        return Endpoints(self._workspace)

    def _info(self, status: Status) -> EndpointInfo:
        from designer.serving import ServingError

        requests = errors = latency = None
        if status.state == "running":
            try:
                metrics = self._endpoints().metrics(status.name)
                requests, errors = int(metrics["requests"]), int(metrics["errors"])
                latency = metrics["latency_ms"]["p50"]
            except (ServingError, KeyError, TypeError):
                # It has ended meanwhile; the next look will tell.
                requests = errors = latency = None
        return EndpointInfo(
            status.name,
            status.state,
            status.version,
            status.versions,
            status.url,
            requests,
            errors,
            latency,
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
