"""The main window: puts document, canvas, panels and runs together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QMainWindow,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from designer import paths
from designer.app.background.engine_caller import EngineCaller
from designer.app.canvas import Canvas
from designer.app.datasets.dataset_actions import DatasetActions
from designer.app.datasets.datasets import Datasets
from designer.app.deployment.actions import DeployActions
from designer.app.dialogs.message_bar import MessageBar
from designer.app.document.clipboard import leave_text
from designer.app.document.document import Document
from designer.app.document.edit_actions import EditActions
from designer.app.document.file_actions import FileActions
from designer.app.document.file_memory import FileMemory
from designer.app.document.known_columns import KnownColumns
from designer.app.document.problem_reports import ProblemReports
from designer.app.document.sample_consent import SampleConsent
from designer.app.panels.log import Log
from designer.app.panels.outline import Outline
from designer.app.panels.palette import Palette
from designer.app.panels.problems import Problems
from designer.app.panels.properties import Properties
from designer.app.panels.runs import Runs
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.runs.run_actions import RunActions
from designer.app.runs.run_controller import RunController
from designer.app.runs.run_history import RunHistory
from designer.app.shell import commands, theme
from designer.app.shell import window_layout as window_place
from designer.app.shell.action_states import ActionStates
from designer.app.shell.connections import Wiring
from designer.app.shell.settings import Settings
from designer.app.shell.start_page import StartPage
from designer.app.shell.tab_order import go_on
from designer.app.shell.toolbars import StatusLine, build_menus, build_tool_bar
from designer.app.shell.view_actions import ViewActions
from designer.app.shell.workbench import Workbench
from designer.catalog import Catalog
from designer.pipeline.identifiers import with_members
from designer.workspace import Workspace
from modules.contract import ModuleSpec
from modules.contract.columns import Column

if TYPE_CHECKING:
    from designer.engine.engine import Engine


def chosen_workspace(settings: Settings) -> Workspace:
    """Return the workspace of the settings; MODELDESK_WORKSPACE comes first."""
    named = os.environ.get("MODELDESK_WORKSPACE")
    return Workspace(None if named else settings.workspace)


class MainWindow(QMainWindow):
    """The window of the application.

    Parameters
    ----------
    catalog : Catalog
        The modules.
    make_engine : callable, optional
        Makes the engine; by default one in the window's workspace.

    Signals
    -------
    ended
        It was closed for good, and nothing works behind it any more.
    """

    ended = Signal()
    workbench: Workbench
    toolbar: QToolBar
    status: StatusLine
    _closed: bool
    _opened: bool

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        *,
        workspace: Workspace | None = None,
        make_engine: Callable[[], Engine] | None = None,
        samples: Path | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("main")
        self.settings = settings
        self.catalog = catalog
        self.workspace = workspace or chosen_workspace(settings)
        self.recovery_folder = self.workspace.folder / "recovery"
        self.document = Document(
            catalog,
            self.recovery_folder,
            autosave_seconds=settings.autosave_seconds,
            parent=self,
        )
        self.controller = RunController(make_engine or self._make_engine, self.workspace, self)
        self.memory = FileMemory(self.workspace)
        self.known = KnownColumns(
            self.document, catalog, self.controller, lambda: self.consent.given
        )
        self.checker = self.known.checker
        self.checker.set_datasets(lambda: list(self.workspace.datasets()))
        self.datasets = Datasets(self.workspace, self)

        self.canvas = Canvas(catalog, self)
        self.palette_panel = Palette(catalog)
        self.outline = Outline()
        self.properties = Properties(
            self.document,
            catalog,
            self.input_columns,
            reader=EngineCaller(self.controller.engine),
            resolve=lambda path: str(self.workspace.resolve(path, self.document.base)),
            datasets=self.datasets.all,
        )
        self.problems = Problems()
        self.log = Log()
        self.run_list = Runs()
        self.samples = samples or paths.samples()
        self.start_page = StartPage(settings, self.samples, catalog)
        self.bar = MessageBar()
        self.edits = EditActions(self)
        self.dataset_actions = DatasetActions(self)
        self.files = FileActions(self)
        self.runs = RunActions(self)
        self.consent = SampleConsent(self)
        self.compute_targets = ComputeTargetActions(self)
        self.views = ViewActions(self)
        self.reports = ProblemReports(self)
        self.history = RunHistory(self)
        self._states = ActionStates(self)
        self.deployment = DeployActions(self, make_engine)
        self._build()
        self._wiring = Wiring(self)
        self.show_start(True)
        self.update_title()
        self.update_switches()

    @property
    def closed(self) -> bool:
        """Whether it was closed for good."""
        return self._closed

    @property
    def editing(self) -> bool:
        """Whether the canvas is shown, not the start page."""
        return self.pages.currentIndex() == 1

    def selected_node(self) -> str | None:
        """Return the node that is selected alone."""
        nodes = self.selected_nodes()
        return nodes[0] if len(nodes) == 1 and nodes[0] in self.canvas.selection() else None

    def selected_nodes(self) -> list[str]:
        """Return the selected nodes, without notes; a group stands for the nodes in it."""
        pipeline = self.document.pipeline
        chosen = with_members(pipeline, self.canvas.selection())
        return [name for name in pipeline.nodes if name in chosen] if chosen else []

    def spec_of(self, node: str | None) -> ModuleSpec | None:
        """Return the specification of a node's module, if both are known."""
        found = self.document.pipeline.nodes.get(node or "")
        return self.catalog.get(found.module) if found else None

    def input_columns(self, node: str, port: str) -> Sequence[Column] | None:
        """Return the columns at an input of a node; None while they are unknown."""
        return self.known.at_input(node, port)

    def say(self, text: str, *, warning: bool = False) -> None:
        """Show a sentence in the status bar for a while."""
        self.statusBar().showMessage(text, 8000 if warning else 5000)

    def unsay(self, text: str = "") -> None:
        """Take a sentence out of the status bar if it still stands there; by default any."""
        bar = self.statusBar()
        if text in ("", bar.currentMessage()):
            bar.clearMessage()

    def show_start(self, shown: bool) -> None:
        """Show the start page or the canvas."""
        self.pages.setCurrentIndex(0 if shown else 1)
        self.update_title()
        self.toolbar.setVisible(not shown)
        self.status.zoom.setVisible(not shown)
        self.status.back.setVisible(shown and self._opened)
        self.update_conditions()

    def on_opened(self) -> None:
        """Show the pipeline that was just opened."""
        self._opened = True
        if self.controller.running:
            self.say("The run was cancelled: another pipeline is open.")
        self.runs.forget()
        self.known.forget()
        self.bar.forget_pipeline()
        self.memory.open(self.document.path)
        self.compute_targets.show()
        self.deployment.on_opened()
        self.show_start(False)
        self.canvas.select([])
        self.log.start(self.document.pipeline.nodes)
        self.reports.show()
        self.status.show_run("", "")
        self.checker.pipeline_changed(self.document.pipeline, self.document.base)
        if self.document.path is not None:
            self.controller.recall(self.document.path)
        self.history.opened()
        self._fit_soon()
        self.canvas.setFocus()

    def focus_node(self, node: str, parameter: str | None = None) -> None:
        """Bring a node to the middle, select it, and go to one of its parameters."""
        if node in self.document.pipeline.nodes:
            self.show_start(False)
            self.canvas.center_on(node)
            self.canvas.select([node])
            if parameter:
                self.raise_panel("properties")
                self.properties.focus_parameter(parameter)

    def edit_node(self, node: str) -> None:
        """Go to the first parameter of a node that is selected."""
        self.raise_panel("properties")
        fields = [field for field in self.properties.fields.values() if not field.isHidden()]
        if fields:
            fields[0].focus_editor()

    def raise_panel(self, name: str) -> None:
        """Show a panel in front of those beside it."""
        self.show_start(False)
        self.workbench.show_panel(name)

    def refresh_runs(self) -> None:
        """List the runs of the open file."""
        self.history.refresh()

    def update_conditions(self) -> None:
        """Enable what can be done now."""
        self._states.update()

    def update_switches(self) -> None:
        """Show which theme is chosen and which panels are wanted."""
        self._states.update_switches()

    def update_title(self) -> None:
        """Show what is open, and whether it has changed."""
        if not self.editing and not self._opened:
            self.setWindowTitle("ModelDesk")
            return
        mark = "*" if self.document.dirty else ""
        self.setWindowTitle(f"{mark}{self.document.title} – ModelDesk")

    def make_room(self, change: Callable[[], object]) -> None:
        """Let the panels below give the room that the message bar takes, not the canvas."""

        def lay_out() -> None:
            change()
            # The second time with the height that the text needs in the width it got.
            for _ in range(2):
                self.bar.settle()
                self._column.activate()

        self.workbench.resize_below(lay_out)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Escape close the message bar, leave the start page, and go back to the canvas."""
        if event.key() == Qt.Key.Key_Escape and not self.bar.isHidden():
            self.bar.hide()
        elif event.key() == Qt.Key.Key_Escape and not self.editing and self._opened:
            self.show_start(False)
        elif event.key() == Qt.Key.Key_Escape and self.editing:
            self.canvas.setFocus()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab go from the tools over palette, canvas and properties to what stands below."""
        sides = self.workbench.sides
        areas = (
            self.toolbar,
            self.deployment.report,
            sides["left"],
            self.canvas,
            sides["right"],
            sides["below"],
            self.pages,
            self.bar,
            self.statusBar(),
        )
        return go_on(self, areas, forward)

    def end(self) -> None:
        """Close without a question; changes that are not saved are offered at the next start."""
        self._ending = True
        question = QApplication.activeModalWidget()
        if question is not None:
            question.close()
        self.properties.commit()
        self.document.write_recovery(ending=True)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about changes, then end everything that works in the background."""
        if self._closed:
            event.accept()
            return
        # It may have to end while it asks.
        if not self._ending and not self.files.may_leave() and not self._ending:
            event.ignore()
            return
        self._closed = True
        # So that the panels are remembered as high as they are without it.
        self.bar.end()
        window_place.remember(self)
        self.hide()
        leave_text(QApplication.clipboard(), self.edits.copied)
        self.runs.close()
        self.compute_targets.close()
        self.dataset_actions.close()
        self.deployment.close()
        # The engine first: what still works on a sample ends with it.
        self.controller.close()
        self.checker.close()
        self.document.close(keep_recovery=self._ending and self.document.dirty)
        event.accept()
        self.ended.emit()

    def _build(self) -> None:
        self._closed = False
        self._ending = False
        self._opened = False
        self.workbench = Workbench(
            self.canvas,
            left=[
                ("modules", "Modules", self.palette_panel),
                ("outline", "Outline", self.outline),
            ],
            right=[("properties", "Properties", self.properties)],
            below=[
                ("problems", "Problems", self.problems),
                ("log", "Log", self.log),
                ("runs", "Runs", self.run_list),
            ],
        )
        self.pages: QStackedWidget = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.workbench)
        self.pages.addWidget(self.deployment.page)
        central = QWidget()
        self._column = QVBoxLayout(central)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.deployment.report)
        self._column.addWidget(self.pages, 1)
        self._column.addWidget(self.bar)
        self.setCentralWidget(central)
        handlers = (
            self.files,
            self.edits,
            self.dataset_actions,
            self.runs,
            self.compute_targets,
            self.views,
            self.deployment,
        )
        self.actions_by_id: dict[str, QAction] = commands.make_actions(
            self, self.canvas, theme.icon, handlers
        )
        build_menus(self)
        self.toolbar = build_tool_bar(self)
        self.status = StatusLine(self)
        window_place.restore(self)

    def _fit_soon(self) -> None:
        QTimer.singleShot(0, self.canvas, self.canvas.fit)

    def _make_engine(self) -> Engine:
        from designer.engine.engine import Engine

        return Engine(self.workspace, self.catalog, workers=self.settings.cores)
