"""Makes inference pipelines from runs, opens them, and brings them up to date."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import error_text
from designer.app.deployment.inference import conversion
from designer.app.deployment.inference.conversion import Converted
from designer.app.deployment.inference.conversion_report import ConversionReport
from designer.app.document.recovery import Recovery
from designer.pipeline import file as pipeline_file

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow
    from designer.engine.engine import Engine

KINDS = {"real-time": "real-time inference pipeline", "batch": "batch inference pipeline"}


class InferencePipelines:
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
    """

    def __init__(
        self,
        window: MainWindow,
        background: Background,
        engine: EngineCaller,
        report: ConversionReport,
        make_engine: Callable[[], Engine] | None,
    ) -> None:
        self._window = window
        self._background = background
        self._engine = engine
        self._report = report
        self._make_engine = make_engine
        self._windows: list[MainWindow] = []
        self.busy = False

    def create(self, kind: str) -> None:
        """Make one from the last run, and open it in a window of its own."""
        if self._is_busy():
            return
        self._in_background(
            f"Making the {KINDS[kind]}…",
            self._call_for_last_run(conversion.convert_run, kind),
            lambda made: self.open(made, kind),
        )

    def update(self) -> None:
        """Bring the open inference pipeline up to date with its training pipeline."""
        if self._is_busy():
            return
        window = self._window
        document = window.document
        before = document.pipeline

        def done(made: Converted) -> None:
            if document.pipeline is not before:
                window.say("The pipeline was changed meanwhile. Update it again.", warning=True)
                return
            document.apply("Update from latest run", lambda _: made.pipeline)
            self.show_report(f"Updated from run {made.run}", made)

        made = self._engine.call(
            conversion.update, window.workspace.folder, before, document.base, document.path
        )
        self._in_background("Reading the latest run…", made, done)

    def prepare_last_run(self) -> Future[Any]:
        """Return what is deployed of the last run, to come: a ``Prepared``."""
        return self._call_for_last_run(conversion.prepare_run)

    def open(self, made: Converted, kind: str) -> MainWindow:
        """Open one that isn't saved yet in a window of its own."""
        from designer.app.shell.main_window import MainWindow

        window = self._window
        self.windows()
        other = MainWindow(
            window.settings,
            window.catalog,
            workspace=window.workspace,
            make_engine=self._make_engine,
        )
        text = pipeline_file.dumps(made.pipeline)
        other.document.restore(Recovery(Path(), None, time.time(), text))
        other.on_opened()
        name = made.source.name if made.source else "the pipeline"
        title = f"This {KINDS[kind]} was made from run {made.run} of {name}"
        other.deployment.inference.show_report(title, made)
        _move_beside(other, window)
        other.show()
        self._windows.append(other)
        return other

    def windows(self) -> list[MainWindow]:
        """Return the windows with inference pipelines that are open."""
        for window in [each for each in self._windows if each.closed]:
            self._windows.remove(window)
            if shiboken6.isValid(window):  # type: ignore[no-untyped-call]
                window.deleteLater()
        return list(self._windows)

    def show_report(self, title: str, made: Converted) -> None:
        """Show what was replaced by what."""
        deployable = conversion.is_served(made.pipeline)
        self._report.show_messages(title, made.messages, deployable=deployable)
        self._window.update_conditions()

    def _call_for_last_run(self, function: Callable[..., Any], *more: str) -> Future[Any]:
        window = self._window
        document = window.document
        return self._engine.call(
            function,
            window.workspace.folder,
            str(window.controller.run_id),
            document.base,
            document.path,
            document.pipeline,
            *more,
        )

    def _is_busy(self) -> bool:
        if self.busy:
            self._window.say("The inference pipeline is already being made.")
        return self.busy

    def _in_background(
        self, text: str, work: Future[Any], done: Callable[[Converted], object]
    ) -> None:
        window = self._window
        self.busy = True
        window.bar.clear("inference")
        window.say(text)
        window.update_conditions()

        def end() -> None:
            self.busy = False
            window.statusBar().clearMessage()
            window.update_conditions()

        def finish(made: Converted) -> None:
            end()
            done(made)

        def fail(error: BaseException) -> None:
            end()
            window.bar.show_message(error_text(error), severity="error", kind="inference")

        self._background.follow(work, finish, fail)


def _move_beside(other: MainWindow, window: MainWindow) -> None:
    """Make a window as large as another and move it a little beside it, on the same screen."""
    area = window.screen().availableGeometry()
    size = window.size().boundedTo(area.size())
    other.resize(size)
    other.move(
        max(area.left(), min(window.x() + 40, area.right() + 1 - size.width())),
        max(area.top(), min(window.y() + 40, area.bottom() + 1 - size.height())),
    )
