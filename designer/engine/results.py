"""The result of a run, and its JSON form: what ``designer run --json`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field

from designer.engine.staleness import node_keys
from designer.pipeline import file
from designer.pipeline.file import PipelineFileError
from designer.pipeline.model import Endpoint, Pipeline
from designer.records import DamagedRecordError, Duration, Moment, Record
from designer.workspace import Workspace
from modules.contract import ModuleSpec


@dataclass(frozen=True)
class Output:
    """A stored output of a step.

    Parameters
    ----------
    type : str
        The type of the value, ``DataTable`` for example.
    path : Path
        The folder that contains it; :func:`modules.values.storage.load` reads it.
    rows, columns : int or None
        Of a table.
    """

    type: str
    path: Path
    rows: int | None = None
    columns: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data; rows and columns only of a table."""
        plain: dict[str, Any] = {"type": self.type, "path": str(self.path)}
        if self.rows is not None:
            plain["rows"] = self.rows
        if self.columns is not None:
            plain["columns"] = self.columns
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Output:
        """Rebuild an output from :meth:`to_json`."""
        return cls(data["type"], Path(data["path"]), data.get("rows"), data.get("columns"))


@dataclass(frozen=True)
class NodeResult:
    """The result of one step.

    Parameters
    ----------
    status : str
        ``completed``, ``reused``, ``failed``, ``skipped`` or ``cancelled``.
    seconds : float
        How long it took; 0 for a step that didn't run.
    error : mapping or None
        ``code``, ``message`` and, where known, ``hint``, ``port``, ``parameter``,
        ``column``.
    log : Path or None
        The file with what the step printed; None for a step that didn't run.
    reason : str
        Why it was skipped.
    warnings : tuple of str
        Warnings of a step that completed.
    threads : int
        How many threads it was given; 0 for a step that didn't run.
    started : float
        Seconds from the start of the run to that of the step; of a step that didn't run, to the
        moment when its status was known.
    waited : float
        Seconds for which the step had all its inputs and waited for a worker.
    worker : str
        Which one ran it; empty if none did.
    memory : int
        Bytes that its worker had written at most; 0 if unknown.
    """

    status: str
    seconds: float = 0.0
    outputs: Mapping[str, Output] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    log: Path | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    threads: int = 0
    started: float = 0.0
    waited: float = 0.0
    worker: str = ""
    memory: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data; empty parts are left out."""
        plain: dict[str, Any] = {
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "outputs": {port: output.to_json() for port, output in self.outputs.items()},
        }
        optional = {
            "error": dict(self.error) if self.error else None,
            "log": str(self.log) if self.log else None,
            "reason": self.reason,
            "warnings": list(self.warnings),
            "threads": self.threads,
            "started": round(self.started, 6),
            "waited": round(self.waited, 6),
            "worker": self.worker,
            "memory": self.memory,
        }
        return plain | {name: value for name, value in optional.items() if value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> NodeResult:
        """Rebuild a result from :meth:`to_json`."""
        return cls(
            data["status"],
            data.get("seconds", 0.0),
            {port: Output.from_json(plain) for port, plain in data.get("outputs", {}).items()},
            data.get("error"),
            Path(data["log"]) if data.get("log") else None,
            data.get("reason", ""),
            tuple(data.get("warnings", ())),
            data.get("threads", 0),
            data.get("started", 0.0),
            data.get("waited", 0.0),
            data.get("worker", ""),
            data.get("memory", 0),
        )


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Parameters
    ----------
    status : str
        ``completed``, ``failed`` or ``cancelled``.
    nodes : mapping of str to NodeResult
        In the order of the plan.
    metrics : mapping of str to mapping
        For each node with an evaluation: its metrics by name; of several
        evaluated models by ``model: metric``.
    error : str
        Why the run failed if it isn't because of a step; empty otherwise.
    """

    id: str
    status: str
    seconds: float
    nodes: Mapping[str, NodeResult]
    metrics: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the document that ``designer run --json`` prints."""
        return {
            "run": self.id,
            "status": self.status,
            "seconds": round(self.seconds, 6),
            "nodes": {node: result.to_json() for node, result in self.nodes.items()},
            "metrics": {node: dict(values) for node, values in self.metrics.items()},
            **({"error": self.error} if self.error else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> RunResult:
        """Rebuild a result from :meth:`to_json`."""
        return cls(
            data["run"],
            data["status"],
            data["seconds"],
            {node: NodeResult.from_json(plain) for node, plain in data["nodes"].items()},
            data.get("metrics", {}),
            str(data.get("error") or ""),
        )


def metrics_of(reports: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    """Return the metrics of one report as they are, of several with the model's name."""
    if len(reports) == 1:
        return dict(next(iter(reports.values())))
    return {
        f"{report}: {name}": value
        for report, values in reports.items()
        for name, value in values.items()
    }


