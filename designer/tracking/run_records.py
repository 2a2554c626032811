"""Finished runs as the workspace has them; reading them needs no MLflow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from designer.engine.results import base_of, read_pipeline, read_record
from designer.pipeline import file
from designer.pipeline.file import PipelineFileError
from designer.pipeline.migration import migrated_node
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.parameters import with_values
from designer.records import DamagedRecordError
from designer.tracking.settings import TrackingError
from designer.workspace import DATASET_PREFIX, Workspace
from modules.contract import ModuleSpec, PathOf

LATEST = "latest"
"""Represents the newest run."""


@dataclass(frozen=True)
class RunRecord:
    """A finished run.

    Parameters
    ----------
    status : str
        ``completed``, ``failed`` or ``cancelled``.
    started : float
        Seconds since 1970; 0 if it isn't known.
    source : Path or None
        The pipeline file.
    plain : mapping
        The whole record, as ``run.json`` has it.
    """

    id: str
    folder: Path
    status: str
    seconds: float
    started: float
    source: Path | None
    plain: Mapping[str, Any] = field(repr=False)

    @property
    def name(self) -> str:
        """The pipeline's name: its file's, without the extension."""
        if self.source is None:
            return "Untitled"
        return self.source.name.removesuffix(file.SUFFIX)

    @property
    def nodes(self) -> Mapping[str, Any]:
        """The result of each node."""
        nodes: Mapping[str, Any] = self.plain["nodes"]
        return nodes

    @property
    def metrics(self) -> dict[str, float | None]:
        """Metrics as ``NODE.METRIC``; None where one is undefined."""
        return {
            f"{node}.{name}": value
            for node, values in self.plain.get("metrics", {}).items()
            for name, value in values.items()
        }

    @property
    def error(self) -> str:
        """The first error, with the node if it is a step's; empty if there is none."""
        for node, result in self.nodes.items():
            if result.get("status") == "failed":
                return f"{node}: {(result.get('error') or {}).get('message', 'It failed.')}"
        return str(self.plain.get("error") or "")

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the libraries that decided the results; empty if they aren't known."""
        found = self.plain.get("versions")
        return {str(n): str(v) for n, v in found.items()} if isinstance(found, Mapping) else {}

    @cached_property
    def pipeline(self) -> Pipeline | None:
        """The pipeline as it ran; None if that isn't known any more."""
        try:
            return read_pipeline(self.folder)
        except (PipelineFileError, OSError):
            return None

    def parameters(self, specs: Mapping[str, ModuleSpec]) -> dict[str, Any]:
        """Return every parameter that had a meaning as ``NODE.PARAMETER``, as plain JSON.

        Of a run of a script: how it was configured, as ``script.NAME``.

        Parameters
        ----------
        specs : mapping of str to ModuleSpec
            The modules, for defaults that the pipeline doesn't set.
        """
        if self.pipeline is None:
            script = self.plain.get("script") or {}
            configuration = script.get("configuration", {})
            return {f"script.{name}": value for name, value in configuration.items() if value}
        found: dict[str, Any] = {}
        for node in self.pipeline.nodes.values():
            values = self._values(node, specs.get(node.module))
            found |= {f"{node.id}.{name}": value for name, value in values.items()}
        return found

    def files_read(self, specs: Mapping[str, ModuleSpec], workspace: Workspace) -> dict[str, Path]:
        """Return the file or folder that each node reads, as ``NODE.PARAMETER``.

        Registered datasets are left out: ``datasets`` of the record has their versions.
        """
        if self.pipeline is None:
            return {}
        base = base_of(self.plain)
        found = {}
        for node in self.pipeline.nodes.values():
            spec = specs.get(node.module)
            for name, value in self._values(node, spec).items():
                parameter = spec.parameter_by_name.get(name) if spec else None
                marker = parameter.marker if parameter else None
                if not isinstance(marker, PathOf) or marker.mode != "read":
                    continue
                if not isinstance(value, str) or not value or "://" in value:
                    continue
                if not value.startswith(DATASET_PREFIX):
                    found[f"{node.id}.{name}"] = workspace.resolve(value, base)
        return found

    def _values(self, node: Node, spec: ModuleSpec | None) -> dict[str, Any]:
        """Return what a node's parameters were, defaults included, without what had no effect."""
        if spec is None or node.version > spec.version:
            return with_values(node.parameters, self._given)
        migrated = migrated_node(node, spec) if node.version < spec.version else node
        values = with_values((migrated or node).parameters, self._given)
        if migrated is None:
            return values
        complete = {p.name: p.default for p in spec.parameters if not p.required} | values
        return {
            name: value
            for name, value in complete.items()
            if name not in spec.parameter_by_name
            or spec.applies(spec.parameter_by_name[name], complete)
        }

    @property
    def _given(self) -> Mapping[str, Any]:
        """The values of the pipeline parameters."""
        given = self.plain.get("parameters")
        return given if isinstance(given, Mapping) else {}


def read_run(workspace: Workspace, run: str) -> RunRecord:
    """Read the record of a run.

    Raises
    ------
    TrackingError
        If there is no such run, or its record is damaged.
    """
    try:
        plain = read_record(workspace, run) if _is_id(run) else {}
    except DamagedRecordError as error:
        raise TrackingError(error.message, error.hint, wrong_input=True) from error
    if not plain:
        raise TrackingError(f"The record of the run “{run}” is missing.", wrong_input=True)
    source = plain.get("source")
    return RunRecord(
        run,
        workspace.run_folder(run),
        plain["status"],
        plain["seconds"],
        plain.get("started") or 0.0,
        Path(source) if source else None,
        plain,
    )


def find_run(workspace: Workspace, text: str) -> RunRecord:
    """Return the run that a text names: its id, the beginning of that, or ``latest``.

    Raises
    ------
    TrackingError
        If there is none, or more than one.
    """
    from designer.pipeline.problem import near

    runs = workspace.runs()
    if text == LATEST and runs:
        return read_run(workspace, runs[-1])
    matches = [run for run in runs if run == text] or [
        run for run in runs if text and run.startswith(text)
    ]
    if len(matches) > 1:
        listed = ", ".join(f"“{run}”" for run in matches[-4:])
        raise TrackingError(
            f"{len(matches)} runs begin with “{text}”.", f"Some are {listed}.", wrong_input=True
        )
    if not matches:
        raise TrackingError(
            f"There is no run “{text}”.", near(text, runs[::-1], "runs"), wrong_input=True
        )
    return read_run(workspace, matches[0])


def run_records(
    workspace: Workspace,
    *,
    limit: int | None = None,
    on_damage: Callable[[TrackingError], object] = lambda error: None,
) -> list[RunRecord]:
    """Return the finished runs, newest first.

    Parameters
    ----------
    on_damage : callable
        Receives the problem of each run whose record can't be read.
    """
    found: list[RunRecord] = []
    for run in reversed(workspace.runs()):
        if limit is not None and len(found) >= limit:
            break
        try:
            found.append(read_run(workspace, run))
        except TrackingError as error:
            on_damage(error)
    return found


def flat(value: Any) -> str:
    """Return a parameter's value as one text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and set(value) == {"$secret"}:
        return f"secret {value['$secret']}"
    if isinstance(value, dict) and set(value) == {"$parameter"}:
        return f"pipeline parameter {value['$parameter']}"
    if isinstance(value, list) and value and all(isinstance(line, str) for line in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _is_id(run: str) -> bool:
    """Return whether a text can be a run's id and stays inside the folder of runs."""
    return re.fullmatch(r"\w[\w.-]*", run) is not None
