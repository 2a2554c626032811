"""What the window asks of serving and of the registry of models.

Everything here may take its time and is called on threads (see
:class:`designer.app.deployment.background.Background`). Errors are
:class:`designer.app.deployment.problem.Problem` or have a ``message`` and a ``hint``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

LOCAL = "local"

TARGETS: Mapping[str, str] = {
    LOCAL: "This computer",
    "docker": "Docker, as files",
    "aci": "Azure Container Instances, as files",
    "aks": "Azure Kubernetes Service, as files",
    "managed": "Azure managed online endpoint, as files",
}
"""Where a pipeline can be deployed, in the order of the list."""

STEPS: Mapping[str, str] = {
    "entry-script": "Prepare the entry script",
    "configuration": "Prepare the inference configuration",
    "register": "Register the model",
    "deploy": "Deploy on this computer",
    "check": "Check that it answers",
}
"""The steps of a deployment in their order."""

OnStep = Callable[[str, str, str], None]
"""Called with a step, ``running``, ``completed`` or ``skipped``, and what there is to say."""


@dataclass(frozen=True)
class EndpointInfo:
    """An endpoint as the list shows it.

    Parameters
    ----------
    state : str
        ``running``, ``starting``, ``unresponsive``, ``stopped`` or ``failed``.
    versions : tuple of int
        All that can be gone back to, oldest first.
    url : str
        The address that rows are sent to.
    requests, errors : int or None
        None while it does not run.
    latency : float or None
        Median in milliseconds.
    """

    name: str
    state: str
    version: int
    versions: tuple[int, ...] = ()
    url: str = ""
    requests: int | None = None
    errors: int | None = None
    latency: float | None = None

    @property
    def running(self) -> bool:
        """Whether it can be asked."""
        return self.state == "running"


@dataclass(frozen=True)
class Prepared:
    """An inference pipeline that is ready to be deployed.

    Parameters
    ----------
    text : str
        In the form of a pipeline file.
    base : Path
        The folder that its relative paths start from.
    notes : tuple of str
        What the person should know.
    """

    text: str = field(repr=False)
    base: Path
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DeployOrder:
    """What is to be deployed, and where.

    Parameters
    ----------
    pipeline : str
        The text of the inference pipeline.
    base : Path
        The folder that its relative paths start from.
    source : str
        What the person calls the pipeline; for lists.
    port : int or None
        None for any that is free.
    key : str
        Empty for one that nobody can guess.
    folder : Path or None
        Where the files go; for targets other than this computer.
    """

    name: str
    pipeline: str = field(repr=False)
    base: Path
    source: str = ""
    target: str = LOCAL
    port: int | None = None
    key: str = field(default="", repr=False)
    folder: Path | None = None


@dataclass(frozen=True)
class Deployed:
    """What came of a deployment.

    Parameters
    ----------
    folder : Path or None
        The files, for a target other than this computer.
    notes : tuple of str
        What the person should know.
    """

    name: str
    url: str = ""
    key: str = field(default="", repr=False)
    version: int = 1
    folder: Path | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interface:
    """What an endpoint takes.

    Parameters
    ----------
    inputs : mapping of str to sequence of mapping
        The columns of each input, as ``RequestColumn.to_json`` gives them.
    samples : mapping of str to sequence of mapping
        Real rows of each input.
    parameters : mapping of str to object
        Pipeline parameters that a request may set, with their defaults.
    """

    inputs: Mapping[str, Sequence[Mapping[str, Any]]]
    samples: Mapping[str, Sequence[Mapping[str, Any]]]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The answer of an endpoint to a request.

    Parameters
    ----------
    status : int
        Of HTTP.
    seconds : float
        From sending to the last byte, as this computer saw it.
    """

    status: int
    text: str
    seconds: float


class Backend(Protocol):
    """Deploys, and looks after what is deployed."""

    def problem_with_name(self, name: str, target: str) -> str:
        """Return why a name can't be an endpoint's; empty if it can. Quick."""

    def deploy(self, order: DeployOrder, on_step: OnStep, stop: threading.Event) -> Deployed:
        """Deploy; ``on_step`` is called on the same thread. Ends early when stopped."""

    def endpoints(self) -> list[EndpointInfo]:
        """Return all endpoints by name."""

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
        name: str,
        source: Path,
        target: Path,
        on_progress: Callable[[int, int], None],
        stop: threading.Event,
    ) -> tuple[int, int]:
        """Score the rows of a table into a CSV file; return how many were and were not scored."""

    def models(self) -> list[dict[str, Any]]:
        """Return the registered models; see :func:`designer.tracking.registry.models`."""

    def model(self, name: str) -> dict[str, Any]:
        """Return a model with its versions; see :func:`designer.tracking.registry.model`."""

    def delete_model(self, name: str, version: str | None) -> None:
        """Delete a version of a model, or all of it."""