def read_record(workspace: Workspace, run: str) -> dict[str, Any]:
    """Return the record of a run, from which :meth:`RunResult.from_json` can rebuild it.

    Returns
    -------
    dict
        Also with ``source``, ``base``, ``started``, ``started_by``, ``parameters``,
        ``versions``, ``modules``, ``commit``, ``datasets``, and of a script ``script`` and
        ``data``; empty if there is no such run.

    Raises
    ------
    DamagedRecordError
        If it can't be read.
    """
    return workspace.run_record(run, _RunRecord)


def base_of(record: Mapping[str, Any]) -> Path:
    """Return the folder that relative paths in the pipeline of a run start from.

    A run of a pipeline that was first saved later, or elsewhere, has another one than the file
    whose run it is. Records of remote runs have only the file.
    """
    if base := record.get("base"):
        return Path(base)
    source = record.get("source")
    return Path(source).parent if source else Path.home()


def read_pipeline(folder: Path) -> Pipeline:
    """Return the pipeline that ran, from the folder of the run.

    Raises
    ------
    PipelineFileError
        If it can't be read.
    """
    return file.read(folder / "pipeline.json")


def recorded_run(
    workspace: Workspace, run: str, specs: Mapping[str, ModuleSpec]
) -> tuple[RunResult, dict[str, str]] | None:
    """Return an earlier run and the keys of its nodes; None if its record is damaged."""
    try:
        record = read_record(workspace, run)
        pipeline = read_pipeline(workspace.run_folder(run))
    except (DamagedRecordError, PipelineFileError):
        return None
    if not record:
        return None
    return RunResult.from_json(record), node_keys(pipeline, base_of(record), specs)


def stored_outputs(
    workspace: Workspace, pipeline: Pipeline, source: Path, specs: Mapping[str, ModuleSpec]
) -> dict[Endpoint, Path]:
    """Return the folders of the last run's outputs that belong to the pipeline as it is.

    Parameters
    ----------
    source : Path
        The file of the pipeline.
    """
    run = workspace.latest_run(source)
    found = recorded_run(workspace, run, specs) if run else None
    if found is None:
        return {}
    result, keys = found
    now = node_keys(pipeline, source.absolute().parent, specs)
    return {
        Endpoint(name, port): output.path
        for name, node in result.nodes.items()
        if name in now and now[name] == keys.get(name)
        for port, output in node.outputs.items()
    }


class _OutputRecord(Record):
    type: str
    path: str
    rows: int | None = None
    columns: int | None = None


class _NodeRecord(Record):
    status: str
    seconds: Duration = 0.0
    outputs: dict[str, _OutputRecord] = Field(default_factory=dict)
    error: dict[str, Any] | None = None
    log: str | None = None
    reason: str = ""
    warnings: list[str] = Field(default_factory=list)
    threads: int = 0
    started: Duration = 0.0
    waited: Duration = 0.0
    worker: str = ""
    memory: int = 0


class _DatasetRead(Record):
    name: str
    version: int
    hash: str


class _DataRead(Record):
    path: str
    hash: str
    dataset: str = ""


class _RunRecord(Record):
    run: str
    status: str
    seconds: Duration
    nodes: dict[str, _NodeRecord]
    metrics: dict[str, dict[str, float | None]] = Field(default_factory=dict)
    error: str | None = None
    started: Moment | None = None
    source: str | None = None
    base: str | None = None
    started_by: str = ""
    parameters: dict[str, Any] | None = None
    versions: dict[str, Any] | None = None
    modules: dict[str, dict[str, Any]] | None = None
    commit: str | None = None
    datasets: dict[str, _DatasetRead] = Field(default_factory=dict)
    data: dict[str, _DataRead] = Field(default_factory=dict)
    script: dict[str, Any] | None = None
