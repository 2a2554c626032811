"""Recording of finished runs: which are still to be recorded, and doing it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from designer.records import DamagedRecordError, Record, read_record, write_record
from designer.redaction import without_secrets
from designer.tracking.connection import connected, locked, tracking_error
from designer.tracking.run_records import RunRecord, read_run
from designer.tracking.settings import TrackingError, UnusableDatabaseError, tracking_uri
from designer.workspace import Workspace

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from modules.contract import ModuleSpec

MARK = "tracking.json"
"""In a run's folder: its recording in MLflow."""

ATTEMPTS = 5
"""Maximum attempts to record a run although the server can be reached."""

_log = logging.getLogger(__name__)


def pending(workspace: Workspace) -> list[str]:
    """Return the ids of the finished runs that are still to be recorded, oldest first."""
    return [run for run in workspace.runs() if _is_open(mark_of(workspace, run))]


def mark_of(workspace: Workspace, run: str) -> dict[str, Any]:
    """Return what is known of a run's recording; empty if nothing is.

    Returns
    -------
    dict
        ``uri``, ``experiment_id``, ``run_id`` and ``data``, or ``attempts`` and ``problem``.
    """
    try:
        mark = read_record(workspace.run_folder(run) / MARK, _Mark)
    except DamagedRecordError as error:
        _log.warning("The run %s is recorded again. %s", run, error.message)
        return {}
    return mark.plain() if mark else {}


def record_pending(workspace: Workspace, *, wait: float = 0.0) -> tuple[list[str], list[str]]:
    """Record all runs that aren't recorded yet.

    Parameters
    ----------
    wait : float
        Seconds to wait for another process that does the same.

    Returns
    -------
    (recorded, failed)
        Ids of runs.

    Raises
    ------
    TrackingError
        If the server or the database can't be used; the runs stay to be recorded.
    """
    recorded: list[str] = []
    failed: list[str] = []
    # If the lock is taken, return: its holder checks again after releasing it.
    while set(pending(workspace)) - set(failed):
        with locked(workspace, wait=wait) as mine:
            if not mine:
                break
            _record(workspace, recorded, failed)
    return recorded, failed


def record_one(
    client: MlflowClient,
    workspace: Workspace,
    record: RunRecord,
    specs: Mapping[str, ModuleSpec] | None = None,
) -> dict[str, Any]:
    """Record one run if it wasn't recorded yet, and return its mark."""
    from designer.tracking.mlflow_run import write_run

    mark = mark_of(workspace, record.id)
    uri = without_secrets(tracking_uri(workspace))
    if mark.get("run_id") and mark.get("uri") == uri:
        return mark
    written = write_run(client, workspace, record, _specs() if specs is None else specs)
    mark = {"uri": uri, **written}
    write_record(record.folder / MARK, mark)
    return mark


def _record(workspace: Workspace, recorded: list[str], failed: list[str]) -> None:
    specs: Mapping[str, ModuleSpec] | None = None
    with connected(workspace) as client:
        for run in pending(workspace):
            if run in failed:
                continue
            try:
                record = read_run(workspace, run)
                specs = _specs() if specs is None else specs
                record_one(client, workspace, record, specs)
                recorded.append(run)
            except Exception as error:
                failed.append(run)
                _remember_failure(client, workspace, run, error)


def _remember_failure(
    client: MlflowClient, workspace: Workspace, run: str, error: Exception
) -> None:
    """Count a failure of one run; if nothing can be recorded, the run isn't to blame."""
    shown = tracking_error(error, workspace)
    if isinstance(shown, UnusableDatabaseError):
        raise shown from error
    problem = shown.message
    _log.warning("The run %s couldn't be recorded. %s", run, problem)
    if not isinstance(error, TrackingError):
        # Raises if it is the server or the database that can't be used.
        client.search_experiments(max_results=1)
    attempts = int(mark_of(workspace, run).get("attempts", 0)) + 1
    try:
        mark = {"attempts": attempts, "problem": problem}
        write_record(workspace.run_folder(run) / MARK, mark)
    except OSError as trouble:
        _log.warning("The folder of the run %s can't be written. %s", run, trouble)


def _is_open(mark: Mapping[str, Any]) -> bool:
    return not mark.get("run_id") and mark.get("attempts", 0) < ATTEMPTS


class _Data(Record):
    path: str = ""
    hash: str
    of: str = "file"
    rows: int | None = None
    dataset: str = ""


class _Mark(Record):
    uri: str = ""
    run_id: str = ""
    experiment_id: str = ""
    data: dict[str, _Data] = Field(default_factory=dict)
    attempts: int = 0
    problem: str = ""


def _specs() -> Mapping[str, ModuleSpec]:
    # Without the user's own modules: recording runs no code of theirs.
    from designer.catalog import load_catalog

    return load_catalog()
