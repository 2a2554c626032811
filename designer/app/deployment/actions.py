"""Commands of deployment: handlers of the menu “Deploy”."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.deployment.inference import conversion
from designer.app.deployment.inference.artifacts import ArtifactMover
from designer.app.deployment.inference.conversion_report import ConversionReport
from designer.app.deployment.inference.inference_pipelines import (
    InferencePipelines,
    InferenceWindow,
    OpenWindow,
)
from designer.app.dialogs.messages import Messages
from designer.app.document.agreements import Agreements
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.document.file_memory import FileMemory
from designer.app.document.selection import Selection
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.app.shell.navigation import DEPLOYMENT, EDITING, START, Navigation
from designer.pipeline import file as pipeline_file
from designer.texts import tr
from designer.workspace import Workspace
from modules.values import UntrainedModel

if TYPE_CHECKING:
    from designer.app.deployment.backend import Backend
    from designer.app.deployment.center import Center
    from designer.app.deployment.deploying.deploy_dialog import DeployDialog, Prepare

MEMORY = "deployment"
"""Key of the stored values of a pipeline's last deployment."""


class DeployActions(QObject):
    """The commands of deployment, and what the window shows of it.

    Parameters
    ----------
    open_window : callable
        Opens a window with a new pipeline.
    parent : QWidget
        The window, over which dialogs open.

    Signals
    -------
    changed
        Other commands can be used than before.
    lineage_requested : str
        Show what a model or an endpoint comes from.
    retraining_requested : str
        Ask how this endpoint is to be retrained.

    Attributes
    ----------
    page : QWidget
        The page of endpoints and models; filled when it is first shown.
    report : ConversionReport
        The card over the canvas that shows what a conversion did.
    inference : InferencePipelines
        Makes and opens inference pipelines.
    """

    changed = Signal()
    lineage_requested = Signal(str)
    retraining_requested = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        controller: RunController,
        compute_targets: ComputeTargetActions,
        memory: FileMemory,
        agreements: Agreements,
        consent: Consent,
        selection: Selection,
        navigation: Navigation,
        messages: Messages,
        open_window: OpenWindow,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._document = document
        self._controller = controller
        self._compute_targets = compute_targets
        self._memory = memory
        self._consent = consent
        self._selection = selection
        self._navigation = navigation
        self._messages = messages
        self._parent = parent
        self._background = Background(self)
        self._engine = EngineCaller(controller.engine)
        self._backend: Backend | None = None
        self._center: Center | None = None
        self._dialog: DeployDialog | None = None
        self._came_from = START
        self._had_run = False
        controller.progressed.connect(self._on_progress)
        self.page = QWidget()
        self.page.setObjectName("deploymentPage")
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)
        self.report = ConversionReport()
        self.report.deploy_requested.connect(self.deploy)
        self.report.allow(navigation.editing)
        navigation.page_changed.connect(lambda: self.report.allow(navigation.editing))
        self.inference = InferencePipelines(
            workspace,
            document,
            controller,
            messages,
            self._background,
            self._engine,
            self.report,
            open_window,
        )
        self.inference.changed.connect(self.changed)
        self._artifacts = ArtifactMover(
            document, workspace, agreements.may_look, self._background, messages.warn
        )

    @property
    def backend(self) -> Backend:
        """The backend that deploys and manages endpoints."""
        if self._backend is None:
            from designer.app.deployment.backend import Backend

            self._backend = Backend(self._workspace, self._engine)
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
            self._center.lineage_requested.connect(self.lineage_requested)
            self._center.retraining_requested.connect(self.retraining_requested)
            self._center.message.connect(self._messages.show)
            layout = self.page.layout()
            assert layout is not None
            layout.addWidget(self._center)
        return self._center

    @property
    def dialog(self) -> DeployDialog | None:
        """The dialog that was opened last."""
        return self._dialog

    @command(
        tr("Create real-time inference pipeline"),
        icon="deploy",
        help=tr("Create the pipeline that answers requests with the model of the last run."),
        needs="ran idle",
        menus="Deploy 1.1",
    )
    def create_real_time_inference(self) -> None:
        """Make the pipeline that responds to requests, and open it in a separate window."""
        self.inference.create("real-time")

    @command(
        tr("Create batch inference pipeline"),
        icon="table",
        help=tr("Create the pipeline that scores whole datasets with the model of the last run."),
        needs="ran idle",
        menus="Deploy 1.2",
    )
    def create_batch_inference(self) -> None:
        """Make the pipeline that scores datasets, and open it in a separate window."""
        self.inference.create("batch")

    @command(
        tr("Update from latest run"),
        icon="refresh",
        help=tr("Use the models of the training pipeline's latest run; edits are kept."),
        needs="inference",
        menus="Deploy 1.3",
    )
    def update_inference(self) -> None:
        """Update the open inference pipeline from its training pipeline."""
        self.inference.update()

    @command(
        tr("What was replaced"),
        icon="info",
        help=tr("Show what was replaced in the inference pipeline, and why."),
        needs="converted",
        menus="Deploy 1.4",
    )
    def show_replaced(self) -> None:
        """Show what was replaced in the inference pipeline."""
        self._navigation.show(EDITING)
        self.report.reopen()

    @command(
        tr("Deploy…"),
        "Ctrl+Shift+D",
        icon="deploy",
        help=tr("Deploy the trained model as an endpoint: register it, package it, and start it."),
        needs="deployable idle",
        menus=("Deploy 2", "Tools 4"),
    )
    def deploy(self) -> None:
        """Ask for a target, and deploy the pipeline or the model of its last run."""
        document = self._document
        if self._consent.blocks(document.pipeline.nodes, self.deploy, "deploy"):
            return
        if conversion.is_served(document.pipeline) and not self._trains():
            prepared = conversion.Prepared(pipeline_file.dumps(document.pipeline), document.base)
            title = document.title if document.path else conversion.source_title(document.pipeline)
            self._ask(lambda: prepared, title or document.title)
        elif conversion.is_inference(document.pipeline):
            self._messages.bar.show_message(
                tr(
                    "A batch inference pipeline is run, not deployed. To get an endpoint, "
                    "create a real-time inference pipeline from the training pipeline."
                ),
                severity="info",
                kind="deploy",
            )
        else:
            self._ask(self.inference.prepare_last_run, document.title)

    @command(
        tr("Endpoints"),
        "Ctrl+Shift+E",
        icon="cloud",
        help=tr("Test, use, monitor, and manage endpoints."),
        menus="Deploy 3.1",
    )
    def show_endpoints(self) -> None:
        """Show the endpoints."""
        self._show_page()
        self.center.show_endpoints()

    @command(
        tr("Models"),
        "Ctrl+Shift+O",
        icon="model",
        help=tr("Registered models with their versions."),
        menus="Deploy 3.2",
    )
    def show_models(self) -> None:
        """Show the registered models."""
        self._show_page()
        self.center.show_models()

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands deployment meets."""
        pipeline = self._document.pipeline
        inference = conversion.is_inference(pipeline)
        ran = not inference and self._has_run()
        served = conversion.is_served(pipeline)
        return {
            "ran": ran,
            "inference": inference and not self.inference.busy,
            "deployable": ran or inference or (served and not self._trains()),
            "converted": bool(self.report.messages),
        }

    def on_opened(self) -> None:
        """Reset what belongs to the previous pipeline."""
        self.report.forget()
        self._artifacts.on_opened()

    def inference_windows(self) -> list[InferenceWindow]:
        """Return the windows with inference pipelines that are open."""
        return self.inference.windows()

    def close(self) -> None:
        """Stop background work. Windows of inference pipelines stay open."""
        if self._center is not None:
            self._center.close()
        self._background.close()
        if self._dialog is not None:
            self._dialog.close()
        self.inference.windows()

    def _ask(self, prepare: Prepare, title: str) -> None:
        from designer.app.deployment.deploying.deploy_dialog import DeployDialog

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
            compute_target=self._compute_targets.current,
            parent=self._parent,
        )
        remembered = self._memory.get(MEMORY)
        if isinstance(remembered, dict):
            dialog.recall(remembered)
        dialog.test_requested.connect(self._test)
        dialog.retraining_requested.connect(self.retraining_requested)
        dialog.deployed.connect(lambda _: self._on_deployed(dialog))
        dialog.open()

    def _on_deployed(self, dialog: DeployDialog) -> None:
        self._memory.set(MEMORY, dialog.form.to_json())
        if self._center is not None:
            self._center.refresh()

    def _deploy_version(self, version: dict[str, Any]) -> None:
        """Deploy a registered version, with what the user changed in its pipeline."""
        folder, name = self._workspace.folder, str(version["name"])
        about = (folder, name, str(version["version"]), str(version.get("run", "")))
        self._ask(lambda: self._engine.call(conversion.prepare_version, *about), name)

    def _test(self, name: str) -> None:
        self._show_page()
        self.center.show_endpoints(name)

    def _show_page(self) -> None:
        center = self.center
        if self._navigation.page != DEPLOYMENT:
            self._came_from = self._navigation.page
            self._navigation.show(DEPLOYMENT)
        center.activate()

    def _leave_page(self) -> None:
        self._navigation.show(self._came_from)

    def _trains(self) -> bool:
        """Return whether a step of the open pipeline trains a model."""
        nodes = self._document.pipeline.nodes
        specs = [self._selection.spec_of(name) for name in nodes]
        return any(
            UntrainedModel in port.types for spec in specs for port in (spec.inputs if spec else ())
        )

    def _on_progress(self) -> None:
        """Enable the commands as soon as there is a run, even an earlier one that was read."""
        if self._has_run() != self._had_run:
            self._had_run = not self._had_run
            self.changed.emit()

    def _has_run(self) -> bool:
        controller = self._controller
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
