"""What differs between two runs: parameters, metrics, nodes and libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from designer.app.node_words import node_words
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.tracking.run_records import RunRecord

ABSENT = "–"
"""Stands for what one of the runs doesn't have."""


class Difference(NamedTuple):
    """One thing that differs, in words.

    Parameters
    ----------
    group : str
        ``Metrics``, ``Parameters``, ``Modules`` or ``Libraries``.
    """

    group: str
    name: str
    first: str
    second: str


def differences(
    first: RunRecord, second: RunRecord, specs: Mapping[str, ModuleSpec]
) -> list[Difference]:
    """Return what differs between two runs, results before their causes.

    Of a node that only one of them has, the node alone is told and not its parameters.
    """
    records = (first, second)
    modules = [
        {node.id: node.module for node in each.pipeline.nodes.values()} if each.pipeline else {}
        for each in records
    ]
    shared = modules[0].keys() & modules[1].keys()
    parameters = [
        {
            name: value
            for name, value in each.parameters(specs).items()
            if name.rpartition(".")[0] in shared
        }
        for each in records
    ]
    titles = [
        {name: specs[module].title if module in specs else module for name, module in one.items()}
        for one in modules
    ]

    def words(name: str) -> str:
        return _words(name, records, specs)

    found = _differing("Metrics", first.metrics, second.metrics, words)
    found += _differing("Parameters", parameters[0], parameters[1], words)
    found += _differing("Modules", titles[0], titles[1])
    if first.versions and second.versions:
        found += _differing("Libraries", first.versions, second.versions)
    return found


def _differing(
    group: str,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    words: Callable[[str], str] = str,
) -> list[Difference]:
    names = dict.fromkeys([*first, *second])
    return [
        Difference(group, words(name), _value(first, name), _value(second, name))
        for name in names
        if first.get(name, ABSENT) != second.get(name, ABSENT)
    ]


def _words(name: str, records: tuple[RunRecord, RunRecord], specs: Mapping[str, ModuleSpec]) -> str:
    """Return “Split Data: fraction of rows” for ``split_data.fraction``."""
    node, _, rest = name.partition(".")
    for record in records:
        pipeline = record.pipeline
        if pipeline is None or node not in pipeline.nodes:
            continue
        spec = specs.get(pipeline.nodes[node].module)
        parameter = spec.parameter_by_name.get(rest) if spec else None
        title = parameter.title if parameter else rest
        return f"{node_words(pipeline, specs, node)}: {title[:1].lower()}{title[1:]}"
    return name


def _value(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return ABSENT
    value = values[name]
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, dict)):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)
