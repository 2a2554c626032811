"""The interface to web services in an Azure ML workspace, whichever SDK is used.

:mod:`designer.azure.deploy.web_services` does it with SDK v1, for Azure Container Instances and
Kubernetes; :mod:`designer.azure.deploy.managed_endpoints` with SDK v2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from designer.azure.clouds import STUDIOS
from designer.azure.errors import AzureError, translated_errors, without_secrets
from designer.azure.workspace import WorkspaceConfig

ENTRY_SCRIPT = "score.py"

PROVIDER = "Microsoft.MachineLearningServices"

WAIT = 5.0
"""Seconds between two checks of a deployment."""

PATIENCE = 5400.0
"""Seconds after which a deployment that neither fails nor succeeds is given up."""

LOG_LINES = 25
"""Lines of a log that are shown with an error."""

OnProgress = Callable[[str], object]


@dataclass(frozen=True)
class ServiceSpec:
    """A version of a web service that is to be deployed.

    Parameters
    ----------
    version : int
        The number of the version on this computer.
    model : str
        The registered model as ``NAME:VERSION``; see :meth:`ServiceClient.register`.
    code : Path
        The scoring package without the model.
    conda : Path
        The conda file of the environment.
    options : mapping of str to object
        Sizes and cluster, by the names of the target's options.
    key : str or None
        The primary key; None for one that Azure creates.
    """

    name: str
    version: int
    model: str
    code: Path
    conda: Path
    options: Mapping[str, Any]
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class FoundService:
    """A web service that is in the workspace.

    Parameters
    ----------
    state : str
        ``running``, ``starting``, ``unresponsive`` or ``failed``.
    url : str
        Where rows are sent to.
    """

    state: str
    url: str


class ServiceClient(Protocol):
    """The web services of one kind in a workspace; its methods raise AzureError."""

    def choose(self, options: Mapping[str, Any]) -> str:
        """Check that the compute target is there; return its description."""

    def find(self, name: str) -> FoundService | None:
        """Return a web service, or None if there is none of this name."""

    def register(self, name: str, model: Path, tags: dict[str, str]) -> str:
        """Register the folder of a model; return it as ``NAME:VERSION``."""

    def unregister(self, model: str) -> None:
        """Delete a registered model."""

    def deploy(self, spec: ServiceSpec, on_progress: OnProgress) -> FoundService:
        """Deploy a version and wait for it; a managed endpoint routes no traffic to it yet."""

    def has(self, name: str, version: int) -> bool:
        """Return whether a version is there, so that it can be released."""

    def release(self, name: str, version: int, keep: int | None) -> None:
        """Route all traffic to a version; others but ``keep`` are deleted."""

    def withdraw(self, name: str, version: int) -> None:
        """Delete a version, and the web service with its last one."""

    def keys(self, name: str) -> tuple[str, str]:
        """Return the primary and the secondary key."""

    def renew_key(self, name: str, which: str) -> None:
        """Regenerate the ``primary`` or ``secondary`` key in Azure."""

    def logs(self, name: str, version: int, lines: int) -> str:
        """Return the end of the log of the servers."""

    def delete(self, name: str) -> None:
        """Delete a web service with all its versions."""


def send(
    url: str,
    key: str,
    body: bytes,
    *,
    config: WorkspaceConfig,
    version: int | None = None,
    seconds: float = 60,
) -> tuple[int, bytes]:
    """Send rows to a web service with its key; return status and body.

    Parameters
    ----------
    version : int, optional
        Of a managed endpoint: this version, whatever its traffic is.

    Raises
    ------
    AzureError
        If there is no response.
    """
    import requests

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    if version is not None:
        headers["azureml-model-deployment"] = deployment_name(version)
    with translated_errors(config, ""):
        # A redirection would take the key elsewhere.
        response = requests.post(url, body, headers=headers, timeout=seconds, allow_redirects=False)
        return response.status_code, response.content


def tags_of(version: int) -> dict[str, str]:
    """Return the tags of a model and a web service of a version."""
    return {"version": str(version), "made with": "ModelDesk"}


def deployment_name(version: int) -> str:
    """Return what the deployment of a version is called within a managed endpoint."""
    # The SDK rejects names of fewer than three characters.
    return f"version-{version}"


def page(config: WorkspaceConfig, name: str) -> str:
    """Return the page of Azure ML studio that shows a web service."""
    scope = (
        f"/subscriptions/{config.subscription}/resourceGroups/{config.resource_group}"
        f"/providers/{PROVIDER}/workspaces/{config.name}"
    )
    return f"{STUDIOS[config.cloud]}/endpoints/realtime/{name}/detail?wsid={scope}"


def failure(message: str, log: str, *keys: str | None) -> AzureError:
    """Return the error of a deployment that failed, with the end of its log and no secrets."""
    text = without_secrets(log.strip())
    for key in keys:
        text = text.replace(key, "***") if key else text
        message = message.replace(key, "***") if key else message
    lines = text.splitlines()[-LOG_LINES:]
    hint = "\n".join(["The end of its log:", *lines]) if lines else ""
    return AzureError(without_secrets(message), hint)
