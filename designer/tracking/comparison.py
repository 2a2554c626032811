"""What differs between runs: parameters, metrics, data, nodes and libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from designer.tracking.data_hashes import data_read
from designer.tracking.recording import mark_of
from designer.tracking.run_records import RunRecord
from designer.workspace import Workspace
from modules.contract import ModuleSpec


class Absent:
    """The type of :data:`ABSENT`."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent()
"""Represents what a run doesn't have; None is a value."""

Rows = dict[str, list[Any]]
"""By name, what each run has."""


class Comparison(NamedTuple):
    """Values of runs, side by side.

    Parameters
    ----------
    parameters, metrics : dict of str to list
        By ``NODE.PARAMETER`` and ``NODE.METRIC``.
    data : dict of str to list
        Hashes of what was read, by ``NODE.PARAMETER``.
    nodes : dict of str to list
        Ids of modules.
    versions : dict of str to list
        Of libraries.
    """

    parameters: Rows
    metrics: Rows
    data: Rows
    nodes: Rows
    versions: Rows


def compare_runs(
    records: Sequence[RunRecord],
    specs: Mapping[str, ModuleSpec],
    workspace: Workspace,
    *,
    everything: bool = False,
) -> Comparison:
    """Return what differs between runs.

    Of a node that not all of them have, only the node is listed, without its parameters.

    Parameters
    ----------
    everything : bool
        What is equal too, and the parameters of every node.
    """

    def differing(tables: Sequence[Mapping[str, Any]]) -> Rows:
        names = dict.fromkeys(name for table in tables for name in table)
        rows = {name: [table.get(name, ABSENT) for table in tables] for name in names}
        return {
            name: values
            for name, values in rows.items()
            if everything or any(value != values[0] for value in values[1:])
        }

    modules = [_modules(each) for each in records]
    shared = set.intersection(*(set(each) for each in modules))
    parameters = [
        {
            name: value
            for name, value in each.parameters(specs).items()
            if everything or name.rpartition(".")[0] in shared
        }
        for each in records
    ]
    hashes = [
        {key: part["hash"] for key, part in data_of(each, specs, workspace).items()}
        for each in records
    ]
    # An older record without libraries doesn't differ in any.
    known = all(each.versions for each in records)
    return Comparison(
        parameters=differing(parameters),
        metrics=differing([each.metrics for each in records]),
        data=differing(hashes),
        nodes=differing(modules),
        versions=differing([each.versions for each in records]) if known else {},
    )


def _modules(record: RunRecord) -> dict[str, str]:
    """Return the module of each node; of a run of a script, the script."""
    if record.pipeline is not None:
        return {node.id: node.module for node in record.pipeline.nodes.values()}
    if record.plain.get("script"):
        return dict.fromkeys(record.nodes, record.name)
    return {}


def data_of(
    record: RunRecord, specs: Mapping[str, ModuleSpec], workspace: Workspace
) -> dict[str, dict[str, Any]]:
    """Return what a run has read: as it was recorded, or as it is found now."""
    known = mark_of(workspace, record.id).get("data")
    if isinstance(known, dict):
        return known
    return {each.key: each.to_json() for each in data_read(record, specs, workspace)}
