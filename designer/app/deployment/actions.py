"""What the window does about deployment: handlers of the menu “Deploy”."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app import commands
from designer.app.deployment import conversion
from designer.app.deployment.backend import Prepared
from designer.app.deployment.background import Background
from designer.app.deployment.conversion import Made
from designer.app.deployment.problem import in_words
from designer.app.deployment.replaced import Replaced
from designer.app.recovery import Recovery
from designer.pipeline import file as pipeline_file

if TYPE_CHECKING:
    from designer.app.deployment.backend import Backend
    from designer.app.deployment.center import Center
    from designer.app.deployment.deploy_dialog import DeployDialog
    from designer.app.main_window import MainWindow
    from designer.engine.engine import Engine

KINDS = {"real-time": "real-time inference pipeline", "batch": "batch inference pipeline"}


class DeployActions:
    """Handlers of the commands of deployment, and what the window shows of it.

    Attributes
    ----------
    page : QWidget
        The page of endpoints and models; filled when it is first shown.
    replaced : Replaced
        The card over the canvas that tells what a conversion did.
    """

    def __init__(self, window: MainWindow, make_engine: Callable[[], Engine] | None = None) -> None:
        self._window = window
        self._make_engine = make_engine
        self._background = Background(window)
        self._backend: Backend | None = None
        self._center: Center | None = None
        self._dialog: DeployDialog | None = None
        self._windows: list[MainWindow] = []
        self._converting = False
        self._menu_explains = False
        self._came_from_editing = False
        self._had_run = False
        window.controller.progressed.connect(self._on_progress)
        self.page = QWidget()
        self.page.setObjectName("deploymentPage")
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)
        self.replaced = Replaced()
        self.replaced.deploy_requested.connect(self.deploy)

    @property
    def backend(self) -> Backend:
        """What deploys and looks after endpoints."""
        if self._backend is None:
            from designer.app.deployment.serving_backend import ServingBackend

            self._backend = ServingBackend(self._window.workspace, self._call_engine)
        return self._backend

    @backend.setter
    def backend(self, backend: Backend) -> None:
        self._backend = backend

    @property
    def center(self) -> Center:
        """The content of the page."""
        if self._center is None:
            from designer.app.deployment.center import Center

            self._center = Center(self.backend, self._background)
            self._center.back_requested.connect(self._leave_page)
            self._center.deploy_requested.connect(self._deploy_run)
            self._center.said.connect(lambda text: self._window.say(text))
            layout = self.page.layout()
            assert layout is not None
            layout.addWidget(self._center)
        return self._center

    @property
    def dialog(self) -> DeployDialog | None:
        """The dialog that was opened last."""
        return self._dialog

    def create_real_time_inference(self) -> None:
        """Make the pipeline that answers requests, and open it in a window of its own."""
        self._create("real-time")

    def create_batch_inference(self) -> None:
        """Make the pipeline that scores datasets, and open it in a window of its own."""
        self._create("batch")

    def update_inference(self) -> None:
        """Bring the open inference pipeline up to date with its training pipeline."""
        window = self._window
        document = window.document
        before, base, file = document.pipeline, document.base, document.path
        workspace = window.workspace

        def work() -> Made:
            ran = conversion.latest_run(workspace, before, base)
            order = conversion.order(workspace, ran, base=base, file=file, inference=before)
            return conversion.made(self._convert(order), ran, base)

        def done(made: Made) -> None:
            if document.pipeline is not before:
                window.say("The pipeline was changed meanwhile. Update it again.", warning=True)
                return
            document.apply("Update from latest run", lambda _: made.pipeline)
            self._tell(f"Updated from run {made.ran.run}", made)

        self._in_background("Reading the latest run…", work, done)

    def show_replaced(self) -> None:
        """Show what was replaced by what."""
        self._window.show_start(False)
        self.replaced.show_again()

    def deploy(self) -> None:
        """Ask where to, and deploy the pipeline or what its last run trained."""
        window = self._window
        document = window.document
        if conversion.is_served(document.pipeline) and not self._trains():
            text, base = pipeline_file.dumps(document.pipeline), document.base
            self._ask(lambda: Prepared(text, base), document.title)
            return
        if conversion.is_inference(document.pipeline):
            window.bar.show_message(
                "A batch inference pipeline is run, not deployed. Create a real-time inference "
                "pipeline from the training pipeline to have an endpoint.",
                severity="info",
                kind="deploy",
            )
            return
        conversion_work = self._conversion("real-time")

        def prepare() -> Prepared:
            made = conversion_work()
            notes = tuple(text for text in made.said if text == conversion.CHANGED)
            return Prepared(pipeline_file.dumps(made.pipeline), made.base, notes)

        self._ask(prepare, document.title)

    def show_endpoints(self) -> None:
        """Show the endpoints."""
        self._show_page()
        self.center.show_endpoints()

    def show_models(self) -> None:
        """Show the registered models."""
        self._show_page()
        self.center.show_models()

    def states(self) -> dict[str, bool]:
        """Return which conditions of commands hold; see ``commands.CONDITIONS``."""
        window = self._window
        pipeline = window.document.pipeline
        inference = conversion.is_inference(pipeline)
        ran = not inference and self._has_run()
        served = conversion.is_served(pipeline)
        return {
            "ran": ran,
            "inference": inference and not self._converting,
            "deployable": ran or inference or (served and not self._trains()),
            "converted": bool(self.replaced.said),
        }

    def explain(self, conditions: frozenset[str]) -> None:
        """Let the tooltips of disabled commands say why they are disabled."""
        window = self._window
        self.replaced.allow(window.editing)
        if not self._menu_explains:
            for action in window.menuBar().actions():
                menu = action.menu()
                if action.text() == "Deploy" and menu is not None:
                    menu.setToolTipsVisible(True)  # type: ignore[attr-defined]
                    self._menu_explains = True
        for name in _EXPLAINED:
            command = commands.BY_ID[name]
            missing = [commands.CONDITIONS[n] for n in command.needs if n not in conditions]
            text = commands.tooltip(command)
            if missing:
                text = f"{command.title}: only when {missing[0]}."
            window.actions_by_id[name].setToolTip(text)
            window.actions_by_id[name].setStatusTip(text if missing else command.help)

    def on_opened(self) -> None:
        """Forget what belongs to the pipeline that was open before."""
        self.replaced.forget()

    def inference_windows(self) -> list[MainWindow]:
        """Return the windows with inference pipelines that are open."""
        for window in [each for each in self._windows if each.closed]:
            self._windows.remove(window)
            if shiboken6.isValid(window):
                window.deleteLater()
        return list(self._windows)

    def close(self) -> None:
        """End what works in the background. Windows of inference pipelines stay."""
        if self._dialog is not None:
            self._dialog.close()
        if self._center is not None:
            self._center.close()
        self._background.close()
        self.inference_windows()

    def open_inference(self, made: Made, kind: str) -> MainWindow:
        """Open an inference pipeline that is not saved yet in a window of its own."""
        from designer.app.main_window import MainWindow

        window = self._window
        self.inference_windows()
        other = MainWindow(
            window.settings,
            window.catalog,
            workspace=window.workspace,
            make_engine=self._make_engine,
        )
        other.deployment.backend = self.backend
        text = pipeline_file.dumps(made.pipeline)
        other.document.restore(Recovery(Path(), None, time.time(), text))
        other.on_opened()
        name = made.ran.source.name if made.ran.source else "the pipeline"
        title = f"This {KINDS[kind]} was made from run {made.ran.run} of {name}"
        other.deployment._tell(title, made)
        other.resize(window.size())
        other.move(window.x() + 40, window.y() + 40)
        other.show()
        self._windows.append(other)
        return other

    def _create(self, kind: str) -> None:
        self._in_background(
            f"Making the {KINDS[kind]}…",
            self._conversion(kind),
            lambda made: self.open_inference(made, kind),
        )

    def _conversion(self, kind: str) -> Callable[[], Made]:
        """Return the conversion of the last run, to be done on a thread."""
        window = self._window
        workspace, run = window.workspace, str(window.controller.run_id)
        now, base, source = window.document.pipeline, window.document.base, window.document.path
        target = Path.home()

        def work() -> Made:
            ran = conversion.read_run(workspace, run, base, source)
            order = conversion.order(workspace, ran, kind=kind, base=target)
            return conversion.made(self._convert(order), ran, target, now)

        return work

    def _convert(self, order: dict[str, Any]) -> Any:
        from designer.pipeline.inference_work import make_inference

        return self._call_engine(make_inference, order)

    def _call_engine(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a worker process; for threads. Ends early with the window."""
        engine: Any = self._wait_for(self._window.controller.engine())
        return self._wait_for(engine.call(function, *arguments))

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
        window = self._window
        if self._converting:
            window.say("The inference pipeline is being made already.")
            return
        self._converting = True
        window.bar.clear("inference")
        window.say(text)
        window.update_conditions()
        # Otherwise this thread would wait for the engine that its own pool makes.
        window.controller.engine()

        def end() -> None:
            self._converting = False
            window.statusBar().clearMessage()
            window.update_conditions()

        def finish(result: Any) -> None:
            end()
            done(result)

        def fail(error: BaseException) -> None:
            end()
            window.bar.show_message(in_words(error), severity="error", kind="inference")

        self._background.run(work, finish, fail)

    def _tell(self, title: str, made: Made) -> None:
        deployable = conversion.is_served(made.pipeline)
        self.replaced.show_said(title, made.said, deployable=deployable)
        self._window.update_conditions()

    def _ask(self, prepare: Callable[[], Prepared], title: str) -> None:
        from designer.app.deployment.deploy_dialog import DeployDialog

        self._window.controller.engine()
        if self._dialog is not None:
            if self._dialog.busy:
                self._dialog.raise_()
                self._dialog.activateWindow()
                return
            self._dialog.deleteLater()
        self._dialog = DeployDialog(
            self.backend,
            self._background,
            prepare,
            name=suggested_name(title),
            source=title,
            parent=self._window,
        )
        self._dialog.test_requested.connect(self._test)
        self._dialog.deployed.connect(self._on_deployed)
        self._dialog.open()

    def _on_deployed(self, name: str) -> None:
        if self._center is not None:
            self._center.refresh()

    def _deploy_run(self, run: str, name: str) -> None:
        """Deploy what a run trained that a registered model came from."""
        workspace = self._window.workspace

        def prepare() -> Prepared:
            source = workspace.run_record(run).get("source")
            file = Path(source) if isinstance(source, str) and source else None
            base = file.parent if file else Path.home()
            ran = conversion.read_run(workspace, run, base, file)
            order = conversion.order(workspace, ran, base=Path.home())
            made = conversion.made(self._convert(order), ran, Path.home())
            return Prepared(pipeline_file.dumps(made.pipeline), made.base)

        self._ask(prepare, name)

    def _test(self, name: str) -> None:
        self._show_page()
        self.center.show_endpoints(name)

    def _show_page(self) -> None:
        window = self._window
        center = self.center
        if window.pages.currentWidget() is not self.page:
            self._came_from_editing = window.editing
            window.show_start(True)
            window.pages.setCurrentWidget(self.page)
            # Below the bar with the way back.
            window.bar.lie_over(center.pages)
            window.update_conditions()
        center.activate()

    def _leave_page(self) -> None:
        self._window.show_start(not self._came_from_editing)

    def _trains(self) -> bool:
        """Tell whether a step of the open pipeline trains a model."""
        nodes = self._window.document.pipeline.nodes
        specs = [self._window.spec_of(name) for name in nodes]
        return any(
            kind.__name__ == "UntrainedModel"
            for spec in specs
            for port in (spec.inputs if spec else ())
            for kind in port.types
        )

    def _on_progress(self) -> None:
        """Enable the commands as soon as there is a run, an earlier one that was read too."""
        if self._has_run() != self._had_run:
            self._had_run = not self._had_run
            self._window.update_conditions()

    def _has_run(self) -> bool:
        controller = self._window.controller
        if controller.running or controller.run_id is None or not controller.results:
            return False
        return all(
            result.status in ("completed", "reused") for result in controller.results.values()
        )


_POLL = 0.2
"""Seconds between two looks whether the window has closed."""

_EXPLAINED = (
    "create_real_time_inference",
    "create_batch_inference",
    "update_inference",
    "show_replaced",
    "deploy",
)


def suggested_name(title: str) -> str:
    """Return a name for an endpoint made from a pipeline's title."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:32].strip("-")
    name = name if name[:1].isalpha() else f"model-{name}".strip("-")
    return name if len(name) >= 3 else "endpoint"
