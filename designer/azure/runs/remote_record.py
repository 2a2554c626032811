"""The workspace's record of a run on Azure ML, so that it can be followed at any time.

It is written when Azure ML has taken the run, and stays when this program ends. A run
that has this record, and no record of its end, hasn't been downloaded.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from designer import records
from designer.azure.compile.job_tree import JobTree
from designer.azure.compile.steps import Description
from designer.azure.errors import AzureError, without_secrets
from designer.azure.runs.remote import RemotePipeline
from designer.azure.sign_in import SIGN_INS
from designer.azure.submission_target import TARGETS, SubmissionTarget
from designer.azure.workspace import WorkspaceConfig
from designer.engine.libraries import versions
from designer.pipeline.model import Json, Pipeline
from designer.pipeline.own_modules import WEB_SERVICE
from designer.private_files import make_file
from designer.records import DamagedRecordError, Record
from designer.workspace import Workspace

FILE = "azure.json"
"""The record's name in the folder of the run."""

_LOCK = ".following"


@dataclass(frozen=True)
class RemoteStep:
    """The facts needed to follow a step and to download its outputs.

    Parameters
    ----------
    id : str
        Its name in Azure ML, after those of the cards that it is in, with ``/``.
    node : str
        The address of its node.
    above : tuple of str
        The ids of the steps that feed it.
    outputs : mapping of str to (str, str)
        By port: the name of the step's output, and the type of value in it.
    """

    id: str
    node: str
    above: tuple[str, ...] = ()
    outputs: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteRecord:
    """A run that Azure ML has accepted.

    Parameters
    ----------
    remote_id, url : str
        Azure's.
    steps : tuple of RemoteStep
        Each after those that feed it.
    left_out : mapping of str to str
        The nodes that weren't sent, with the reason.
    started : float
        Seconds since 1970.
    source : Path or None
        The pipeline's file.
    fetch : str
        What is downloaded; see :data:`designer.azure.runs.output_download.FETCH`.
    parameters : mapping
        The values of all pipeline parameters, without secrets.
    versions : mapping of str to str
        The distributions that the steps have, with their versions.
    """

    destination: SubmissionTarget
    remote_id: str
    url: str
    steps: tuple[RemoteStep, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    source: Path | None = None
    fetch: str = "all"
    parameters: Mapping[str, Json] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def brief(self) -> dict[str, Any]:
        """The location of the run, from the record of the finished run."""
        return {
            "target": self.destination.target,
            "workspace": self.destination.config.name,
            "experiment": self.destination.experiment,
            "run": self.remote_id,
            "url": self.url,
        }

    def to_json(self) -> dict[str, Any]:
        """Return plain data without secrets."""
        return asdict(self) | {"source": str(self.source) if self.source else None}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> RemoteRecord:
        """Rebuild a record; KeyError, TypeError, ValueError or AttributeError if it isn't one."""
        where = dict(plain["destination"])
        config = WorkspaceConfig(**where.pop("config"))
        destination = SubmissionTarget(config=config, **where)
        if destination.target not in TARGETS or destination.sign_in not in SIGN_INS:
            raise ValueError
        steps = tuple(
            RemoteStep(
                str(each["id"]),
                str(each["node"]),
                tuple(each["above"]),
                {port: (name, kind) for port, (name, kind) in each["outputs"].items()},
            )
            for each in plain["steps"]
        )
        source = plain["source"]
        return cls(
            destination,
            str(plain["remote_id"]),
            str(plain["url"]),
            steps,
            dict(plain["left_out"]),
            float(plain["started"]),
            Path(source) if source else None,
            str(plain["fetch"]),
            dict(plain["parameters"]),
            dict(plain["versions"]),
        )


def record_of(
    remote: RemotePipeline,
    description: Description,
    pipeline: Pipeline,
    destination: SubmissionTarget,
    *,
    parameters: Mapping[str, Json],
    source: Path | None,
    fetch: str,
) -> RemoteRecord:
    """Return the record of a run that has just been submitted.

    Parameters
    ----------
    parameters : mapping
        The values of pipeline parameters that were given.
    """
    values = {name: each.default for name, each in pipeline.parameters.items()} | dict(parameters)
    steps = []
    tree = JobTree(description)
    flat = destination.target == "azureml-v1"
    ids = {step.id: step.id if flat else tree.path(step.id) for step in description.steps}
    for step in description.steps:
        types = {output.name: output.type_name for output in step.outputs}
        names = {port: name for call in step.calls for port, name in call.outputs.items()}
        above = dict.fromkeys(ids[item.step] for item in step.inputs if item.step)
        outputs = {port: (name, types[name]) for port, name in names.items()}
        steps.append(RemoteStep(ids[step.id], step.nodes[-1], tuple(above), outputs))
    return RemoteRecord(
        destination,
        remote.id,
        remote.url,
        tuple(steps),
        _left_out(pipeline, description),
        time.time(),
        source.absolute() if source else None,
        fetch,
        {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in values.items()
        },
        versions(description.requires),
    )


def write_record(workspace: Workspace, run: str, record: RemoteRecord) -> None:
    """Keep the record of a run of the workspace."""
    records.write_record(workspace.run_folder(run) / FILE, record.to_json())


def forget_record(workspace: Workspace, run: str) -> None:
    """Remove a record: the run can no longer be followed."""
    (workspace.run_folder(run) / FILE).unlink(missing_ok=True)


def is_open(workspace: Workspace, run: str) -> bool:
    """Return whether a run was sent to Azure ML and hasn't been downloaded."""
    folder = workspace.run_folder(run)
    return (folder / FILE).exists() and not (folder / "run.json").exists()


def open_runs(
    workspace: Workspace,
    source: Path | None = None,
    on_damage: Callable[[DamagedRecordError], object] = lambda error: None,
) -> dict[str, RemoteRecord]:
    """Return the runs on Azure ML that haven't been downloaded, the newest first.

    Parameters
    ----------
    source : Path, optional
        Only those of this pipeline file.
    on_damage : callable
        Receives the problem of each run whose record can't be read.
    """
    found = {}
    for path in sorted(workspace.runs_folder.glob(f"*/{FILE}"), reverse=True):
        if not is_open(workspace, path.parent.name):
            continue
        try:
            record = _read(path)
        except DamagedRecordError as error:
            on_damage(error)
            continue
        if source is None or record.source == source.absolute():
            found[path.parent.name] = record
    return found


def find_open_run(workspace: Workspace, text: str = "") -> tuple[str, RemoteRecord]:
    """Return the open run that a text names: its id or the beginning of that, or ``latest``.

    Without a text the only one is meant.

    Raises
    ------
    AzureError
        If there is none, or more than one.
    """
    damaged: list[DamagedRecordError] = []
    known = open_runs(workspace, on_damage=damaged.append)
    for error in damaged:
        if text and error.path.parent.name.startswith(text):
            raise AzureError(error.message, error.hint)
    if text in workspace.runs():
        raise AzureError(f"The run “{text}” has ended and is here.", f"designer runs show {text}")
    if not known:
        raise AzureError(
            "No run of this workspace is running on Azure ML.",
            "“designer runs” lists the downloaded ones.",
        )
    if text == "latest":
        return next(iter(known.items()))
    matches = {run: record for run, record in known.items() if run.startswith(text)}
    listed = f"There are {', '.join(f'“{run}”' for run in list(known)[:4])}."
    if not matches:
        raise AzureError(f"No run “{text}” is running on Azure ML.", listed)
    if len(matches) > 1:
        which = f"begin with “{text}”" if text else "are running on Azure ML"
        raise AzureError(f"{len(matches)} runs {which}.", f"Specify one. {listed}")
    return next(iter(matches.items()))


@contextlib.contextmanager
def followed_alone(folder: Path) -> Iterator[None]:
    """Lock a run against other followers: both would write its folder.

    Raises
    ------
    AzureError
        If one does so already.
    """
    # The system releases such a lock with its process, however that ends.
    database = sqlite3.connect(
        make_file(folder / _LOCK), timeout=0, isolation_level=None, check_same_thread=False
    )
    try:
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise AzureError(
                "Another process already follows this run.",
                "Use or stop that one.",
            ) from None
        yield
    finally:
        database.close()


def _read(path: Path) -> RemoteRecord:
    hint = "Find the run in Azure ML studio; delete the file to remove it from the list."
    record = records.read_record(path, Record, hint)
    try:
        return RemoteRecord.from_json(record.plain() if record else {})
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DamagedRecordError(path, "it isn't the record of a run", hint) from error


def _left_out(pipeline: Pipeline, description: Description) -> dict[str, str]:
    """Return the nodes that aren't sent, with the reason."""
    sent = description.step_by_node
    return {
        name: "It is disabled." if node.disabled else "What it needs is disabled."
        for name, node in pipeline.nodes.items()
        if name not in sent and node.module not in WEB_SERVICE
    }
