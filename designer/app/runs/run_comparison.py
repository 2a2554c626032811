"""The differences between runs, as text."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from designer.app.document.labels import node_label
from designer.app.views import formatting
from designer.app.views.metric_cards import better
from designer.app.widgets.sentence_case import in_sentence
from designer.texts import tr
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
    values : tuple of str
        Of each run, in their order.
    best : frozenset of int
        Of metrics: the runs with the best value.
    """

    group: str
    name: str
    values: tuple[str, ...]
    best: frozenset[int] = frozenset()


def differences(
    records: Sequence[RunRecord], specs: Mapping[str, ModuleSpec], workspace: Workspace
) -> list[Difference]:
    """Return the differences between runs, results before their causes."""
    found = compare_runs(records, specs, workspace)

    def label(name: str) -> str:
        return _label(name, records, specs)

    def title(module: str) -> str:
        return specs[module].title if module in specs else module

    return [
        *_rows(tr("Metrics"), found.metrics, _value, label),
        *_rows(tr("Parameters"), found.parameters, _value, label),
        *_rows(tr("Data"), found.data, formatting.content, label),
        *_rows(tr("Modules"), found.nodes, title),
        *_rows(tr("Libraries"), found.versions, str),
    ]


def _rows(
    group: str,
    rows: Rows,
    value: Callable[[Any], str],
    label: Callable[[str], str] = str,
) -> Iterator[Difference]:
    for name, values in rows.items():
        texts = tuple("–" if each is ABSENT else value(each) for each in values)
        best = _best(name, values) if group == tr("Metrics") else frozenset()
        yield Difference(group, label(name), texts, best)


def _best(name: str, values: Sequence[Any]) -> frozenset[int]:
    numbers = [float(each) if isinstance(each, (int, float)) else math.nan for each in values]
    return frozenset(better(name.partition(".")[2], numbers))


def _label(name: str, records: Sequence[RunRecord], specs: Mapping[str, ModuleSpec]) -> str:
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
        return tr("not set")
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return formatting.number(value)
    if isinstance(value, (list, dict)):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)
