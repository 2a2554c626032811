"""Submits a pipeline to Azure ML and follows it, so that it looks like a run of this computer.

Everything that can be checked is checked before anything is sent. The run is Azure's;
its events, logs, results and record are the engine's, in the user's own workspace.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from designer.azure.compile.compiling import compile_pipeline
from designer.azure.compile.describing import describe
from designer.azure.compile.problems import CompileError
from designer.azure.compile.steps import Description
from designer.azure.connection import Connection, check_computes, check_target, connect
from designer.azure.errors import AzureError, GoneError
from designer.azure.publish.schedule import Schedule
from designer.azure.runs.output_download import FETCH
from designer.azure.runs.remote import RemotePipeline
from designer.azure.runs.remote_record import (
    RemoteRecord,
    find_open_run,
    forget_record,
    record_of,
    write_record,
)
from designer.azure.runs.run_handle import RemoteRunHandle
from designer.azure.submission_target import TARGETS, SubmissionTarget
from designer.azure.workspace import Notify
from designer.engine.events import Event
from designer.pipeline import file
from designer.pipeline.model import Json, Pipeline
from designer.private_files import write_private
from designer.workspace import Workspace
from modules.contract import ModuleSpec

POLL = 5.0
"""Seconds between two polls of a run."""


@dataclass(frozen=True)
class Submitted:
    """A run that Azure ML has accepted, and that isn't followed yet.

    Parameters
    ----------
    id : str
        The run's id in the user's workspace.
    """

    id: str
    remote: RemotePipeline
    record: RemoteRecord


def start(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    workspace: Workspace,
    on_event: Callable[[Event], None] | None = None,
    notify: Notify = print,
    poll: float = POLL,
    **options: Any,
) -> RemoteRunHandle:
    """Submit a pipeline and begin to follow it; blocks until Azure ML has accepted it.

    Parameters
    ----------
    poll : float
        Seconds between two polls of the run.
    **options
        Those of :func:`submit`.
    """
    sent = submit(pipeline, catalog, workspace=workspace, notify=notify, **options)
    return RemoteRunHandle(
        workspace, sent.id, sent.remote, sent.record, on_event=on_event, poll=poll, notify=notify
    )


def submit(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    destination: SubmissionTarget,
    connection: Connection | None = None,
    parameters: Mapping[str, Json] | None = None,
    registered: Mapping[str, str] | None = None,
    name: str = "pipeline",
    source: Path | None = None,
    notify: Notify = print,
    fetch: str = "all",
) -> Submitted:
    """Submit a pipeline and return as soon as Azure ML has accepted it.

    Parameters
    ----------
    base : Path
        The folder of the pipeline's file.
    workspace : Workspace
        The user's own, which gets the record and the results.
    connection : Connection, optional
        An earlier one to the same destination.
    registered : mapping, optional
        See :func:`designer.azure.compile.describing.describe`.
    fetch : str
        One of :data:`FETCH`.

    Raises
    ------
    CompileError
        With all problems of the pipeline; nothing has been submitted.
    AzureError
        If it can't be submitted.
    """
    values = dict(parameters or {})
    # Check that files can be written here before anything is sent.
    run, folder = workspace.new_run()
    try:
        write_private(folder / "pipeline.json", file.dumps(pipeline))
        with ready(
            pipeline,
            catalog,
            base=base,
            workspace=workspace,
            destination=destination,
            connection=connection,
            parameters=values,
            registered=registered,
            name=name,
            notify=notify,
        ) as (description, compiled, connection):
            used = {each.name: each.default for each in description.parameters}
            remote = connection.submit(
                description,
                compiled,
                compute=destination.compute,
                parameters=used,
                experiment=destination.experiment or description.name,
            )
            with _ended_on_failure(remote):
                record = record_of(
                    remote,
                    description,
                    pipeline,
                    destination,
                    parameters=values,
                    source=source,
                    fetch=fetch,
                )
                write_record(workspace, run, record)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return Submitted(run, remote, record)


def attach(
    workspace: Workspace,
    run: str = "",
    *,
    connection: Connection | None = None,
    sign_in: str | None = None,
    fetch: str | None = None,
    on_event: Callable[[Event], None] | None = None,
    notify: Notify = print,
    poll: float = POLL,
) -> RemoteRunHandle:
    """Follow a run again that was submitted before, from its beginning.

    Parameters
    ----------
    run : str
        Its id in the workspace, or as :func:`find_open_run` has it.
    connection : Connection, optional
        One to the workspace that it runs in.
    sign_in, fetch : str, optional
        Instead of those with which it was submitted.

    Raises
    ------
    AzureError
        If there is no such run here or at Azure ML, or another program follows it.
    CompileError
        If the SDK is missing or too old.
    """
    run, record = find_open_run(workspace, run)
    if sign_in:
        record = replace(record, destination=replace(record.destination, sign_in=sign_in))
    record = replace(record, fetch=fetch or record.fetch)
    remote = _found(workspace, run, record, connection, notify)
    return RemoteRunHandle(
        workspace, run, remote, record, on_event=on_event, poll=poll, again=True, notify=notify
    )


def cancel(
    workspace: Workspace, run: str = "", *, sign_in: str | None = None, notify: Notify = print
) -> str:
    """Cancel a submitted run on Azure ML; return its id in the workspace.

    It raises as :func:`attach` does.
    """
    run, record = find_open_run(workspace, run)
    if sign_in:
        record = replace(record, destination=replace(record.destination, sign_in=sign_in))
    _found(workspace, run, record, None, notify).cancel()
    return run


@contextlib.contextmanager
def ready(
    pipeline: Pipeline,
    catalog: Mapping[str, ModuleSpec],
    *,
    base: Path,
    workspace: Workspace,
    destination: SubmissionTarget,
    connection: Connection | None,
    parameters: Mapping[str, Json] | None,
    registered: Mapping[str, str] | None,
    name: str,
    notify: Notify,
) -> Iterator[tuple[Description, Path, Connection]]:
    """Compile a pipeline, sign in and look for its computes: all that comes before sending.

    Yields
    ------
    tuple of Description, Path and Connection
        What is sent, the folder with its files for as long as this lasts, and where to.

    Raises
    ------
    CompileError
        With all problems of the pipeline.
    AzureError
        If the workspace can't be reached, lacks a compute target, or has storage that the SDK
        can't use.
    """
    check_target(destination.target)
    with tempfile.TemporaryDirectory(prefix="modeldesk-", ignore_cleanup_errors=True) as made:
        folder = Path(made) / "compiled"
        description = describe(
            pipeline,
            catalog,
            base=base,
            name=name,
            parameters=parameters,
            resolve=workspace.resolve,
            datasets=[*workspace.dataset_store.references(), *(registered or {})],
            registered=registered,
        )
        compile_pipeline(description, destination.target, folder, compute=destination.compute)
        connection = connection or connect(destination, notify=notify)
        chosen = destination.compute or description.compute
        wanted = [step.compute or chosen for step in description.steps]
        check_computes(wanted, destination, connection)
        connection.check_storage()
        yield description, folder, connection


@contextlib.contextmanager
def _ended_on_failure(remote: RemotePipeline) -> Iterator[None]:
    """End a run that Azure ML has accepted, but that would be unknown here."""
    try:
        yield
    except BaseException:
        # The first error matters more than that Azure can't be reached now.
        with contextlib.suppress(AzureError):
            remote.cancel()
        raise


def _found(
    workspace: Workspace,
    run: str,
    record: RemoteRecord,
    connection: Connection | None,
    notify: Notify,
) -> RemotePipeline:
    """Return a run at Azure ML; one that is gone there is no longer listed here."""
    connection = connection or connect(record.destination, notify=notify)
    try:
        return connection.find(record.remote_id)
    except GoneError:
        forget_record(workspace, run)
        raise


__all__ = [
    "FETCH",
    "TARGETS",
    "AzureError",
    "CompileError",
    "Connection",
    "RemoteRunHandle",
    "Schedule",
    "SubmissionTarget",
    "Submitted",
    "attach",
    "cancel",
    "connect",
    "ready",
    "start",
    "submit",
]
