"""Types of deployments in the window, besides those of :mod:`designer.deployment`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from designer.deployment.status import Status
from designer.deployment.targets import targets

LOCAL = "local"

INFERENCE = "inference"
"""The first step of every deployment: the window makes the inference pipeline."""


@dataclass(frozen=True)
class EndpointInfo(Status):
    """An endpoint as the list shows it.

    Parameters
    ----------
    requests, errors : int or None
        None while it doesn't run, and in the cloud.
    latency : float or None
        Median in milliseconds.
    """

    requests: int | None = None
    errors: int | None = None
    latency: float | None = None

    @property
    def in_cloud(self) -> bool:
        """Whether it runs elsewhere, so that its state is asked for only when the user wants it."""
        known = targets()
        return self.target in known and known[self.target].remote

    @property
    def running(self) -> bool:
        """Whether requests can be sent to it."""
        return self.state == "running"


@dataclass(frozen=True)
class DeploySettings:
    """What the user asks for.

    Parameters
    ----------
    options : mapping of str to object
        By the names of the target's options.
    key : str
        Empty for a random one.
    folder : Path or None
        Only write the files of the deployment, into this folder.
    allow : frozenset of str
        Effects that the pipeline may have though it wasn't run here.
    explain : bool
        Responses contain the contributions to each prediction.
    """

    name: str
    target: str = LOCAL
    options: Mapping[str, Any] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    folder: Path | None = None
    allow: frozenset[str] = frozenset()
    explain: bool = False


@dataclass(frozen=True)
class Interface:
    """What an endpoint accepts.

    Parameters
    ----------
    inputs : mapping of str to sequence of mapping
        The columns of each input, as ``RequestColumn.to_json`` returns them.
    samples : mapping of str to sequence of mapping
        Real rows of each input.
    parameters : mapping of str to object
        Pipeline parameters that a request may set, with their defaults.
    """

    inputs: Mapping[str, Sequence[Mapping[str, Any]]]
    samples: Mapping[str, Sequence[Mapping[str, Any]]]
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Response:
    """The response of an endpoint to a request.

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
