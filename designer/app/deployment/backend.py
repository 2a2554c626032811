"""What the window asks of serving and of the registry of models.

Everything here may take its time and is called on threads (see
:class:`designer.app.background.threads.Background`). Errors are
:class:`designer.app.deployment.problem.Problem` or have a ``message`` and a ``hint``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

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

OnStep = Callable[[str, str, str], None]
"""Called with a step, ``running``, ``completed``, ``skipped`` or ``failed``, and what there is to
say."""


class Backend(Protocol):
    """Deploys, and looks after what is deployed."""

    def problem_with_name(self, name: str, target: str) -> str:
        """Return why a name can't be an endpoint's; empty if it can. Quick.

        Parameters
        ----------
        target : str
            Empty if only files are written.
        """

    def note_on_name(self, name: str) -> str:
        """Return what deploying under a name does to what is there; empty for a new one. Quick."""

    def obstacle(self, target: str) -> str:
        """Return why nothing can be deployed to a target from here; empty if it can."""

    def steps(self, order: DeployOrder) -> Mapping[str, str]:
        """Return the steps of a deployment in their order: titles by id."""

    def deploy(self, order: DeployOrder, on_step: OnStep, halt: Halt) -> Deployed:
        """Deploy; ``on_step`` is called on the same thread.

        When it is halted, it takes back what it made, in Azure for minutes; see
        :func:`designer.app.background.worker.run` for how it tells that.
        """

    def endpoints(self) -> list[EndpointInfo]:
        """Return all endpoints by name."""

    def look(self, name: str) -> EndpointInfo:
        """Find out how an endpoint is; in the cloud that takes its time."""

    def key(self, name: str) -> str:
        """Return the key of an endpoint."""

    def start(self, name: str) -> None:
        """Start an endpoint that was stopped."""

    def stop(self, name: str) -> None:
        """Stop an endpoint; it stays in the list."""

    def restart(self, name: str) -> None:
        """Stop and start an endpoint."""

    def delete(self, name: str) -> None:
        """Stop an endpoint and delete it with all its versions."""

    def forget(self, name: str) -> None:
        """Take an endpoint in the cloud out of the list; there it stays."""

    def roll_back(self, name: str, version: int) -> None:
        """Let an earlier version answer."""

    def log(self, name: str) -> str:
        """Return the end of the log."""

    def metrics(self, name: str) -> Mapping[str, Any]:
        """Return the metrics of a running endpoint, as ``Metrics.to_json`` of the endpoint."""

    def interface(self, name: str) -> Interface:
        """Return what an endpoint takes."""

    def ask(self, name: str, body: bytes) -> Answer:
        """Send a request."""

    def languages(self) -> Mapping[str, str]:
        """Return the languages that there is code in: titles by id."""

    def code(self, language: str, info: EndpointInfo, sample: str, key: str | None) -> str:
        """Return code that sends a request; without a key it reads one from the environment."""

    def score_file(
        self,
        order: ScoreOrder,
        on_progress: Callable[[int, int], None],
        halt: Halt,
    ) -> Scored:
        """Score the rows of a file; ``on_progress`` gets the rows done and their number."""

    def models(self) -> list[dict[str, Any]]:
        """Return the registered models; see :func:`designer.tracking.registry.models`."""

    def model(self, name: str) -> dict[str, Any]:
        """Return a model with its versions; see :func:`designer.tracking.registry.model`."""

    def pipeline(self, name: str, number: str) -> Prepared | None:
        """Return the inference pipeline of a registered version; None if it is not kept."""

    def delete_model(self, name: str, version: str | None) -> None:
        """Delete a version of a model, or all of it."""
