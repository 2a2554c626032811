"""Creates inference pipelines from runs, opens them, and updates them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QObject, Signal

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import error_text
from designer.app.deployment.inference import conversion
from designer.app.deployment.inference.conversion import Converted
from designer.app.deployment.inference.conversion_report import ConversionReport
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.runs.run_controller import RunController
from designer.pipeline import file as pipeline_file
from designer.texts import tr
from designer.workspace import Workspace

KINDS = {"real-time": tr("real-time inference pipeline"), "batch": tr("batch inference pipeline")}


class InferenceWindow(Protocol):
    """A window that was opened for an inference pipeline."""

    @property
    def closed(self) -> bool:
        """Whether it was closed."""

    def show_report(self, title: str, made: Converted) -> None:
        """Show the replacements."""

    def deleteLater(self) -> None:
        """Let Qt delete it."""


OpenWindow = Callable[[str], InferenceWindow]
"""Opens a window with a new pipeline, given as the text of its file."""


class InferencePipelines(QObject):
    """The inference pipelines that come from the pipeline of a window.

    Parameters
    ----------
    engine : EngineCaller
        Does the conversions.
    report : ConversionReport
        The card over the canvas that shows what a conversion did.

    Attributes
    ----------
    busy : bool
        Whether one is being made.

    Signals
    -------
    changed
        Other commands can be used than before.
    """

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        controller: RunController,
        messages: Messages,
        background: Background,
        engine: EngineCaller,
        report: ConversionReport,
        open_window: OpenWindow,
    ) -> None:
        super().__init__(background)
        self._workspace = workspace
        self._document = document
        self._controller = controller
        self._messages = messages
        self._background = background
        self._engine = engine
        self._report = report
        self._open_window = open_window
        self._windows: list[InferenceWindow] = []
        self.busy = False

    def create(self, kind: str) -> None:
        """Make one from the last run, and open it in a separate window."""
        if self._is_busy():
            return
        self._in_background(
            tr("Creating the {kind}…").format(kind=KINDS[kind]),
            self._call_for_last_run(conversion.convert_run, kind),
            lambda made: self.open(made, kind),
        )

    def update(self) -> None:
        """Update the open inference pipeline from its training pipeline."""
        if self._is_busy():
            return
        document = self._document
        before = document.pipeline

        def done(made: Converted) -> None:
            if document.pipeline is not before:
                self._messages.show(
                    tr("The pipeline was changed meanwhile. Update it again."), warning=True
                )
                return
            document.apply(tr("Update from latest run"), lambda _: made.pipeline)
            self.show_report(tr("Updated from run {run}").format(run=made.run), made)

        made = self._engine.call(
            conversion.update, self._workspace.folder, before, document.base, document.path
        )
        self._in_background(tr("Reading the latest run…"), made, done)

    def prepare_last_run(self) -> Future[Any]:
        """Return a future of what to deploy from the last run: a ``Prepared``."""
        return self._call_for_last_run(conversion.prepare_run)

    def open(self, made: Converted, kind: str) -> InferenceWindow:
        """Open one that isn't saved yet in a separate window."""
        self.windows()
        other = self._open_window(pipeline_file.dumps(made.pipeline))
        name = made.source.name if made.source else tr("the pipeline")
        title = tr("This {kind} was created from run {run} of {name}").format(
            kind=KINDS[kind], run=made.run, name=name
        )
        other.show_report(title, made)
        self._windows.append(other)
        return other

    def windows(self) -> list[InferenceWindow]:
        """Return the windows with inference pipelines that are open."""
        for window in [each for each in self._windows if each.closed]:
            self._windows.remove(window)
            if shiboken6.isValid(window):  # type: ignore[no-untyped-call]
                window.deleteLater()
        return list(self._windows)

    def show_report(self, title: str, made: Converted) -> None:
        """Show the replacements."""
        deployable = conversion.is_served(made.pipeline)
        self._report.show_messages(title, made.messages, deployable=deployable)
        self.changed.emit()

    def _call_for_last_run(self, function: Callable[..., Any], *more: str) -> Future[Any]:
        document = self._document
        return self._engine.call(
            function,
            self._workspace.folder,
            str(self._controller.run_id),
            document.base,
            document.path,
            document.pipeline,
            *more,
        )

    def _is_busy(self) -> bool:
        if self.busy:
            self._messages.show(tr("The inference pipeline is already being created."))
        return self.busy

    def _in_background(
        self, text: str, work: Future[Any], done: Callable[[Converted], object]
    ) -> None:
        self.busy = True
        self._messages.bar.clear("inference")
        self._messages.show(text)
        self.changed.emit()

        def end() -> None:
            self.busy = False
            self._messages.clear()
            self.changed.emit()

        def finish(made: Converted) -> None:
            end()
            done(made)

        def fail(error: BaseException) -> None:
            end()
            self._messages.bar.show_message(error_text(error), severity="error", kind="inference")

        self._background.follow(work, finish, fail)
