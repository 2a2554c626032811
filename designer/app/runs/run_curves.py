"""The evaluations of several runs, their curves laid over each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from designer.app.background.engine_caller import EngineCaller
from designer.app.dialogs.run_comparison import RunComparison
from designer.app.views.background import Tasks
from designer.engine.inspection import inspect
from designer.texts import tr
from modules.contract.port_type import find_port_type
from modules.values.evaluation_summary import EvaluationReportSummary, EvaluationSummary

if TYPE_CHECKING:
    from designer.tracking.run_records import RunRecord

BESIDE = 2
"""Reports whose metrics at a threshold fit beside the curves."""


class Evaluated(NamedTuple):
    """A report of a run.

    Parameters
    ----------
    run : str
        The id.
    """

    run: str
    report: EvaluationReportSummary


def add_curves(
    dialog: RunComparison,
    records: Sequence[RunRecord],
    names: Mapping[str, str],
    engine: Callable[[], Future[Any]],
) -> None:
    """Add a page for each label that several of the runs evaluate, once it is read.

    Evaluations that the workspace doesn't have any more are left out.

    Parameters
    ----------
    names : mapping of str to str
        Of the runs, by their ids.
    engine : callable
        Returns a future of the engine.
    """
    stored = [(record.id, path) for record in records for path in _evaluations(record)]
    if len({run for run, _ in stored}) < 2:
        return
    tasks = Tasks(dialog, EngineCaller(engine))
    read: dict[int, tuple[EvaluationReportSummary, ...]] = {}

    def done(index: int, content: EvaluationSummary | None) -> None:
        read[index] = content.reports if content is not None else ()
        if len(read) == len(stored):
            found = [
                Evaluated(run, report)
                for index, (run, _) in enumerate(stored)
                for report in read[index]
            ]
            _show(dialog, found, names)

    def failed(index: int, message: str, hint: str) -> None:
        done(index, None)

    for index, (_, path) in enumerate(stored):
        tasks.run(inspect, path, done=partial(done, index), failed=partial(failed, index))


def comparable(found: Iterable[Evaluated]) -> list[list[Evaluated]]:
    """Return the reports on the same label and classes, of two runs at least, together."""
    groups: dict[tuple[object, ...], list[Evaluated]] = {}
    for each in found:
        report = each.report
        key = (report.task, report.label, report.positive, frozenset(report.classes))
        groups.setdefault(key, []).append(each)
    return [group for group in groups.values() if len({each.run for each in group}) > 1]


def _evaluations(record: RunRecord) -> list[Path]:
    return [
        Path(output["path"])
        for node in record.nodes.values()
        for output in node.get("outputs", {}).values()
        if (kind := find_port_type(output["type"])) is not None and kind.view == "evaluation"
    ]


def _show(dialog: RunComparison, found: Iterable[Evaluated], names: Mapping[str, str]) -> None:
    from designer.app.views.evaluation_view import EvaluationView

    for group in comparable(found):
        runs = [each.run for each in group]
        reports = tuple(
            replace(
                report,
                name=names[run] if runs.count(run) == 1 else f"{names[run]} · {report.name}",
            )
            for run, report in group
        )
        label = reports[0].label
        title = tr("Evaluation of {label}").format(label=label) if label else tr("Evaluation")
        view = EvaluationView(EvaluationSummary(title, {}, reports), title)
        # The table has the metrics.
        view.cards.hide()
        if view.threshold is not None:
            view.threshold.setVisible(len(reports) <= BESIDE)
        dialog.add_page(view, title, view.tools)
