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
    numbers : tuple of float
        The same as numbers; NaN for what isn't one.
    best : frozenset of int
        Of metrics: the runs with the best value.
    """

    group: str
    name: str
    values: tuple[str, ...]
    numbers: tuple[float, ...]
    best: frozenset[int] = frozenset()

    def ordered(self, *, descending: bool = False) -> list[int]:
        """Return the runs in the order of their values; those without one are last.

        Where some are numbers, texts such as “not set” count as none.
        """
        known = [run for run, number in enumerate(self.numbers) if not math.isnan(number)]
        if known:
            known.sort(key=lambda run: self.numbers[run], reverse=descending)
        else:
            known = [run for run, text in enumerate(self.values) if text != formatting.MISSING]
            known.sort(key=lambda run: self.values[run].casefold(), reverse=descending)
        return known + [run for run in range(len(self.values)) if run not in known]

    def best_last(self) -> bool:
        """Return whether ascending order puts the best run behind others."""
        return bool(self.best) and self.ordered()[0] not in self.best

    def against(self, run: int, baseline: int) -> str:
        """Return the difference of a run's number to that of another; empty if there is none."""
        found = self.numbers[run] - self.numbers[baseline]
        if run == baseline or math.isnan(found):
            return ""
        sign = "±" if found == 0 else "+" if found > 0 else "−"
        return sign + formatting.number(abs(found))


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
        texts = tuple(formatting.MISSING if each is ABSENT else value(each) for each in values)
        numbers = tuple(_number(each) for each in values)
        best = better(name.partition(".")[2], numbers) if group == tr("Metrics") else ()
        yield Difference(group, label(name), texts, numbers, frozenset(best))


def _number(value: Any) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if plain else math.nan


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
