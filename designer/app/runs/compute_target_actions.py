"""Where the open pipeline runs: chosen at the toolbar, remembered for its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.background.job import COMMAND, Job
from designer.app.runs.compute_target import LOCAL, TITLES, ComputeTarget, obstacle
from designer.app.runs.remote_run import RemoteRun
from designer.app.shell import commands
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

if TYPE_CHECKING:
    from designer.app.runs.jobs import Submission
    from designer.app.shell.main_window import MainWindow
    from designer.azure.publish.schedule import Schedule
    from designer.engine.run_handle import OnEvent

NAME = "compute_target"
"""What the choice is remembered as."""

ENTRIES = {
    LOCAL: "compute_local",
    "azureml-v1": "compute_azureml_v1",
    "azureml-v2": "compute_azureml_v2",
}
"""The command of each target."""

KIND = "azure"

_ONCE = Qt.ConnectionType.SingleShotConnection


class ComputeTargetActions(QObject):
    """Handlers of the commands that choose where a pipeline runs.

    Attributes
    ----------
    command : sequence of str
        The program that submits.
    poll : float
        Seconds between two looks at a run on Azure ML.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._background = Background(self)
        self._obstacles: dict[str, str] = {}
        self._button: QToolButton | None = None
        self._checked: Path | None = None
        self._publishing: Job[str] | None = None
        self._following = False
        self.command: Sequence[str] = COMMAND
        self.poll = 5.0

    @property
    def current(self) -> ComputeTarget:
        """Where the open pipeline runs."""
        return ComputeTarget.from_json(self._window.memory.get(NAME))

    @property
    def beginning(self) -> str:
        """The status of a run that hasn't reported anything yet."""
        if self._following:
            return "Reading the run from Azure ML…"
        return "Starting…" if self.current.is_local else f"Sending to {self.current.title}…"

    def compute_local(self) -> None:
        """Run on this computer."""
        self._choose(replace(self.current, target=LOCAL))

    def compute_azureml_v1(self) -> None:
        """Run on Azure ML with its SDK v1."""
        self._choose_azure("azureml-v1")

    def compute_azureml_v2(self) -> None:
        """Run on Azure ML with its SDK v2."""
        self._choose_azure("azureml-v2")

    def azure_settings(self) -> None:
        """Ask for workspace, sign-in, experiment and compute target."""
        target = self.current
        self._ask(target if not target.is_local else ComputeTarget("azureml-v2"))

    def conditions(self) -> Mapping[str, bool]:
        """Return which conditions of commands hold."""
        return {
            "remote": self._window.editing and not self.current.is_local,
            **{f"sdk_{name[-2:]}": not self._obstacle(name) for name in TITLES if name != LOCAL},
        }

    def make_button(self) -> QToolButton:
        """Return the drop-down for the tool bar."""
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName("Compute target")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        commands.fill_menu(menu, commands.COMPUTE_TARGET_MENU, self._window.actions_by_id, {})
        button.setMenu(menu)
        self._button = button
        self.show()
        return button

    def show(self) -> None:
        """Show what is chosen, and why the others may be unavailable."""
        self._find_open_runs()
        current = self.current
        for target, name in ENTRIES.items():
            action = self._window.actions_by_id[name]
            action.setChecked(target == current.target)
            why = self._obstacle(target)
            title = TITLES[target]
            action.setText(f"{title}, not installed" if why else title)
            action.setToolTip(why or commands.BY_ID[name].help)
            action.setStatusTip(why or commands.BY_ID[name].help)
        if self._button is not None:
            self._button.setText(current.title)
            chosen = "" if current.is_local else f": {current.compute or 'as the pipeline says'}"
            self._button.setToolTip(f"Compute target{chosen}")

    def start(self, pipeline: Pipeline, to: Sequence[str], parameters: Mapping[str, Any]) -> bool:
        """Submit the pipeline and follow it; false if a run is in progress."""
        window = self._window
        document = window.document
        sent = pipeline
        if to:
            wanted = pipeline.ancestors(list(to))
            sent = edits.remove(pipeline, [n for n in pipeline.nodes if n not in wanted])
        order = self.submission(sent, parameters)
        command, poll = self.command, self.poll

        def begin(on_event: OnEvent) -> RemoteRun:
            from designer.app.runs import jobs

            return RemoteRun(
                jobs.submit,
                {"order": order, "poll": poll},
                on_event,
                self._say_later,
                command=command,
            )

        return window.controller.run_remotely(pipeline, base=document.base, to=to, start=begin)

    def publish(self) -> None:
        """Ask how to publish the pipeline, and publish it in a background process."""
        from designer.app.runs.publish_dialog import PublishDialog

        window = self._window
        window.properties.commit()
        dialog = PublishDialog(self.current, window.document.title, window)
        if dialog.exec():
            self.start_publishing(dialog.endpoint, dialog.schedule)
        dialog.deleteLater()

    def start_publishing(self, endpoint: str, when: Schedule | None) -> None:
        """Publish the pipeline, and show the result.

        Parameters
        ----------
        endpoint : str
            The name of the endpoint or schedule.
        when : Schedule or None
            None for an endpoint.
        """
        from designer.app.runs import jobs

        window, bar = self._window, self._window.bar
        if self._publishing is not None:
            window.say("Another pipeline is being published.", warning=True)
            return
        bar.show_message(f"Publishing “{endpoint}”…", kind=KIND)

        def done(text: str) -> None:
            self._publishing = None
            bar.show_message(text, kind=KIND)

        def failed(error: BaseException) -> None:
            self._publishing = None
            bar.show_message(error_text(error), severity="error", kind=KIND)

        self._publishing = Job(
            jobs.publish,
            {
                "order": self.submission(window.document.pipeline),
                "endpoint": endpoint,
                "when": when,
            },
            {"say": self._say_later},
            self.command,
        )
        self._background.follow(self._publishing, done, failed)

    def follow(self, run: str) -> None:
        """Follow a run again that continues on Azure ML, or download it if it has ended."""
        window = self._window
        workspace, command, poll = window.workspace.folder, self.command, self.poll
        try:
            # As it was sent, so that results from before a change are shown as such.
            sent = pipeline_file.read(window.workspace.run_folder(run) / "pipeline.json")
        except pipeline_file.PipelineFileError as error:
            window.bar.show_message(error.message, severity="error", kind=KIND)
            return

        def begin(on_event: OnEvent) -> RemoteRun:
            from designer.app.runs import jobs

            return RemoteRun(
                jobs.follow,
                {"workspace": workspace, "run": run, "poll": poll},
                on_event,
                self._say_later,
                again=True,
                command=command,
            )

        if window.controller.run_remotely(sent, base=window.document.base, start=begin):
            self._following = True
            window.controller.finished.connect(self._end_following, _ONCE)
            window.runs.show_started(sent)

    def _end_following(self) -> None:
        self._following = False

    def close(self) -> None:
        """Leave what is in progress; what is being sent is sent to its end."""
        self._background.close()

    def submission(
        self, pipeline: Pipeline, parameters: Mapping[str, Any] | None = None
    ) -> Submission:
        """Return a pipeline with where it is sent."""
        from designer.app.runs.jobs import Submission

        document = self._window.document
        return Submission(
            pipeline_file.dumps(pipeline),
            document.title,
            document.base,
            self._window.workspace.folder,
            self.current,
            document.path,
            dict(parameters or {}),
        )

    def _choose_azure(self, target: str) -> None:
        why = self._obstacle(target)
        chosen = replace(self.current, target=target)
        if why:
            self._window.bar.show_message(why, severity="warning", kind=KIND)
        elif chosen.config:
            self._choose(chosen)
        else:
            self._ask(chosen)
        self.show()

    def _ask(self, target: ComputeTarget) -> None:
        from designer.app.dialogs.azure_target import AzureTargetDialog

        window = self._window
        dialog = AzureTargetDialog(
            target, window.document.base, window.document.title, window, self.command
        )
        if dialog.exec():
            self._choose(dialog.target())
        dialog.deleteLater()

    def _choose(self, target: ComputeTarget) -> None:
        self._window.memory.set(NAME, target.to_json())
        self.show()
        self._window.update_conditions()

    def _obstacle(self, target: str) -> str:
        if target not in self._obstacles:
            self._obstacles[target] = obstacle(target)
        return self._obstacles[target]

    def _find_open_runs(self) -> None:
        """Offer to follow a run of the pipeline that was just opened, if one was left."""
        path, folder = self._window.document.path, self._window.workspace.folder
        if path == self._checked:
            return
        self._checked = path
        if path is None:
            return

        def find() -> list[str]:
            from designer.azure.runs.remote_record import open_runs
            from designer.workspace import Workspace

            return list(open_runs(Workspace(folder), path))

        self._background.run(find, lambda found: self._offer(path, found))

    def _offer(self, path: Path, runs: Sequence[str]) -> None:
        window = self._window
        if not runs or window.document.path != path or window.controller.running:
            return
        window.bar.show_message(
            "A run of this pipeline was sent to Azure ML; its results aren't downloaded yet.",
            [("Follow run", lambda: self.follow(runs[0]))],
            kind=KIND,
        )

    def _say_later(self, text: str) -> None:
        self._background.post(lambda: self._say(text))

    def _say(self, text: str) -> None:
        if text:
            self._window.bar.show_message(text, kind=KIND)
        else:
            self._window.bar.clear(KIND)
