"""Messages about a run: why it doesn't start, which steps failed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from designer.app.canvas.state import duration
from designer.app.dialogs.message_bar import Choice, MessageBar
from designer.app.document.labels import node_sentence
from designer.app.panels.problems import count_text, without_title
from designer.app.shell.navigation import Navigation
from designer.engine.results import NodeResult
from designer.pipeline.model import Pipeline
from designer.pipeline.problem import Problem
from designer.texts import counted, tr
from modules.contract import ModuleSpec

_ENDINGS = {"completed": tr("Completed"), "failed": tr("Failed"), "cancelled": tr("Canceled")}


class RunMessages:
    """Shows what keeps a run from starting or made it fail, with what to do about it."""

    def __init__(
        self, bar: MessageBar, catalog: Mapping[str, ModuleSpec], navigation: Navigation
    ) -> None:
        self._bar = bar
        self._catalog = catalog
        self._navigation = navigation
        self._failed = ""

    def follow(self, failed: Collection[str]) -> None:
        """Remove the message about a step that failed once its result is stale or it's gone.

        Parameters
        ----------
        failed : collection of str
            The steps of the pipeline whose result is a failure that isn't stale.
        """
        if self._failed and self._failed not in failed:
            self._failed = ""
            self._bar.clear("failed")

    def show_errors(
        self, pipeline: Pipeline, errors: Sequence[Problem], run_anyway: Callable[[], object]
    ) -> None:
        """Show the problems before a run, and offer to go there or to run anyway."""
        first = errors[0]
        node = pipeline.nodes.get(first.node or "")
        text = first.message
        if first.node is not None:
            spec = self._catalog.get(node.module) if node else None
            text = node_sentence(pipeline, self._catalog, first.node, without_title(first, spec))
        show: Choice = (tr("Show problems"), self._show_problems)
        if len(errors) == 1 and node is not None:
            show = (
                tr("Show module"),
                lambda: self._navigation.show_node(node.id, first.parameter),
            )
        self._bar.show_message(
            f"{count_text(errors)}. {text} {first.hint}".rstrip(),
            [show, (tr("Run anyway"), run_anyway)],
            severity="warning",
            kind="problems",
        )

    def show_failures(
        self,
        pipeline: Pipeline,
        results: Mapping[str, NodeResult],
        reason: str,
        show_log: Callable[[str], object],
        ways_back: Sequence[Choice] = (),
    ) -> None:
        """Show which steps failed, or why the run couldn't be started or followed.

        Parameters
        ----------
        ways_back : sequence of (str, callable)
            What to offer if no step failed: to follow a run that continues elsewhere.
        """
        self._failed = ""
        failed = [n for n in pipeline.nodes if n in results and results[n].status == "failed"]
        if not failed:
            text = reason or tr("The run failed.")
            self._bar.show_message(text, ways_back, severity="error", kind="failed")
            return
        first = self._failed = failed[0]
        error = results[first].error or {}
        text = node_sentence(pipeline, self._catalog, first, str(error.get("message", "failed")))
        choices: list[Choice] = [
            (tr("Show module"), lambda: self._navigation.show_node(first, error.get("parameter"))),
            (tr("View log"), lambda: show_log(first)),
        ]
        if len(failed) > 1:
            text = tr("{number} steps failed; first: {text}").format(number=len(failed), text=text)
            choices.insert(0, (tr("Show problems"), self._show_problems))
        self._bar.show_message(text, choices, severity="error", kind="failed")

    def _show_problems(self) -> None:
        self._navigation.show_panel("problems")


def running_text(beginning: str, done: int, planned: int, step: str, seconds: float) -> str:
    """Return how far a run is: “Running, 3 of 8 done, Train Model: tree 40 of 100, 12 s”.

    Parameters
    ----------
    beginning : str
        What happens, “Running” for example.
    planned : int
        The number of steps; 0 if it isn't known.
    step : str
        What a step reports of itself.
    """
    counts = tr("{done} of {number} done").format(done=done, number=planned) if planned else ""
    return ", ".join(filter(None, (beginning, counts, step, duration(seconds))))


def end_text(status: str, seconds: float, reused: int) -> str:
    """Return how a run ended: “Completed in 12 s, 3 steps reused”."""
    text = tr("{status} in {time}").format(
        status=_ENDINGS.get(status, status), time=duration(seconds)
    )
    if reused:
        text += counted(", {n} step reused", ", {n} steps reused", reused)
    return text
