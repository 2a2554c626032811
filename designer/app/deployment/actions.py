"""What the window does about deployment: handlers of the menu “Deploy”."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.deployment.inference import conversion
from designer.app.deployment.inference.artifacts import ArtifactMover
from designer.app.deployment.inference.conversion_report import ConversionReport
from designer.app.deployment.inference.inference_pipelines import InferencePipelines
from designer.app.shell import commands
from designer.pipeline import file as pipeline_file

if TYPE_CHECKING:
    from designer.app.deployment.backend import Backend
    from designer.app.deployment.center import Center
    from designer.app.deployment.deploying.deploy_dialog import DeployDialog, Prepare
    from designer.app.shell.main_window import MainWindow
    from designer.engine.engine import Engine

MEMORY = "deployment"
"""What is remembered of a pipeline's last deployment."""


class DeployActions:
    """Handlers of the commands of deployment, and what the window shows of it.

    Attributes
    ----------
    page : QWidget
        The page of endpoints and models; filled when it is first shown.
    report : ConversionReport
        The card over the canvas that shows what a conversion did.
    inference : InferencePipelines
        Makes and opens inference pipelines.
    """

    def __init__(self, window: MainWindow, make_engine: Callable[[], Engine] | None = None) -> None:
        self._window = window
        self._background = Background(window)
        self._engine = EngineCaller(window.controller.engine)
        self._backend: Backend | None = None
        self._center: Center | None = None
        self._dialog: DeployDialog | None = None
        self._menu_explains = False
        self._came_from_editing = False
        self._had_run = False
        window.controller.progressed.connect(self._on_progress)
        self.page = QWidget()
        self.page.setObjectName("deploymentPage")
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)
        self.report = ConversionReport()
        self.report.deploy_requested.connect(self.deploy)
        self.inference = InferencePipelines(
            window, self._background, self._engine, self.report, make_engine
        )
        self._artifacts = ArtifactMover(
            window.document,
            window.workspace,
            self._background,
            lambda text: window.say(text, warning=True),
        )

    @property
    def backend(self) -> Backend:
        """What deploys and looks after endpoints."""
        if self._backend is None:
            from designer.app.deployment.backend import Backend

            self._backend = Backend(self._window.workspace, self._engine)
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
            self._center.deploy_requested.connect(self._deploy_version)
            self._center.message.connect(lambda text: self._window.say(text))
            layout = self.page.layout()
            assert layout is not None
            layout.addWidget(self._center)
        return self._center

    @property
    def dialog(self) -> DeployDialog | None:
        """The dialog that was opened last."""
        return self._dialog

    def create_real_time_inference(self) -> None:
        """Make the pipeline that responds to requests, and open it in a window of its own."""
        self.inference.create("real-time")

    def create_batch_inference(self) -> None:
        """Make the pipeline that scores datasets, and open it in a window of its own."""
        self.inference.create("batch")

    def update_inference(self) -> None:
        """Bring the open inference pipeline up to date with its training pipeline."""
        self.inference.update()

    def show_replaced(self) -> None:
        """Show what was replaced in the inference pipeline."""
        self._window.show_start(False)
        self.report.reopen()

    def deploy(self) -> None:
        """Ask for a target, and deploy the pipeline or the model of its last run."""
        window = self._window
        document = window.document
        if conversion.is_served(document.pipeline) and not self._trains():
            prepared = conversion.Prepared(pipeline_file.dumps(document.pipeline), document.base)
            title = document.title if document.path else conversion.source_title(document.pipeline)
            self._ask(lambda: prepared, title or document.title)
        elif conversion.is_inference(document.pipeline):
            window.bar.show_message(
                "A batch inference pipeline is run, not deployed. To get an endpoint, create a "
                "real-time inference pipeline from the training pipeline.",
                severity="info",
                kind="deploy",
            )
        else:
            self._ask(self.inference.prepare_last_run, document.title)

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
        pipeline = self._window.document.pipeline
        inference = conversion.is_inference(pipeline)
        ran = not inference and self._has_run()
        served = conversion.is_served(pipeline)
        return {
            "ran": ran,
            "inference": inference and not self.inference.busy,
            "deployable": ran or inference or (served and not self._trains()),
            "converted": bool(self.report.messages),
        }

    def explain(self, conditions: frozenset[str]) -> None:
        """Show in the tooltips of disabled commands why they are disabled."""
        window = self._window
        self.report.allow(window.editing)
        if not self._menu_explains:
            for action in window.menuBar().actions():
                menu = action.menu()
                if action.text() == "Deploy" and menu is not None:
                    menu.setToolTipsVisible(True)
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
        """Forget the pipeline that was open before."""
        self.report.forget()
        self._artifacts.on_opened()

    def inference_windows(self) -> list[MainWindow]:
        """Return the windows with inference pipelines that are open."""
        return self.inference.windows()

    def close(self) -> None:
        """End what works in the background. Windows of inference pipelines stay."""
        if self._center is not None:
            self._center.close()
        self._background.close()
        if self._dialog is not None:
            self._dialog.close()
        self.inference.windows()

    def _ask(self, prepare: Prepare, title: str) -> None:
        from designer.app.deployment.deploying.deploy_dialog import DeployDialog

        window = self._window
        if self._dialog is not None:
            if self._dialog.busy:
                self._dialog.raise_()
                self._dialog.activateWindow()
                return
            self._dialog.deleteLater()
        dialog = self._dialog = DeployDialog(
            self.backend,
            self._background,
            prepare,
            name=suggested_name(title),
            compute_target=window.compute_targets.current,
            parent=window,
        )
        remembered = window.memory.get(MEMORY)
        if isinstance(remembered, dict):
            dialog.recall(remembered)
        dialog.test_requested.connect(self._test)
        dialog.deployed.connect(lambda _: self._on_deployed(dialog))
        dialog.open()

    def _on_deployed(self, dialog: DeployDialog) -> None:
        self._window.memory.set(MEMORY, dialog.form.to_json())
        if self._center is not None:
            self._center.refresh()

    def _deploy_version(self, version: dict[str, Any]) -> None:
        """Deploy a registered version, with what the person changed in its pipeline."""
        folder, name = self._window.workspace.folder, str(version["name"])
        about = (folder, name, str(version["version"]), str(version.get("run", "")))
        self._ask(lambda: self._engine.call(conversion.prepare_version, *about), name)

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
        """Enable the commands as soon as there is a run, even an earlier one that was read."""
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


def suggested_name(title: str) -> str:
    """Return a name for an endpoint made from a pipeline's title."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:32].strip("-")
    name = name if name[:1].isalpha() else f"model-{name}".strip("-")
    return name if len(name) >= 3 else "endpoint"


_EXPLAINED = (
    "create_real_time_inference",
    "create_batch_inference",
    "update_inference",
    "show_replaced",
    "deploy",
)
