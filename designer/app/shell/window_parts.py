"""The parts of the main window: document, canvas, panels, and command handlers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from designer import paths
from designer.app.automl import trials_panel
from designer.app.automl.trial_opener import TrialOpener
from designer.app.canvas import Canvas
from designer.app.code import code_panel
from designer.app.datasets.dataset_actions import DatasetActions
from designer.app.datasets.datasets import Datasets
from designer.app.deployment.actions import DeployActions
from designer.app.deployment.inference.inference_pipelines import InferenceWindow
from designer.app.dialogs.message_bar import MessageBar
from designer.app.dialogs.messages import Messages
from designer.app.document.agreements import Agreements
from designer.app.document.arrange_actions import ArrangeActions
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.document.edit_actions import EditActions
from designer.app.document.file_actions import FileActions
from designer.app.document.file_memory import FileMemory
from designer.app.document.known_columns import KnownColumns
from designer.app.document.label_tasks import LabelTasks
from designer.app.document.module_actions import ModuleActions
from designer.app.document.problem_reports import ProblemReports
from designer.app.document.selection import Selection
from designer.app.library.library_actions import LibraryActions
from designer.app.library.module_watch import ModuleWatch
from designer.app.library.shared_actions import SharedActions
from designer.app.lineage.lineage_actions import LineageActions
from designer.app.panels import log, palette, problems, properties, runs
from designer.app.panels.outline import outline
from designer.app.panels.panel import PanelContext
from designer.app.preferences.actions import PreferenceActions
from designer.app.runs import timeline_panel
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.runs.end_notice import EndNotice
from designer.app.runs.publishing_actions import PublishingActions
from designer.app.runs.result_windows import ResultWindows
from designer.app.runs.run_actions import RunActions
from designer.app.runs.run_controller import RunController
from designer.app.runs.run_history import RunHistory
from designer.app.schedules.schedule_actions import ScheduleActions
from designer.app.scripts.script_actions import ScriptActions
from designer.app.shell import panels
from designer.app.shell.commands import Commands
from designer.app.shell.context_menus import ContextMenus
from designer.app.shell.navigation import Navigation
from designer.app.shell.settings import Settings, chosen_workspace
from designer.app.shell.start_page import StartPage
from designer.app.shell.view_actions import ViewActions
from designer.app.shell.windows.pipeline_window import PipelineWindow
from designer.app.shell.windows.window_actions import WindowActions
from designer.app.shell.windows.windows import Windows
from designer.app.shell.workbench import Workbench
from designer.app.tour.tour import Tour
from designer.app.widgets.announcer import Announcer
from designer.catalog import Catalog
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.engine import Engine


class WindowParts(PipelineWindow):
    """A window with all of its parts, not laid out and not connected yet.

    Parameters
    ----------
    catalog : Catalog
        The modules.
    make_engine : callable, optional
        Makes the engine; by default one in the window's workspace.
    windows : Windows, optional
        The windows that it joins; by default it is the first.
    """

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        *,
        workspace: Workspace | None = None,
        make_engine: Callable[[], Engine] | None = None,
        samples: Path | None = None,
        windows: Windows | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.catalog = catalog
        self.workspace = workspace or chosen_workspace(settings)
        self.recovery_folder = self.workspace.folder / "recovery"
        self.samples = samples or paths.samples()
        self.windows = windows or Windows(self.make_another, make_engine or self._make_engine)
        self._make_models()
        self._make_panels()
        self._make_actions()

    @abstractmethod
    def make_another(self, beside: PipelineWindow, in_tab: bool = False) -> PipelineWindow:
        """Return another pipeline, not shown yet: a little beside one, or in a tab beside it."""

    @abstractmethod
    def open_beside(self, text: str, *, made_here: bool = True) -> InferenceWindow:
        """Open an unsaved pipeline in another window, as agreed to if made from the open one."""

    @abstractmethod
    def focus_pane(self, forward: bool) -> None:
        """Move the focus to the next part of the window, or to the previous one."""

    def _make_models(self) -> None:
        """Create the model of the pipeline, its runs, and its data."""
        self.document = Document(
            self.catalog,
            self.recovery_folder,
            modules_folder=self.workspace.modules_folder,
            autosave_seconds=self.settings.autosave_seconds,
            parent=self,
        )
        self.controller = RunController(
            self.windows.lend_engine, self.workspace, self.catalog, self
        )
        self.memory = FileMemory(self.workspace)
        self.agreements = Agreements(self.document, self.catalog, self.workspace)
        self.known = KnownColumns(self.document, self.catalog, self.controller, self.agreements)
        self.checker = self.known.checker
        self.checker.set_datasets(self.workspace.dataset_store.references)
        self.datasets = Datasets(self.workspace, self)

    def _make_panels(self) -> None:
        self.canvas = Canvas(self.catalog, self)
        self.selection = Selection(self.document, self.canvas, self.catalog)
        self.navigation = Navigation(self.document, self.canvas, self)
        labels = LabelTasks(self.document, self.catalog, self.known)
        self.canvas.set_preference(labels.preference)
        context = PanelContext(
            self.document,
            self.catalog,
            self.workspace,
            self.datasets,
            self.known,
            self.agreements,
            self.controller,
            self.selection,
            self.navigation,
            self.settings,
        )
        self.workbench = Workbench(self.canvas, panels.PANELS, context)
        self.palette_panel = self.workbench.panel(palette.PANEL)
        self.outline = self.workbench.panel(outline.PANEL)
        self.code = self.workbench.panel(code_panel.PANEL)
        self.properties = self.workbench.panel(properties.PANEL)
        self.problems = self.workbench.panel(problems.PANEL)
        self.log = self.workbench.panel(log.PANEL)
        self.run_list = self.workbench.panel(runs.PANEL)
        self.timeline = self.workbench.panel(timeline_panel.PANEL)
        self.trials = self.workbench.panel(trials_panel.PANEL)
        self.start_page = StartPage(self.settings, self.samples, self.catalog)
        self.bar = MessageBar()
        self.announcer = Announcer(self)
        self.messages = Messages(self.statusBar, self.bar, self.announcer)
        self.module_watch = ModuleWatch(
            self.workspace, self.catalog, self.controller, self.bar, self
        )

    def _make_actions(self) -> None:
        """Create the command handlers and their actions."""
        self.commands = Commands(self, self.canvas)
        document, catalog, workspace = self.document, self.catalog, self.workspace
        canvas, selection, navigation = self.canvas, self.selection, self.navigation
        controller, memory, messages = self.controller, self.memory, self.messages
        commit = self.properties.commit
        self.consent = Consent(
            self.agreements,
            document,
            catalog,
            self.known,
            navigation,
            self.bar,
            self.properties.refresh,
            self,
        )
        self.files = FileActions(
            document,
            catalog,
            self.settings,
            self.samples,
            self.recovery_folder,
            memory,
            self.agreements,
            controller,
            navigation,
            messages,
            self.windows,
            commit,
            self,
        )
        self.window_actions = WindowActions(
            self.windows, self, self.files, lambda: self.results.close_focused()
        )
        self.edits = EditActions(
            document, catalog, canvas, self.agreements, selection, navigation, messages
        )
        self.modules = ModuleActions(
            document,
            catalog,
            canvas,
            selection,
            navigation,
            messages,
            self.edits.apply,
            self.open_files,
            self,
        )
        self.arranging = ArrangeActions(document, canvas, messages, self.edits.apply, self)
        self.library = LibraryActions(
            workspace, catalog, self.module_watch, selection, messages, self
        )
        self.shared = SharedActions(
            document,
            catalog,
            canvas,
            self.palette_panel,
            messages,
            self.edits.apply,
            self.files,
            self,
        )
        self.dataset_actions = DatasetActions(
            workspace,
            self.datasets,
            document,
            catalog,
            self.agreements,
            canvas,
            self.palette_panel,
            selection,
            navigation,
            messages,
            self.edits.apply,
            controller.engine,
            self,
        )
        self.compute_targets = ComputeTargetActions(
            workspace,
            document,
            memory,
            self.consent,
            controller,
            navigation,
            self.bar,
            commit,
            self,
        )
        self.publishing = PublishingActions(
            document, self.consent, self.compute_targets, self.bar, commit, self
        )
        self.results = ResultWindows(self, lambda: catalog, self.settings, self.workbench)
        self.runs = RunActions(
            document,
            catalog,
            controller,
            self.known,
            self.consent,
            self.compute_targets,
            memory,
            self.log,
            selection,
            navigation,
            messages,
            commit,
            TrialOpener(document, catalog, messages, self.open_beside),
            self.results,
            self,
        )
        self.end_notice = EndNotice(controller, document, self.checker.in_background, self)
        self.preferences = PreferenceActions(
            self.settings,
            workspace,
            document,
            self.agreements,
            controller,
            self.module_watch,
            canvas,
            self.commands,
            self,
        )
        self.views = ViewActions(
            self.settings,
            catalog,
            canvas,
            self.workbench,
            selection,
            navigation,
            self.commands,
            self.focus_pane,
            self.edits.add_example,
            self,
        )
        self.deployment = DeployActions(
            workspace,
            document,
            controller,
            self.compute_targets,
            memory,
            self.agreements,
            self.consent,
            selection,
            navigation,
            messages,
            self.open_beside,
            self,
        )
        self.schedules = ScheduleActions(
            workspace,
            document,
            catalog,
            self.files,
            self.consent,
            self.compute_targets,
            navigation,
            messages,
            self,
        )
        self.reports = ProblemReports(
            document,
            catalog,
            controller,
            self.checker,
            canvas,
            self.properties,
            self.problems,
            self.bar,
            self,
        )
        self.lineage = LineageActions(workspace, controller, selection, self)
        self.scripts = ScriptActions(
            workspace, document, messages, lambda: self.history.refresh(), self
        )
        self.history = RunHistory(
            workspace,
            document,
            catalog,
            controller,
            self.checker,
            self.run_list,
            messages,
            self.scripts.show_run,
            self,
        )
        self.tour = Tour(
            document,
            catalog,
            controller,
            canvas,
            self.properties,
            self.results,
            self.files,
            navigation,
            self.announcer,
            self,
        )
        self.commands.add(
            self.tour, self.files, self.edits, self.modules, self.library, self.consent, self.runs
        )
        self.commands.add(self.shared, self.lineage, self.arranging, self.dataset_actions)
        self.commands.add(self.compute_targets, self.publishing)
        self.commands.add(self.views, self.preferences, self.messages, self.results)
        self.commands.add(
            self.deployment,
            self.window_actions,
            self.schedules,
            self.scripts,
            *self.workbench.panels(),
        )
        self.actions_by_id = self.commands.actions
        self.menus = ContextMenus(
            self.commands,
            canvas,
            selection,
            self.edits.apply,
            self.modules.add_note,
            self.edits.paste,
            self.runs.show_output,
            self.dataset_actions.file_of,
        )

    def _make_engine(self) -> Engine:
        from designer.engine.engine import Engine
        from designer.tracking.trigger import record_runs

        engine = Engine(self.workspace, self.catalog)
        record_runs(engine)
        return engine
