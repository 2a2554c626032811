"""What the window does with runs: run, cancel, results, logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from designer.app.canvas import NodeState
from designer.app.canvas.state import duration
from designer.app.dialogs.message_bar import Choice
from designer.app.document.labels import in_titles, node_words, output_words, said_of
from designer.app.panels.problems import count_text, without_title
from designer.app.runs.result_windows import ResultWindow, ResultWindows
from designer.app.widgets.main_thread import Relay
from designer.engine.results import NodeResult
from designer.pipeline.model import Pipeline
from designer.pipeline.problem import Problem

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow
    from designer.engine.engine import Engine

STALE = "stale"
"""State of a node whose result is from before a change."""

VALUES = "values"
"""What the values of pipeline parameters are remembered as."""

LOOK = "Double-click to visualize the result"
"""The tooltip of a finished card."""

CANCELLING = "Cancelling…"

ENDINGS = {"completed": "Completed", "failed": "Failed", "cancelled": "Cancelled"}


class RunActions(QObject):
    """Handlers of the commands of a run, and what the window shows of it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._open_after: tuple[str, str] | None = None
        self._results = ResultWindows(window, lambda: window.catalog)
        self._relay = Relay(self)
        self._clock = QTimer(self)
        self._clock.setInterval(200)
        self._clock.timeout.connect(self._show_time)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(120)
        self._settle.timeout.connect(self.refresh)
        controller = window.controller
        controller.progressed.connect(self.refresh)
        controller.logged.connect(window.log.add)
        controller.finished.connect(self._on_finished)

    def run(self) -> None:
        """Run the whole pipeline."""
        self.start(())

    def run_to_here(self) -> None:
        """Run the selected nodes and what they need."""
        self.start(self._window.selected_nodes())

    def cancel(self) -> None:
        """Stop the run."""
        self._window.controller.cancel()
        self._window.say(CANCELLING)

    def visualize(self) -> None:
        """Show the first output of the selected node."""
        node = self._window.selected_node()
        spec = self._window.spec_of(node) if node else None
        if node is not None and spec is not None and spec.outputs:
            self.show_output(node, spec.outputs[0].name)

    def open_node(self, node: str, port: str = "") -> None:
        """Show an output of a node, by default the first worth showing.

        A node without a result for its current parameters is edited instead.
        """
        shown = port or self._telling_output(node)
        if shown and self._window.controller.output(node, shown) and self._is_current(node):
            self.show_output(node, shown)
        else:
            self._window.edit_node(node)

    def view_log(self) -> None:
        """Show the log of the selected node."""
        node = self._window.selected_node()
        if node is not None:
            self.show_log(node)

    def show_problems(self) -> None:
        """Show the list of problems."""
        self._window.raise_panel("problems")

    def start(self, to: Sequence[str], *, anyway: bool = False) -> None:
        """Start a run to some nodes, or of everything."""
        window = self._window
        window.properties.commit()
        pipeline = window.document.pipeline
        wanted = pipeline.ancestors(list(to)) if to else set(pipeline.nodes)
        errors = [
            problem
            for problem in window.checker.problems
            if problem.severity == "error" and (problem.node is None or problem.node in wanted)
        ]
        if errors and not anyway:
            self._tell_errors(errors, to)
            self._open_after = None
            return
        window.bar.clear("problems")
        window.bar.clear("failed")
        values = self._values(pipeline)
        if values is None:
            self._open_after = None
            return
        if window.compute_targets.current.is_local:
            started = window.controller.run(
                pipeline,
                base=window.document.base,
                source=window.document.path,
                to=to,
                parameters=values,
            )
        else:
            started = window.compute_targets.start(pipeline, to, values)
        if started:
            self.show_started(pipeline)

    def show_started(self, pipeline: Pipeline) -> None:
        """Show that a run has been started."""
        self._window.log.start(pipeline.nodes)
        self._clock.start()
        self._show_time()
        self._window.update_conditions()

    def show_output(self, node: str, port: str) -> None:
        """Show a stored output, or offer to make it."""
        window = self._window
        output = window.controller.output(node, port)
        if output is None:
            self._offer_run(node, port)
            return
        pipeline = window.document.pipeline
        title = output_words(pipeline, window.catalog, node, port)

        def show(engine: Engine) -> None:
            self._results.show(output, title, engine)

        def failed(error: BaseException) -> None:
            window.bar.show_message(f"The result can't be shown. {error}", severity="error")

        self._relay.when_done(window.controller.engine(), show, failed)

    def show_log(self, node: str) -> None:
        """Show the log of a node."""
        self._window.log.set_results(self._window.controller.results)
        self._window.log.show_node(node)
        self._window.raise_panel("log")

    def forget(self) -> None:
        """Forget the run: another pipeline is open."""
        self._clock.stop()
        self._open_after = None
        self._window.controller.forget()

    def pipeline_changed(self) -> None:
        """Find out soon which results have become stale."""
        if self._window.controller.results:
            self._settle.start()

    def refresh(self) -> None:
        """Show how every node fares."""
        window = self._window
        controller = window.controller
        controller.follow(window.document.pipeline, window.document.base)
        stale = controller.stale(window.document.pipeline, window.document.base)
        states = {}
        for name, progress in controller.progress.items():
            if name not in window.document.pipeline.nodes:
                continue
            if name in stale:
                states[name] = NodeState(STALE)
            else:
                text = in_titles(window.document.pipeline, window.catalog, progress.text)
                text = text or (LOOK if self._telling_output(name) else "")
                states[name] = NodeState(progress.status, progress.seconds, progress.fraction, text)
        window.reports.follow_run(stale)
        window.canvas.set_states(states)
        window.outline.show_states(states)
        node = window.selected_node()
        result = controller.result(node) if node else None
        if result is not None and result.reason:
            words = in_titles(window.document.pipeline, window.catalog, result.reason)
            result = replace(result, reason=words)
        window.properties.show_result(result, bool(node) and node in stale)

    def result_windows(self) -> list[ResultWindow]:
        """Return the windows that show results."""
        return self._results.all()

    def close(self) -> None:
        """Close the windows of results and stop the clocks."""
        self._relay.close()
        self._clock.stop()
        self._settle.stop()
        self._results.close()

    def _telling_output(self, node: str) -> str:
        """Return the first output of a node with more in it than the node's own parameters."""
        spec = self._window.spec_of(node)
        for port in spec.outputs if spec else ():
            output = self._window.controller.output(node, port.name)
            if output is not None and output.type != "UntrainedModel":
                return port.name
        return ""

    def _is_current(self, node: str) -> bool:
        document = self._window.document
        return node not in self._window.controller.stale(document.pipeline, document.base)

    def _values(self, pipeline: Pipeline) -> dict[str, Any] | None:
        """Ask for the values of the pipeline's parameters; None to run nothing."""
        if not pipeline.parameters or self._window.controller.running:
            return {}
        from designer.app.dialogs.run_values import RunValues

        memory = self._window.memory
        dialog = RunValues(pipeline, memory.get(VALUES) or {}, self._window)
        accepted = bool(dialog.exec())
        values = dialog.values() if accepted else None
        dialog.deleteLater()
        if values is not None:
            memory.set(VALUES, values)
        return values

    def _offer_run(self, node: str, port: str) -> None:
        window = self._window
        result: NodeResult | None = window.controller.result(node)
        if window.controller.running:
            window.say("No result yet.")
            return

        def run() -> None:
            self._open_after = (node, port)
            self.start([node])

        if result is not None and result.status in ("completed", "reused"):
            text = f"{self._words(node)} has no output “{port.replace('_', ' ')}”."
        else:
            text = f"{self._words(node)} has no result yet."
        window.bar.show_message(text, [("Run to here", run)], kind="no-result")

    def _on_finished(self, status: str, text: str) -> None:
        window = self._window
        self._clock.stop()
        window.unsay(CANCELLING)
        window.log.set_results(window.controller.results)
        window.refresh_runs()
        window.update_conditions()
        window.known.learn()
        results = window.controller.results.values()
        reused = sum(result.status == "reused" for result in results)
        words = ENDINGS.get(status, status)
        seconds = window.controller.seconds
        line = f"{words} in {duration(seconds)}"
        if reused:
            line += f", {reused} step{'' if reused == 1 else 's'} reused"
        window.status.show_run(status, line)
        if status == "failed":
            self._tell_failures(text)
        target, self._open_after = self._open_after, None
        if target is not None and status == "completed":
            self.show_output(*target)

    def _tell_errors(self, errors: Sequence[Problem], to: Sequence[str]) -> None:
        """Say what is wrong before a run, and offer to go there or to run all the same."""
        window = self._window
        pipeline = window.document.pipeline
        first = errors[0]
        said = first.message
        if first.node is not None:
            said = without_title(first, window.spec_of(first.node))
            said = said_of(pipeline, window.catalog, first.node, said)
        show: Choice = ("Show problems", self.show_problems)
        if len(errors) == 1 and first.node in pipeline.nodes:
            show = ("Show module", lambda: window.focus_node(first.node or "", first.parameter))
        window.bar.show_message(
            f"{count_text(errors)}. {said} {first.hint}".rstrip(),
            [show, ("Run anyway", lambda: self.start(to, anyway=True))],
            severity="warning",
            kind="problems",
        )

    def _tell_failures(self, text: str) -> None:
        """Say which steps failed, or why the run could not be started."""
        window = self._window
        results = window.controller.results
        pipeline = window.document.pipeline
        failed = [n for n in pipeline.nodes if n in results and results[n].status == "failed"]
        if not failed:
            window.bar.show_message(text or "The run failed.", severity="error", kind="failed")
            return
        first = failed[0]
        error = results[first].error or {}
        message = str(error.get("message", "failed"))
        said = said_of(pipeline, window.catalog, first, message)
        choices: list[Choice] = [
            ("Show module", lambda: window.focus_node(first, error.get("parameter"))),
            ("View log", lambda: self.show_log(first)),
        ]
        if len(failed) > 1:
            said = f"{len(failed)} steps failed; first: {said}"
            choices.insert(0, ("Show problems", self.show_problems))
        window.bar.show_message(said, choices, severity="error", kind="failed")

    def _show_time(self) -> None:
        controller = self._window.controller
        if controller.running:
            state = controller.state
            if state.begun:
                text = f"Running, {state.done} of {len(state.planned)} done"
            else:
                text = self._window.compute_targets.beginning
                if state.planned:
                    text += f", 0 of {len(state.planned)} done"
            text += f", {duration(controller.elapsed)}"
            self._window.status.show_run("running", text)

    def _words(self, node: str) -> str:
        return node_words(self._window.document.pipeline, self._window.catalog, node)
