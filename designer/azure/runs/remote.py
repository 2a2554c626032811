"""The interface to a pipeline that runs on Azure ML, whichever SDK submitted it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

STATUSES = {
    "notstarted": "waiting",
    "unapproved": "waiting",
    "queued": "queued",
    "preparing": "queued",
    "provisioning": "queued",
    "starting": "queued",
    "running": "running",
    "finalizing": "running",
    "cancelrequested": "running",
    "completed": "completed",
    "finished": "completed",
    "failed": "failed",
    "notresponding": "running",
    "canceled": "cancelled",
    "bypassed": "cancelled",
}
"""Status names of the services, in lowercase, and the names here."""


@dataclass(frozen=True)
class RemoteStepState:
    """The state of a step.

    Parameters
    ----------
    key : str
        The service's id of the step's run.
    status : str
        ``waiting``, ``queued``, ``running``, ``completed``, ``failed`` or ``cancelled``.
    reused : bool
        Whether an earlier result is reused.
    seconds : float
        How long it has worked.
    error : str
        The service's message about a failure.
    """

    key: str
    status: str
    reused: bool = False
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class RemotePipelineState:
    """The state of a pipeline; ``steps`` by the name of the step; pending ones may be missing."""

    status: str
    steps: Mapping[str, RemoteStepState] = field(default_factory=dict)


class RemotePipeline(Protocol):
    """A pipeline that Azure ML has accepted; its methods raise AzureError."""

    id: str
    url: str

    def state(self, cards: Collection[str] = ()) -> RemotePipelineState:
        """Return how far it is.

        Parameters
        ----------
        cards : collection of str
            The steps that are pipelines themselves, by their names; of those, the steps in them
            are returned, with names such as ``card/step``.
        """

    def ended(self, state: RemoteStepState) -> RemoteStepState:
        """Return the state of a step that has ended with how long it took and its error.

        With the key of the pipeline it is that of the pipeline.
        """

    def log(self, state: RemoteStepState, start: int) -> bytes:
        """Return the log of a step from a byte offset on; empty if there is no more."""

    def download(self, state: RemoteStepState, outputs: Mapping[str, Path]) -> None:
        """Download outputs of a step into folders, which are created; absent ones are left out."""

    def cancel(self) -> None:
        """Request its cancellation."""


def status_of(text: str) -> str:
    """Return what a status of a service is called here; what is unknown still runs."""
    return STATUSES.get(text.replace("_", "").replace(" ", "").lower(), "running")


def read_from(url: str, start: int, *, seconds: float = 30) -> bytes:
    """Return the content of a blob from a byte on.

    Parameters
    ----------
    url : str
        Its address with a signature in it, which is a secret.
    """
    import requests

    headers = {"Range": f"bytes={start}-"}
    response = requests.get(url, headers=headers, timeout=seconds)
    if response.status_code in (404, 416):
        return b""
    response.raise_for_status()
    content = response.content
    return content if response.status_code == 206 else content[start:]


def log_url(files: Mapping[str, str]) -> str | None:
    """Return where the log of the step itself is; older services name it otherwise."""
    for name in ("user_logs/std_log.txt", "azureml-logs/70_driver_log.txt"):
        if name in files:
            return files[name]
    return next((url for name, url in files.items() if name.startswith("user_logs/")), None)


def with_details(state: RemoteStepState, details: Mapping[str, Any]) -> RemoteStepState:
    """Return a state completed from the run history of the step."""
    error = details.get("error") or {}
    error = error.get("error", error) if isinstance(error, Mapping) else {}
    return replace(
        state,
        seconds=_seconds(details.get("startTimeUtc"), details.get("endTimeUtc")),
        error=str(error.get("message") or ""),
    )


def _seconds(start: Any, end: Any) -> float:
    try:
        first, last = (
            datetime.fromisoformat(str(each).replace("Z", "+00:00")) for each in (start, end)
        )
    except ValueError:
        return 0.0
    return max(0.0, (last - first).total_seconds())
