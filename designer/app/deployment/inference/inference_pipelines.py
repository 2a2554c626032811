"""Makes inference pipelines from runs, opens them, and brings them up to date."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QObject, Signal

from designer.app.background.threads import Background
from designer.app.deployment.inference import conversion
from designer.app.deployment.inference.conversion import Made
from designer.app.deployment.inference.conversion_report import Replaced
from designer.app.deployment.problem import in_words
from designer.app.deployment.types import Prepared
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.runs.run_controller import RunController
from designer.pipeline import file as pipeline_file
from designer.workspace import Workspace

KINDS = {"real-time": "real-time inference pipeline", "batch": "batch inference pipeline"}

_POLL = 0.2
"""Seconds between two looks whether the window has closed."""


class PipelineWindow(Protocol):
    """A window that was opened for an inference pipeline."""

    @property
    def closed(self) -> bool:
        """Whether it was closed for good."""

    def tell_conversion(self, title: str, made: Made) -> None:
        """Show what was replaced by what."""

    def deleteLater(self) -> None:
        """Let Qt delete it."""


OpenWindow = Callable[[str], PipelineWindow]
"""Opens a window with a new pipeline, given as the text of its file."""


class InferencePipelines(QObject):
    """The inference pipelines that come from the pipeline of a window.

    Parameters
    ----------
    replaced : Replaced
        The card over the canvas that tells what a conversion did.

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
        replaced: Replaced,
        open_window: OpenWindow,
    ) -> None:
        super().__init__(background)
        self._workspace = workspace
        self._document = document
        self._controller = controller
        self._messages = messages
        self._background = background
        self._replaced = replaced
        self._open_window = open_window
        self._windows: list[PipelineWindow] = []
        self.busy = False

    def create(self, kind: str) -> None:
        """Make one from the last run, and open it in a window of its own."""
        self._in_background(
            f"Making the {KINDS[kind]}…", self._conversion(kind), lambda made: self.open(made, kind)
        )

    def update(self) -> None:
        """Bring the open inference pipeline up to date with its training pipeline."""
        document = self._document
        before, base, file = document.pipeline, document.base, document.path
        workspace = self._workspace

        def work() -> Made:
            ran = conversion.latest_run(workspace, before, base)
            order = conversion.order(workspace, ran, base=base, file=file, inference=before)
            return conversion.made(self._convert(order), ran, base)

        def done(made: Made) -> None:
            if document.pipeline is not before:
                self._messages.show(
                    "The pipeline was changed meanwhile. Update it again.", warning=True
                )
                return
            document.apply("Update from latest run", lambda _: made.pipeline)
            self.tell(f"Updated from run {made.ran.run}", made)

        self._in_background("Reading the latest run…", work, done)

    def prepare_last_run(self) -> Callable[[], Prepared]:
        """Return what makes the inference pipeline of the last run, to be called on a thread."""
        convert = self._conversion("real-time")

        def prepare() -> Prepared:
            made = convert()
            notes = tuple(text for text in made.said if text == conversion.CHANGED)
            return Prepared(pipeline_file.dumps(made.pipeline), made.base, notes)

        return prepare

    def prepare_run(self, run: str) -> Prepared:
        """Return the inference pipeline of any run; on a thread."""
        workspace = self._workspace
        source = workspace.run_record(run).get("source")
        file = Path(source) if isinstance(source, str) and source else None
        base = file.parent if file else Path.home()
        ran = conversion.read_run(workspace, run, base, file)
        order = conversion.order(workspace, ran, base=Path.home())
        made = conversion.made(self._convert(order), ran, Path.home())
        return Prepared(pipeline_file.dumps(made.pipeline), made.base)

    def open(self, made: Made, kind: str) -> PipelineWindow:
        """Open one that isn't saved yet in a separate window."""
        self.windows()
        other = self._open_window(pipeline_file.dumps(made.pipeline))
        name = made.ran.source.name if made.ran.source else "the pipeline"
        title = f"This {KINDS[kind]} was made from run {made.ran.run} of {name}"
        other.tell_conversion(title, made)
        self._windows.append(other)
        return other

    def windows(self) -> list[PipelineWindow]:
        """Return the windows with inference pipelines that are open."""
        for window in [each for each in self._windows if each.closed]:
            self._windows.remove(window)
            if shiboken6.isValid(window):
                window.deleteLater()
        return list(self._windows)

    def tell(self, title: str, made: Made) -> None:
        """Tell what was replaced by what."""
        deployable = conversion.is_served(made.pipeline)
        self._replaced.show_said(title, made.said, deployable=deployable)
        self.changed.emit()

    def call_engine(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a worker process; for threads. Ends early with the window."""
        engine: Any = self._wait_for(self._controller.engine())
        return self._wait_for(engine.call(function, *arguments))

    def _conversion(self, kind: str) -> Callable[[], Made]:
        """Return the conversion of the last run, to be done on a thread."""
        workspace, run = self._workspace, str(self._controller.run_id)
        now, base, source = self._document.pipeline, self._document.base, self._document.path
        target = Path.home()

        def work() -> Made:
            ran = conversion.read_run(workspace, run, base, source)
            order = conversion.order(workspace, ran, kind=kind, base=target)
            return conversion.made(self._convert(order), ran, target, now)

        return work

    def _convert(self, order: dict[str, Any]) -> Any:
        from designer.inference.conversion_job import make_inference

        return self.call_engine(make_inference, order)

    def _wait_for(self, future: Future[Any]) -> Any:
        while True:
            try:
                return future.result(_POLL)
            except TimeoutError:
                # Also a function in the worker may raise one.
                if future.done():
                    raise
                if self._background.stopping.is_set():
                    raise CancelledError from None

    def _in_background(
        self, text: str, work: Callable[[], Any], done: Callable[[Any], Any]
    ) -> None:
        if self.busy:
            self._messages.show("The inference pipeline is being made already.")
            return
        self.busy = True
        self._messages.bar.clear("inference")
        self._messages.show(text)
        self.changed.emit()
        # Otherwise this thread would wait for the engine that its own pool makes.
        self._controller.engine()

        def end() -> None:
            self.busy = False
            self._messages.clear()
            self.changed.emit()

        def finish(result: Any) -> None:
            end()
            done(result)

        def fail(error: BaseException) -> None:
            end()
            self._messages.bar.show_message(in_words(error), severity="error", kind="inference")

        self._background.run(work, finish, fail)
