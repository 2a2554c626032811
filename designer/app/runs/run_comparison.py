"""The differences between two runs, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from designer.app.document.labels import node_label
from designer.app.views import formatting
from designer.app.widgets.sentence_case import in_sentence
from designer.tracking.comparison import ABSENT, Rows, compare_runs
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.tracking.run_records import RunRecord
    from designer.workspace import Workspace


class Difference(NamedTuple):
    """One difference, as text.

    Parameters
    ----------
    group : str
        ``Metrics``, ``Parameters``, ``Data``, ``Modules`` or ``Libraries``.
    """

    group: str
    name: str
    first: str
    second: str


def differences(
    first: RunRecord, second: RunRecord, specs: Mapping[str, ModuleSpec], workspace: Workspace
) -> list[Difference]:
    """Return the differences between two runs, results before their causes."""
    records = (first, second)
    found = compare_runs(records, specs, workspace)

    def label(name: str) -> str:
        return _label(name, records, specs)

    def title(module: str) -> str:
        return specs[module].title if module in specs else module

    return [
        *_rows("Metrics", found.metrics, _value, label),
        *_rows("Parameters", found.parameters, _value, label),
        *_rows("Data", found.data, formatting.content, label),
        *_rows("Modules", found.nodes, title),
        *_rows("Libraries", found.versions, str),
    ]


def _rows(
    group: str,
    rows: Rows,
    value: Callable[[Any], str],
    label: Callable[[str], str] = str,
) -> Iterator[Difference]:
    for name, values in rows.items():
        first, second = ("–" if each is ABSENT else value(each) for each in values)
        yield Difference(group, label(name), first, second)


def _label(name: str, records: tuple[RunRecord, RunRecord], specs: Mapping[str, ModuleSpec]) -> str:
    """Return “Split Data: fraction of rows” for ``split_data.fraction``."""
    node, _, rest = name.partition(".")
    for record in records:
        pipeline = record.pipeline
        if pipeline is None or node not in pipeline.nodes:
            continue
        spec = specs.get(pipeline.nodes[node].module)
        parameter = spec.parameter_by_name.get(rest) if spec else None
        title = parameter.title if parameter else rest
        return f"{node_label(pipeline, specs, node)}: {in_sentence(title)}"
    return name


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return formatting.number(value)
    if isinstance(value, (list, dict)):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)
