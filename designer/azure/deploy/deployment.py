"""Deploying a scoring package as a web service of an Azure ML workspace.

What both SDKs do is described here once; :mod:`designer.azure.deploy.deployment_v1` does it for
Azure Container Instances and Kubernetes, :mod:`designer.azure.deploy.deployment_v2` for managed
online endpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from designer.azure.compile.problems import check_sdk
from designer.azure.errors import AzureError, in_words, without_secrets
from designer.azure.workspace import Say, WorkspaceConfig

TARGETS = ("aci", "aks", "managed")

ENTRY_SCRIPT = "score.py"

PROVIDER = "Microsoft.MachineLearningServices"

WAIT = 5.0
"""Seconds between two looks at a deployment."""

PATIENCE = 5400.0
"""Seconds after which a deployment that neither fails nor succeeds is given up."""

LOG_LINES = 25
"""Lines of a log that are shown with an error."""

OnProgress = Callable[[str], object]


@dataclass(frozen=True)
class Order:
    """What is deployed, and on what.

    Parameters
    ----------
    version : int
        The number of the version on this computer.
    model : str
        The registered model as ``NAME:VERSION``; see :meth:`Cloud.register`.
    code : Path
        The scoring package without the model.
    conda : Path
        The conda file of the environment.
    key : str or None
        The primary key; None for one of Azure's making.
    """

    name: str
    version: int
    model: str
    code: Path
    conda: Path
    cores: float = 1.0
    memory: float = 2.0
    instances: int = 1
    instance_type: str = "Standard_DS3_v2"
    cluster: str | None = None
    key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Found:
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


class Cloud(Protocol):
    """The web services of one target in a workspace; its methods raise AzureError."""

    def choose(self, cluster: str | None) -> str:
        """Check that the compute target is there; return what it is, in words."""

    def find(self, name: str) -> Found | None:
        """Return a web service, or None if there is none of this name."""

    def register(self, name: str, model: Path, tags: dict[str, str]) -> str:
        """Register the folder of a model; return it as ``NAME:VERSION``."""

    def unregister(self, model: str) -> None:
        """Delete a registered model."""

    def deploy(self, order: Order, on_progress: OnProgress) -> Found:
        """Deploy a version and wait for it; a managed endpoint gives it no traffic yet."""

    def has(self, name: str, version: int) -> bool:
        """Tell whether a version is there, so that it can be released."""

    def release(self, name: str, version: int, keep: int | None) -> None:
        """Give all traffic to a version; others but ``keep`` are deleted."""

    def withdraw(self, name: str, version: int) -> None:
        """Delete a version, and the web service with its last one."""

    def keys(self, name: str) -> tuple[str, str]:
        """Return the primary and the secondary key."""

    def renew_key(self, name: str, which: str) -> None:
        """Let Azure make a new ``primary`` or ``secondary`` key."""

    def logs(self, name: str, version: int, lines: int) -> str:
        """Return the end of the log of the servers."""

    def delete(self, name: str) -> None:
        """Delete a web service with all its versions."""


def connect(target: str, config: WorkspaceConfig, sign_in: str, *, say: Say = print) -> Cloud:
    """Sign in.

    Parameters
    ----------
    target : str
        One of :data:`TARGETS`.

    Raises
    ------
    CompileError
        If the SDK is missing or too old.
    AzureError
        If the workspace can't be reached.
    """
    if target == "managed":
        check_sdk("v2")
        from designer.azure.deploy.deployment_v2 import ManagedEndpoints

        return ManagedEndpoints(config, sign_in, say)
    check_sdk("v1")
    from designer.azure.deploy.deployment_v1 import WebServices

    return WebServices(target, config, sign_in, say)


def ask(
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
        If there is no answer.
    """
    import requests

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    if version is not None:
        headers["azureml-model-deployment"] = deployment_name(version)
    with in_words(config, ""):
        # A redirection would take the key elsewhere.
        answer = requests.post(url, body, headers=headers, timeout=seconds, allow_redirects=False)
        return answer.status_code, answer.content


def deployment_name(version: int) -> str:
    """Return what the deployment of a version is called within a managed endpoint."""
    # The SDK refuses names of fewer than three characters.
    return f"version-{version}"


def page(config: WorkspaceConfig, name: str) -> str:
    """Return the page of Azure ML studio that shows a web service."""
    scope = (
        f"/subscriptions/{config.subscription}/resourceGroups/{config.resource_group}"
        f"/providers/{PROVIDER}/workspaces/{config.name}"
    )
    return f"https://ml.azure.com/endpoints/realtime/{name}/detail?wsid={scope}"


def failure(message: str, log: str, *keys: str | None) -> AzureError:
    """Return the error of a deployment that failed, with the end of its log and no secrets."""
    text = without_secrets(log.strip())
    for key in keys:
        text = text.replace(key, "***") if key else text
        message = message.replace(key, "***") if key else message
    lines = text.splitlines()[-LOG_LINES:]
    hint = "\n".join(["The end of its log:", *lines]) if lines else ""
    return AzureError(without_secrets(message), hint)
