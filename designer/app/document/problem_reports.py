"""Problems from checks and runs, shown in all parts of the window."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from designer.app.canvas import Canvas
from designer.app.dialogs.message_bar import MessageBar
from designer.app.document.checker import Checker
from designer.app.document.document import Document
from designer.app.document.labels import in_titles
from designer.app.panels.problems import Problems, count_text
from designer.app.panels.properties import Properties
from designer.app.runs.run_controller import RunController
from designer.catalog import Catalog
from designer.engine.results import NodeResult
from designer.pipeline.model import Pipeline
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec

DONE = ("completed", "reused")
"""States of a step that has a result."""

FromRun = tuple[list[Problem], list[Problem], set[str]]
"""Warnings and failures of the last run, and the nodes with results; none of them stale."""

DEFAULT_HINT = tr("See the log for details.")
"""The hint for a failure without a hint."""


class ProblemReports(QObject):
    """Shows the problems of the checker and the failures of the last run.

    Signals
    -------
    counted : str
        The number of problems, as text; empty for none.
    """

    counted = Signal(str)

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        controller: RunController,
        checker: Checker,
        canvas: Canvas,
        properties: Properties,
        problems: Problems,
        bar: MessageBar,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._catalog = catalog
        self._controller = controller
        self._checker = checker
        self._canvas = canvas
        self._properties = properties
        self._problems = problems
        self._bar = bar
        self._reported: FromRun = ([], [], set())

    def follow_run(self, stale: Collection[str]) -> None:
        """Show the problems of the last run, if they have changed.

        Parameters
        ----------
        stale : collection of str
            Nodes whose result is from before a change.
        """
        if self._from_run(stale) != self._reported:
            self.show()

    def show(self) -> None:
        """Show the current problems."""
        pipeline = self._document.pipeline
        stale = self._controller.stale(pipeline, self._document.base)
        self._reported = warned, failed, done = self._from_run(stale)
        # The run has disproved a hint from a sample.
        feared = set(self._checker.hints)
        found = [
            problem
            for problem in self._checker.problems
            if problem.severity != "hint" or problem.node not in done or problem not in feared
        ]
        if not any(problem.severity == "error" for problem in found):
            self._bar.clear("problems")
        # A failure of no parameter is on the card of the result.
        at_fields = [failure for failure in failed if failure.parameter]
        self._properties.show_problems(_by_node(with_failures(found, at_fields)))
        self._canvas.set_problems(_by_node([*found, *warned]))
        together = with_failures([*found, *warned], failed)
        self._problems.show_problems(
            together, pipeline, self._catalog, checking=not self._checker.has_checked
        )
        text = count_text(together)
        self.counted.emit(text)

    def choose(self, problem: Problem) -> None:
        """Center the node of a problem and select it."""
        pipeline = self._document.pipeline
        name = problem.node or ""
        if name in pipeline.nodes or name in pipeline.groups:
            self._canvas.center_on(name)

    def _from_run(self, stale: Collection[str]) -> FromRun:
        pipeline, results = self._document.pipeline, self._controller.results
        warned = warnings(results, pipeline, self._catalog)
        failed = failures(results, pipeline, self._catalog)
        return (
            [warning for warning in warned if warning.node not in stale],
            [failure for failure in failed if failure.node not in stale],
            {n for n, r in results.items() if r.status in DONE and n not in stale},
        )


def failures(
    results: Mapping[str, NodeResult], pipeline: Pipeline, specs: Mapping[str, ModuleSpec]
) -> list[Problem]:
    """Return the failed steps of a run as problems."""
    found = []
    for name in pipeline.nodes:
        result = results.get(name)
        if result is None or result.status != "failed":
            continue
        error = result.error or {}
        message = in_titles(pipeline, specs, str(error.get("message") or tr("The step failed.")))
        hint = str(error.get("hint") or DEFAULT_HINT)
        found.append(
            Problem(
                "error",
                message,
                hint,
                name,
                error.get("port"),
                error.get("parameter"),
                code=str(error.get("code", "")),
            )
        )
    return found


def warnings(
    results: Mapping[str, NodeResult], pipeline: Pipeline, specs: Mapping[str, ModuleSpec]
) -> list[Problem]:
    """Return the warnings of finished steps of a run as problems."""
    return [
        Problem("warning", in_titles(pipeline, specs, text), "", name, code="step-warning")
        for name in pipeline.nodes
        if name in results
        for text in results[name].warnings
    ]


def with_failures(problems: Sequence[Problem], failed: Sequence[Problem]) -> list[Problem]:
    """Return failures and problems; a problem that became a failure is listed once."""
    by_node = _by_node(failed)
    return [
        *failed,
        *(
            each
            for each in problems
            if not any(_is_same(one, each) for one in by_node.get(each.node or "", ()))
        ),
    ]


def _by_node(problems: Sequence[Problem]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.node is not None:
            found.setdefault(problem.node, []).append(problem)
    return found


def _is_same(failure: Problem, problem: Problem) -> bool:
    # A problem's message may have the title of the module before it.
    sentence = failure.message.rstrip(".").casefold()
    return sentence in problem.message.casefold()
