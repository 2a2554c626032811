"""The compute target of the open pipeline: chosen in the toolbar, stored for its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from designer.app.background.background import Background
from designer.app.background.job import COMMAND
from designer.app.datasets.datasets import datasets_of
from designer.app.dialogs.message_bar import Choice, MessageBar
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.document.file_memory import FileMemory
from designer.app.runs.compute_target import LOCAL, TITLES, ComputeTarget, obstacle
from designer.app.runs.remote_run import RemoteRun
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.app.shell.navigation import Navigation
from designer.composed_texts import in_language
from designer.engine.results import read_pipeline
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.app.runs.jobs import Submission
    from designer.engine.events import EventListener

NAME = "compute_target"
"""The key of the stored choice."""

KIND = "azure"

_ONCE = Qt.ConnectionType.SingleShotConnection


class ComputeTargetActions(QObject):
    """The commands that choose the compute target.

    Parameters
    ----------
    commit : callable
        Commits what is being typed.
    parent : QWidget
        The window, over which dialogs open.

    Signals
    -------
    changed
        Other commands can be used than before.
    started : Pipeline
        A run is followed that was started earlier.

    Attributes
    ----------
    command : sequence of str
        The program that submits.
    poll : float
        Seconds between two refreshes of a run on Azure ML.
    """

    changed = Signal()
    started = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        memory: FileMemory,
        consent: Consent,
        controller: RunController,
        navigation: Navigation,
        bar: MessageBar,
        commit: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._document = document
        self._memory = memory
        self._consent = consent
        self._controller = controller
        self._navigation = navigation
        self._bar = bar
        self._commit = commit
        self._parent = parent
        self._background = Background(self)
        self._obstacles: dict[str, str] = {}
        self._button: QToolButton | None = None
        self._checked: Path | None = None
        self._following = False
        self.command: Sequence[str] = COMMAND
        self.poll = 5.0

    @property
    def current(self) -> ComputeTarget:
        """Where the open pipeline runs."""
        return ComputeTarget.from_json(self._memory.get(NAME))

    @property
    def beginning(self) -> str:
        """The status of a run that hasn't reported anything yet."""
        if self._following:
            return tr("Reading the run from Azure ML…")
        return (
            tr("Starting…")
            if self.current.is_local
            else tr("Sending to {title}…").format(title=self.current.title)
        )

    @command(
        tr("This computer"),
        help=tr("Run the pipeline on this computer."),
        needs="pipeline idle",
        menus="Run on 1.1",
        checked=lambda self: self.current.target == LOCAL,
    )
    def compute_local(self) -> None:
        """Run on this computer."""
        self._choose(replace(self.current, target=LOCAL))

    @command(
        tr("Azure ML (SDK v1)"),
        help=tr("Run the pipeline on Azure Machine Learning with its SDK v1."),
        needs="pipeline idle",
        menus="Run on 1.2",
        checked=lambda self: self.current.target == "azureml-v1",
        label=lambda self: self._label("azureml-v1"),
        obstacle=lambda self: self._obstacle("azureml-v1"),
    )
    def compute_azureml_v1(self) -> None:
        """Run on Azure ML with its SDK v1."""
        self._choose_azure("azureml-v1")

    @command(
        tr("Azure ML (SDK v2)"),
        help=tr("Run the pipeline on Azure Machine Learning with its SDK v2."),
        needs="pipeline idle",
        menus="Run on 1.3",
        checked=lambda self: self.current.target == "azureml-v2",
        label=lambda self: self._label("azureml-v2"),
        obstacle=lambda self: self._obstacle("azureml-v2"),
    )
    def compute_azureml_v2(self) -> None:
        """Run on Azure ML with its SDK v2."""
        self._choose_azure("azureml-v2")

    @command(
        tr("Azure ML settings…"),
        icon="settings",
        help=tr("Workspace, cloud, sign-in, experiment, compute target, downloads, and datasets."),
        needs="remote idle",
        menus="Run on 2.1",
    )
    def azure_settings(self) -> None:
        """Ask for workspace, sign-in, experiment and compute target."""
        target = self.current
        self._ask(target if not target.is_local else ComputeTarget("azureml-v2"))

    def conditions(self) -> Mapping[str, bool]:
        """Return which conditions of commands are met."""
        return {"remote": self._navigation.editing and not self.current.is_local}

    def make_button(self, fill: Callable[[QMenu], object]) -> QToolButton:
        """Return the drop-down for the tool bar; ``fill`` adds the commands to its menu."""
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(tr("Compute target"))
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        fill(menu)
        button.setMenu(menu)
        self._button = button
        self.show()
        return button

    def show(self) -> None:
        """Show the choice."""
        self._find_open_runs()
        current = self.current
        if self._button is not None:
            self._button.setText(current.title)
            chosen = "" if current.is_local else f": {current.compute or tr('set in the pipeline')}"
            self._button.setToolTip(tr("Compute target{chosen}").format(chosen=chosen))

    def start(self, pipeline: Pipeline, to: Sequence[str], parameters: Mapping[str, Any]) -> bool:
        """Submit the pipeline and follow it; false if a run is in progress."""
        document = self._document
        sent = pipeline
        if to:
            wanted = pipeline.ancestors(list(to))
            sent = edits.remove(pipeline, [n for n in pipeline.nodes if n not in wanted])
        order = self.submission(sent, parameters)
        command, poll = self.command, self.poll

        def begin(on_event: EventListener) -> RemoteRun:
            from designer.app.runs import jobs

            return RemoteRun(
                jobs.submit,
                {"order": order, "poll": poll},
                on_event,
                self.show_message_later,
                command=command,
            )

        return self._controller.run_remotely(pipeline, base=document.base, to=to, start=begin)

    def follow(self, run: str) -> None:
        """Follow a run again that continues on Azure ML, or download it if it has ended."""
        workspace, command, poll = self._workspace.folder, self.command, self.poll
        try:
            # As it was sent, so that results from before a change are shown as such.
            sent = read_pipeline(self._workspace.run_folder(run))
        except pipeline_file.PipelineFileError as error:
            self._bar.show_message(in_language(error.message), severity="error", kind=KIND)
            return

        def begin(on_event: EventListener) -> RemoteRun:
            from designer.app.runs import jobs

            return RemoteRun(
                jobs.follow,
                {"workspace": workspace, "run": run, "poll": poll},
                on_event,
                self.show_message_later,
                again=True,
                command=command,
            )

        if self._controller.run_remotely(sent, base=self._document.base, start=begin):
            self._following = True
            self._controller.finished.connect(self._end_following, _ONCE)
            self.started.emit(sent)

    def ways_back(self) -> list[Choice]:
        """Return the choice to follow the last run again, if it continues on Azure ML."""
        from designer.azure.runs.remote_record import is_open

        run = self._controller.run_id
        if not run or not is_open(self._workspace, run):
            return []
        return [(tr("Follow run"), lambda: self.follow(run))]

    def _end_following(self) -> None:
        self._following = False

    def close(self) -> None:
        """Stop following what is in progress; sending is completed."""
        self._background.close()

    def submission(
        self, pipeline: Pipeline, parameters: Mapping[str, Any] | None = None
    ) -> Submission:
        """Return a pipeline with where it is sent."""
        from designer.app.runs.jobs import Submission

        document = self._document
        return Submission(
            pipeline_file.dumps(pipeline),
            document.title,
            document.base,
            self._workspace.folder,
            self.current,
            document.path,
            dict(parameters or {}),
        )

    def _choose_azure(self, target: str) -> None:
        why = self._obstacle(target)
        chosen = replace(self.current, target=target)
        if why:
            self._bar.show_message(why, severity="warning", kind=KIND)
        elif chosen.config:
            self._choose(chosen)
        else:
            self._ask(chosen)
        self.show()

    def _ask(self, target: ComputeTarget) -> None:
        from designer.app.dialogs.azure_target import AzureTargetDialog

        document = self._document
        dialog = AzureTargetDialog(
            target,
            document.base,
            document.title,
            self._parent,
            self.command,
            datasets_of(document.pipeline),
        )
        if dialog.exec():
            self._choose(dialog.target())
        dialog.deleteLater()

    def _choose(self, target: ComputeTarget) -> None:
        self._memory.set(NAME, target.to_json())
        self.show()
        self.changed.emit()

    def _label(self, target: str) -> str:
        title = TITLES[target]
        return tr("{title}, not installed").format(title=title) if self._obstacle(target) else title

    def _obstacle(self, target: str) -> str:
        if target not in self._obstacles:
            self._obstacles[target] = obstacle(target)
        return self._obstacles[target]

    def _find_open_runs(self) -> None:
        """Offer to follow a run of the pipeline that was just opened, if one was left."""
        path, folder = self._document.path, self._workspace.folder
        if path == self._checked:
            return
        self._checked = path
        if path is None:
            return

        def find() -> list[str]:
            from designer.azure.runs.remote_record import open_runs

            return list(open_runs(Workspace(folder), path))

        self._background.run(find, lambda found: self._offer(path, found))

    def _offer(self, path: Path, runs: Sequence[str]) -> None:
        if not runs or self._document.path != path or self._controller.running:
            return
        self._bar.show_message(
            tr("A run of this pipeline was sent to Azure ML; its results aren't downloaded yet."),
            [(tr("Follow run"), lambda: self.follow(runs[0]))],
            kind=KIND,
        )

    def show_message_later(self, text: str) -> None:
        """Show a message for the user, from any thread."""
        self._background.post(lambda: self._show_message(text))

    def _show_message(self, text: str) -> None:
        if text:
            self._bar.show_message(text, kind=KIND)
        else:
            self._bar.clear(KIND)
