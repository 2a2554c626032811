"""What uses a registered dataset, or one version of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from designer.dataset_record import LATEST, split_reference
from designer.deployment.problem import ServingError
from designer.deployment.records import Records
from designer.engine.results import read_record
from designer.pipeline import file
from designer.pipeline.file import PipelineFileError
from designer.records import DamagedRecordError
from designer.workspace import DATASET_PREFIX, Workspace

_SHOWN = 3


def dataset_uses(workspace: Workspace, reference: str) -> list[str]:
    """Return what would miss a dataset, or a version of it, each as a short phrase.

    Parameters
    ----------
    reference : str
        ``NAME`` for all versions, ``NAME@VERSION`` for one.

    Raises
    ------
    KeyError
        With one sentence, if there is no such dataset or version.
    """
    name, version = split_reference(reference)
    store = workspace.dataset_store
    if "@" in reference:
        version = str(store.find(reference).version.version)
    else:
        store.versions(name)
        version = LATEST
    every = list(_records(workspace))
    runs = {
        str(record["run"])
        for record in every
        if any(
            each["name"] == name and version in (LATEST, str(each["version"]))
            for each in record.get("datasets", {}).values()
        )
    }
    sources = {Path(str(record["source"])) for record in every if record.get("source")}
    files = sorted(each.name for each in sources if _reads(each, name, version))
    endpoints = _endpoints(workspace, runs)
    found = []
    if files:
        found.append(f"the pipeline{'' if len(files) == 1 else 's'} {_some(files)}")
    if endpoints:
        found.append(f"the endpoint{'' if len(endpoints) == 1 else 's'} {_some(endpoints)}")
    if runs:
        found.append(f"{len(runs):,} run{'' if len(runs) == 1 else 's'}")
    return found


def _records(workspace: Workspace) -> Iterator[dict[str, Any]]:
    for run in workspace.runs():
        try:
            yield read_record(workspace, run)
        except DamagedRecordError:
            continue


def _reads(source: Path, name: str, version: str) -> bool:
    """Return whether a pipeline file, as it is now, reads this version, or any for the latest."""
    try:
        pipeline = file.read(source)
    except (PipelineFileError, OSError):
        return False
    values = [parameter.default for parameter in pipeline.parameters.values()]
    values += [value for node in pipeline.nodes.values() for value in node.parameters.values()]
    for value in values:
        if isinstance(value, str) and value.startswith(DATASET_PREFIX):
            read, wanted = split_reference(value[len(DATASET_PREFIX) :])
            if read == name and version in (LATEST, wanted):
                return True
    return False


def _endpoints(workspace: Workspace, runs: set[str]) -> list[str]:
    if not runs or not (workspace.folder / "endpoints").is_dir():
        return []
    records = Records(workspace)
    found = []
    for name in records.names():
        try:
            versions = records.versions(name)
            if any(records.about(name, version).get("run") in runs for version in versions):
                found.append(name)
        except (ServingError, DamagedRecordError):
            continue
    return found


def _some(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:_SHOWN])
    more = len(names) - _SHOWN
    return shown if more <= 0 else f"{shown}, and {more} more"
