"""One training script, or one module, as a job of Azure ML: submit, wait, save the model.

What the script writes into its folder ``outputs`` is kept by Azure ML and can be downloaded
and registered as a model.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from designer.azure.connection import check_computes
from designer.azure.runs.remote import RemotePipelineState
from designer.azure.runs.submission import Connection, SubmissionTarget, connect
from designer.azure.scripts.compiled_script import JOB, CompiledScript
from designer.azure.scripts.script import Script
from designer.azure.scripts.script_jobs import ScriptV1, ScriptV2, command_job
from designer.azure.workspace import Notify


class RemoteScript(Protocol):
    """A script that Azure ML has accepted; its methods raise AzureError."""

    id: str
    url: str

    def state(self) -> RemotePipelineState:
        """Return how far it is."""

    def log(self, start: int) -> bytes:
        """Return its log from a byte offset on."""

    def metrics(self) -> dict[str, float]:
        """Return the latest value of each metric that it has logged."""

    def fetch(self, folder: Path) -> None:
        """Download its ``outputs`` into a folder."""

    def fetch_output(self, name: str, written: str, folder: Path) -> None:
        """Download an output of a run configuration, given the folder that it names."""

    def register_model(self, name: str, path: str) -> str:
        """Register a file or folder below ``outputs`` as a model; return name and version."""

    def cancel(self) -> None:
        """Request its cancellation."""


def submit(
    script: Script,
    destination: SubmissionTarget,
    *,
    connection: Connection | None = None,
    name: str = "script",
    notify: Notify = print,
) -> RemoteScript:
    """Submit a script and return at once.

    Raises
    ------
    AzureError
        If it can't be submitted; nothing has been sent if the compute is unknown.
    """
    connection = connection or connect(destination, notify=notify)
    check_computes([destination.compute], destination, connection)
    compute = str(destination.compute)
    experiment = destination.experiment or name
    if destination.target == "azureml-v1":
        return ScriptV1(connection, script, compute, experiment)
    with command_job(script, compute, experiment, name) as job:
        return ScriptV2(connection, job)


def submit_compiled(
    compiled: CompiledScript,
    destination: SubmissionTarget,
    *,
    connection: Connection | None = None,
    seconds: float | None = None,
    notify: Notify = print,
) -> RemoteScript:
    """Submit the job of a run configuration and return at once.

    Parameters
    ----------
    seconds : float, optional
        The time limit.

    Raises
    ------
    AzureError
        If it can't be submitted; nothing has been sent if the compute is unknown.
    """
    connection = connection or connect(destination, notify=notify)
    check_computes([destination.compute], destination, connection)
    compute = str(destination.compute)
    if destination.target == "azureml-v1":
        return ScriptV1(
            connection,
            compiled.script,
            compute,
            destination.experiment,
            registered=compiled.registered,
            seconds=seconds,
        )
    from azure.ai.ml import load_job

    changes = [{"compute": f"azureml:{compute}"}]
    return ScriptV2(connection, load_job(compiled.folder / JOB, params_override=changes))


def wait(
    remote: RemoteScript,
    *,
    poll: float = 5.0,
    on_line: Callable[[str], None] | None = None,
    cancel: threading.Event | None = None,
    timeout: float | None = None,
) -> RemotePipelineState:
    """Wait for the end of a script.

    Parameters
    ----------
    poll : float
        Seconds between two polls.
    on_line : callable, optional
        Receives its output.
    cancel : Event, optional
        When it is set, the script is cancelled.

    Raises
    ------
    TimeoutError
        If it takes longer than ``timeout`` seconds; it keeps running.
    """
    end = None if timeout is None else time.monotonic() + timeout
    cancel = cancel or threading.Event()
    cancelled = False
    read = 0
    rest = b""
    while True:
        if cancel.is_set() and not cancelled:
            remote.cancel()
            cancelled = True
        state = remote.state()
        ended = state.status in ("completed", "failed", "cancelled")
        if on_line is not None and state.status != "waiting":
            content = remote.log(read)
            read += len(content)
            *lines, rest = (rest + content).split(b"\n")
            for line in [*lines, *([rest] if ended and rest else [])]:
                on_line(line.decode("utf-8", "replace").rstrip("\r"))
        if ended:
            return state
        if end is not None and time.monotonic() > end:
            raise TimeoutError("The script still runs.")
        if cancelled:
            time.sleep(poll)
        else:
            cancel.wait(poll)
