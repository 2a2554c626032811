"""Submits a pipeline to Azure ML and follows it, so that it looks like a run of this computer.

Everything that can be checked is checked before anything is sent. The run is Azure's;
its events, logs, results and record are the engine's, in the person's own workspace.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from designer.azure.compiling import compile_pipeline
from designer.azure.errors import AzureError
from designer.azure.following import Follower
from designer.azure.problems import CompileError, check_sdk
from designer.azure.remote import RemotePipeline
from designer.azure.silence import quiet
from designer.azure.steps import Description, describe
from designer.azure.workspace import Say, WorkspaceConfig
from designer.engine.events import Event
from designer.engine.results import RunResult
from designer.pipeline import file
from designer.pipeline.model import Json, Pipeline
from designer.tracking.trigger import record_later
from designer.workspace import Workspace
from modules.contract import ModuleSpec

TARGETS = ("azureml-v1", "azureml-v2")

FETCH = ("all", "reports", "none")
"""What is brought back: every output; evaluations and models only; nothing."""

POLL = 5.0
"""Seconds between two looks at a run."""


@dataclass(frozen=True)
class Destination:
    """Where a pipeline is sent.

    Parameters
    ----------
    target : str
        One of :data:`TARGETS`.
    experiment : str
        What its runs are listed under; default: the pipeline's name.
    compute : str or None
        The compute target; None for the one that the pipeline names.
    sign_in : str
        One of :data:`designer.azure.errors.SIGN_INS`.
    """

    target: str
    config: WorkspaceConfig
    experiment: str = ""
    compute: str | None = None
    sign_in: str = "browser"


class Connection(Protocol):
    """A workspace that one of the SDKs has signed in to."""

    def computes(self) -> dict[str, str]:
        """Return the compute targets that can run a pipeline, with their kinds."""

    def submit(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        parameters: Mapping[str, Json],
        experiment: str,
    ) -> RemotePipeline:
        """Send the compiled files and start the pipeline."""

    def publish(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        name: str,
        text: str,
    ) -> dict[str, Any]:
        """Make the pipeline an endpoint that others can start; return what and where."""

    def schedule(
        self,
        description: Description,
        folder: Path,
        *,
        compute: str | None,
        experiment: str,
        name: str,
        when: Schedule,
    ) -> dict[str, Any]:
        """Let the pipeline start by itself; return what and when."""


@dataclass(frozen=True)
class Schedule:
    """When a pipeline starts by itself: every so often, or when data changes.

    Parameters
    ----------
    frequency : str
        ``minute``, ``hour``, ``day``, ``week`` or ``month``; empty for a change of data.
    interval : int
        Every so many of these.
    path : str
        The folder of the default datastore that is watched.
    polling : int
        Minutes between two looks at that folder.
    """

    frequency: str = ""
    interval: int = 1
    path: str = ""
    polling: int = 5


def connect(destination: Destination, *, say: Say = print) -> Connection:
    """Sign in.

    Raises
    ------
    CompileError
        If the SDK is missing or too old.
    AzureError
        If the workspace can't be reached.
    """
    check_sdk(destination.target.removeprefix("azureml-"))
    if destination.target == "azureml-v1":
        from designer.azure.submission_v1 import ConnectionV1

        return ConnectionV1(destination, say)
    from designer.azure.submission_v2 import ConnectionV2

    return ConnectionV2(destination, say)


def start(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    destination: Destination,
    connection: Connection | None = None,
    parameters: Mapping[str, Json] | None = None,
    name: str = "pipeline",
    source: Path | None = None,
    on_event: Callable[[Event], None] | None = None,
    say: Say = print,
    fetch: str = "all",
    poll: float = POLL,
) -> RemoteRunHandle:
    """Submit a pipeline and begin to follow it; blocks until Azure ML has taken it.

    Parameters
    ----------
    base : Path
        The folder of the pipeline's file.
    workspace : Workspace
        The person's own, which gets the record and the results.
    connection : Connection, optional
        An earlier one to the same destination.
    fetch : str
        One of :data:`FETCH`.
    poll : float
        Seconds between two looks at the run.

    Raises
    ------
    CompileError
        With everything about the pipeline that is in the way; nothing has been sent.
    AzureError
        If it can't be submitted.
    """
    values = dict(parameters or {})
    with tempfile.TemporaryDirectory(prefix="modeldesk-", ignore_cleanup_errors=True) as place:
        folder = Path(place) / "compiled"
        description = prepare(
            pipeline,
            catalog,
            base=base,
            workspace=workspace,
            destination=destination,
            parameters=values,
            name=name,
            folder=folder,
        )
        connection = connection or connect(destination, say=say)
        check_computes(description, destination, connection)
        remote = connection.submit(
            description,
            folder,
            compute=destination.compute,
            parameters={each.name: each.default for each in description.parameters},
            experiment=destination.experiment or description.name,
        )
    return RemoteRunHandle(
        remote, description, pipeline, workspace, destination, source, on_event, fetch, poll
    )


def prepare(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    destination: Destination,
    folder: Path,
    parameters: Mapping[str, Json] | None = None,
    name: str = "pipeline",
) -> Description:
    """Compile a pipeline for a destination, without a network."""
    if destination.target not in TARGETS:
        raise AzureError(
            f"“{destination.target}” is no target.", f"Targets are {' and '.join(TARGETS)}."
        )
    description = describe(
        pipeline,
        catalog,
        base=base,
        name=name,
        parameters=parameters,
        resolve=workspace.resolve,
        datasets=list(workspace.datasets()),
    )
    with quiet():
        compile_pipeline(description, destination.target, folder, compute=destination.compute)
    return description


def check_computes(
    description: Description, destination: Destination, connection: Connection
) -> None:
    """Raise AzureError if a compute target is not there, or none is named."""
    chosen = destination.compute or description.compute
    wanted = [step.compute or chosen for step in description.steps]
    known = connection.computes()
    there = f"It has: {', '.join(known)}." if known else "It has none; make one in Azure ML studio."
    for name in wanted:
        if name is None:
            raise AzureError("No compute target is chosen.", there)
        if name not in known:
            raise AzureError(
                f"The workspace “{destination.config.name}” has no compute target “{name}”.", there
            )


class RemoteRunHandle:
    """A run on Azure ML that is being followed; like the engine's RunHandle.

    ``remote_id`` and ``url`` are Azure's.
    """

    def __init__(
        self,
        remote: RemotePipeline,
        description: Description,
        pipeline: Pipeline,
        workspace: Workspace,
        destination: Destination,
        source: Path | None,
        on_event: Callable[[Event], None] | None,
        fetch: str,
        poll: float,
    ) -> None:
        self.id, self.folder = workspace.new_run()
        self.remote_id = remote.id
        self.url = remote.url
        self._pipeline = pipeline
        self._workspace = workspace
        self._destination = destination
        self._source = source
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self._follower = Follower(
            self.id,
            remote,
            description,
            pipeline,
            self.folder,
            on_event=on_event,
            fetch=fetch,
            poll=poll,
        )
        self.thread = threading.Thread(target=self._run, name=f"run {self.id}", daemon=True)
        self.thread.start()

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._done.is_set()

    def cancel(self) -> None:
        """Ask Azure ML to end the run. Returns at once."""
        self._follower.cancel()

    def leave(self) -> None:
        """Stop to follow the run, which goes on. Returns at once."""
        self._follower.leave()

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end of the run; None if that takes longer, or if it was left.

        Raises
        ------
        AzureError
            If the run can't be followed any more; it goes on.
        OSError
            If the run's record can't be written.
        """
        if not self._done.wait(timeout):
            return None
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        started = time.time()
        azure = {
            "target": self._destination.target,
            "workspace": self._destination.config.name,
            "experiment": self._destination.experiment,
            "run": self.remote_id,
            "url": self.url,
        }
        try:
            (self.folder / "pipeline.json").write_text(file.dumps(self._pipeline), "utf-8")
            self._result = self._follower.follow()
            if self._result is not None:
                record = self._result.to_json() | {
                    "started": started,
                    "source": os.path.abspath(self._source) if self._source else None,
                    "azure": azure,
                }
                self._workspace.remember_run(self.id, record, self._source)
                record_later(self._workspace)
        except BaseException as error:
            self._error = error
        finally:
            self._done.set()


__all__ = [
    "FETCH",
    "TARGETS",
    "AzureError",
    "CompileError",
    "Connection",
    "Destination",
    "RemoteRunHandle",
    "Schedule",
    "check_computes",
    "connect",
    "prepare",
    "start",
]
