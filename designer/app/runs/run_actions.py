"""Commands for runs: run, cancel, results, logs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from designer.app.canvas import NodeState
from designer.app.dialogs.messages import Messages
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.document.document_chart import DocumentChart
from designer.app.document.file_memory import FileMemory
from designer.app.document.known_columns import KnownColumns
from designer.app.document.labels import in_titles, input_comments, node_label, output_label
from designer.app.document.selection import Selection
from designer.app.panels.log import Log
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.runs.models_beside import models_beside
from designer.app.runs.result_windows import ResultWindow, ResultWindows
from designer.app.runs.run_controller import RunController
from designer.app.runs.run_messages import RunMessages, end_text, running_text
from designer.app.runs.run_parameters import ask_values
from designer.app.shell.commands import command
from designer.app.shell.navigation import Navigation
from designer.app.widgets.main_thread import MainThreadInvoker
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.pipeline.model import Pipeline
from designer.texts import tr
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from designer.engine.engine import Engine

STALE = "stale"
"""State of a node whose result is from before a change."""

VISUALIZE_TIP = tr("Double-click to visualize the result")
"""The tooltip of a finished card."""

CANCELLING = tr("Canceling…")


class RunActions(QObject):
    """The commands of a run, and what the window shows of it.

    Parameters
    ----------
    commit, open_trial : callable
        Commits what is being typed; opens a trial of a node's leaderboard as a pipeline.
    parent : QWidget
        The window, over which dialogs and results open.

    Signals
    -------
    changed
        Other commands can be used than before.
    progress_shown : str, str
        The status of the run, and the progress as text.
    states_changed : dict, set
        The state of every node, by id, and the ids of those whose result is stale.
    result_changed : NodeResult or None, bool
        Of the selected node, and whether it is stale.
    """

    changed = Signal()
    progress_shown = Signal(str, str)
    states_changed = Signal(object, object)
    result_changed = Signal(object, bool)

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        controller: RunController,
        known: KnownColumns,
        consent: Consent,
        targets: ComputeTargetActions,
        memory: FileMemory,
        log: Log,
        selection: Selection,
        navigation: Navigation,
        messages: Messages,
        commit: Callable[[], object],
        open_trial: Callable[..., None],
        results: ResultWindows,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._catalog = catalog
        self._controller = controller
        self._known = known
        self._consent = consent
        self._targets = targets
        self._memory = memory
        self._log = log
        self._selection = selection
        self._navigation = navigation
        self._messages = messages
        self._commit = commit
        self._open_trial = open_trial
        self._parent = parent
        self._wanted: tuple[str, ...] = ()
        self._open_after: tuple[str, str] | None = None
        self._results = results
        self._failures = RunMessages(messages.bar, catalog, navigation)
        self._invoker = MainThreadInvoker(self)
        self._clock = QTimer(self, interval=200)
        self._clock.timeout.connect(self._show_time)
        self._settle = QTimer(self, singleShot=True, interval=120)
        self._settle.timeout.connect(self.refresh)
        controller.progressed.connect(self.refresh)
        controller.logged.connect(log.add)
        controller.finished.connect(self._on_finished)

    @command(
        tr("Run"),
        "F5 Ctrl+Return",
        icon="run",
        help=tr("Run the pipeline."),
        needs="content idle",
        menus=("Pipeline 2.1", "Tools 3.1"),
    )
    def run(self) -> None:
        """Run the whole pipeline."""
        self.start(())

    @command(
        tr("Run to here"),
        "Ctrl+F5",
        icon="run-to",
        help=tr("Run the selected modules and what they need."),
        needs="nodes idle",
        menus=("Pipeline 2.2", "Tools 3.4", "Node 1.1", "Group 1"),
    )
    def run_to_here(self) -> None:
        """Run the selected nodes and what they need."""
        self.start(self._selection.nodes())

    @command(
        tr("Cancel"),
        "Shift+F5",
        icon="stop",
        help=tr("Cancel the run."),
        needs="running",
        menus=("Pipeline 2.4", "Tools 3.3"),
    )
    def cancel(self) -> None:
        """Stop the run."""
        self._controller.cancel()
        self._messages.show(CANCELLING)

    @command(
        tr("Visualize"),
        "Ctrl+I",
        icon="table",
        help=tr("Visualize the first output of the module."),
        needs="one",
        menus="Pipeline 3.1",
    )
    def visualize(self) -> None:
        """Show the first output of the selected node."""
        node = self._selection.node()
        spec = self._selection.spec_of(node) if node else None
        if node is not None and spec is not None and spec.outputs:
            self.show_output(node, spec.outputs[0].name)

    def open_node(self, node: str, port: str = "") -> None:
        """Show an output of a node, by default the first worth showing.

        A node without a result for its current parameters is edited instead.
        """
        shown = port or self._main_output(node)
        if shown and self._controller.output(node, shown) and self._is_current(node):
            self.show_output(node, shown)
        else:
            self._navigation.edit_node(node)

    @command(
        tr("View log"),
        "Ctrl+Shift+L",
        icon="log",
        help=tr("Show the module's log."),
        needs="one",
        menus=("Pipeline 3.2", "Node 1.3"),
    )
    def view_log(self) -> None:
        """Show the log of the selected node."""
        if node := self._selection.node():
            self.show_log(node)

    @command(
        tr("Problems"),
        "Ctrl+Shift+X",
        icon="warning",
        help=tr("Show the list of problems."),
        menus="Pipeline 3.3",
    )
    def show_problems(self) -> None:
        """Show the list of problems."""
        self._navigation.show_panel("problems")

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands runs meet."""
        return {"idle": not self._controller.running, "running": self._controller.running}

    def resume(self) -> None:
        """Run what the last run didn't complete, with its results."""
        done = [name for name, each in self._controller.results.items() if each.outputs]
        self.start(self._wanted, resume=done)

    def start(
        self, to: Sequence[str], *, anyway: bool = False, resume: Collection[str] = ()
    ) -> None:
        """Start a run to some nodes, or of everything; see :meth:`Engine.start`."""
        self._commit()
        pipeline = self._document.pipeline
        wanted = pipeline.ancestors(list(to)) if to else set(pipeline.nodes)
        errors = self._known.checker.errors_in(wanted)
        again = partial(self.start, to, anyway=True, resume=resume)
        if errors and not anyway and self._known.checker.is_behind:
            # What was just fixed isn't checked yet.
            self._known.checker.when_checked(partial(again, anyway=False))
            return
        if errors and not anyway:
            self._failures.show_errors(pipeline, errors, again)
            self._open_after = None
            return
        self._messages.bar.clear("problems")
        self._messages.bar.clear("failed")
        blocked = self._consent.blocks(wanted, partial(again, anyway=anyway), "run")
        values: dict[str, Any] | None = None if blocked else {}
        if not (blocked or self._controller.running):
            values = ask_values(pipeline, self._memory, self._parent)
        if values is None:
            self._open_after = None
            return
        if self._targets.current.is_local:
            started = self._controller.run(
                pipeline,
                base=self._document.base,
                source=self._document.path,
                to=to,
                parameters=values,
                resume=resume,
            )
        else:
            started = self._targets.start(pipeline, to, values)
        if started:
            self._wanted = tuple(to)
            self.show_started(pipeline)

    def show_started(self, pipeline: Pipeline) -> None:
        """Show that a run has been started."""
        self._log.start(pipeline.nodes)
        self._clock.start()
        self._show_time()
        self.changed.emit()

    def show_output(self, node: str, port: str) -> None:
        """Show a stored output, or offer to make it."""
        output = self._controller.output(node, port)
        if output is None:
            self._offer_run(node, port)
            return
        pipeline, chart = self._document.pipeline, DocumentChart(self._document, node, port)
        title = output_label(pipeline, self._catalog, node, port)
        # An older result can be from other inputs.
        inputs = input_comments(pipeline, node) if self._is_current(node) else {}
        models = models_beside(pipeline, self._catalog, node, port, self._controller.output)
        subject = self._controller.state.subject(node, port)

        def show(engine: Engine) -> None:
            trial = partial(self._open_trial, node)
            self._results.show(output, title, engine, inputs, trial, models, chart, subject)

        def failed(error: BaseException) -> None:
            self._messages.bar.show_message(
                tr("The result can't be shown. {error}").format(error=in_language(str(error))),
                severity="error",
            )

        self._invoker.when_done(self._controller.engine(), show, failed)

    def show_log(self, node: str) -> None:
        """Show the log of a node."""
        self._log.set_results(self._controller.results)
        self._log.show_node(node)
        self._navigation.show_panel("log")

    def forget(self) -> None:
        """Clear the run: another pipeline is open."""
        self._clock.stop()
        self._open_after = None
        self._controller.forget()

    def pipeline_changed(self) -> None:
        """Update soon which results are stale."""
        if self._controller.results:
            self._settle.start()

    def refresh(self) -> None:
        """Show the state of every node."""
        controller, pipeline = self._controller, self._document.pipeline
        controller.follow(pipeline, self._document.base)
        stale = controller.stale(pipeline, self._document.base)
        states = {}
        for name, progress in controller.progress.items():
            if name not in pipeline.nodes:
                continue
            if name in stale:
                states[name] = NodeState(STALE)
            else:
                text = in_titles(pipeline, self._catalog, progress.text)
                text = text or (VISUALIZE_TIP if self._main_output(name) else "")
                states[name] = NodeState(progress.status, progress.seconds, progress.fraction, text)
        self._failures.follow([name for name, state in states.items() if state.status == "failed"])
        self.states_changed.emit(states, set(stale))
        node = self._selection.node()
        result = controller.result(node) if node else None
        if result is not None and result.reason:
            result = replace(result, reason=in_titles(pipeline, self._catalog, result.reason))
        self.result_changed.emit(result, bool(node) and node in stale)

    def result_windows(self) -> list[ResultWindow]:
        """Return the windows that show results."""
        return self._results.all()

    def close(self) -> None:
        """Stop the clocks."""
        self._invoker.close()
        self._clock.stop()
        self._settle.stop()

    def _main_output(self, node: str) -> str:
        """Return the first output of a node with more in it than the node's own parameters."""
        spec = self._selection.spec_of(node)
        for port in spec.outputs if spec else ():
            output = self._controller.output(node, port.name)
            if output is not None and output.type != UntrainedModel.port_type.name:
                return port.name
        return ""

    def _is_current(self, node: str) -> bool:
        return node not in self._controller.stale(self._document.pipeline, self._document.base)

    def _offer_run(self, node: str, port: str) -> None:
        result = self._controller.result(node)
        if self._controller.running:
            self._messages.show(tr("No result yet."))
            return

        def run() -> None:
            self._open_after = (node, port)
            self.start([node])

        label = node_label(self._document.pipeline, self._catalog, node)
        if result is not None and result.status in ("completed", "reused"):
            text = tr("{label} has no output “{replace}”.").format(
                label=label, replace=port.replace("_", " ")
            )
        else:
            text = tr("{label} has no result yet.").format(label=label)
        self._messages.bar.show_message(text, [(tr("Run to here"), run)], kind="no-result")

    def _on_finished(self, status: str, text: str) -> None:
        self._clock.stop()
        self._messages.clear(CANCELLING)
        self._log.set_results(self._controller.results)
        self.changed.emit()
        self._known.learn()
        results = self._controller.results.values()
        reused = sum(result.status == "reused" for result in results)
        self.progress_shown.emit(status, end_text(status, self._controller.seconds, reused))
        if status == "failed":
            pipeline, ways = self._document.pipeline, self._targets.ways_back()
            found = self._controller.results
            self._failures.show_failures(pipeline, found, text, self.show_log, ways)
        target, self._open_after = self._open_after, None
        if target is not None and status == "completed":
            self.show_output(*target)

    def _show_time(self) -> None:
        controller = self._controller
        if controller.running:
            state = controller.state
            begins = tr("Running") if state.begun else self._targets.beginning
            node, report = state.latest_report
            step = f"{node_label(self._document.pipeline, self._catalog, node)}: {report}"
            text = running_text(
                begins, state.done, len(state.planned), step if node else "", controller.elapsed
            )
            self.progress_shown.emit("running", text)
