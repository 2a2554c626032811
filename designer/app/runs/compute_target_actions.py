"""Where the open pipeline runs: chosen in one place, remembered for its file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from designer.app.background.process import COMMAND, Process, RemoteRun
from designer.app.dialogs.message_bar import MessageBar
from designer.app.document.document import Document
from designer.app.document.file_memory import FileMemory
from designer.app.runs.compute_target import LOCAL, TITLES, Place, obstacle
from designer.app.runs.run_controller import RunController
from designer.app.runs.run_handles import OnEvent
from designer.app.shell.commands import command
from designer.app.shell.navigation import Navigation
from designer.app.widgets.main_thread import Relay
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

NAME = "place"
"""What the choice is remembered as."""

KIND = "azure"

_ONCE = Qt.ConnectionType.SingleShotConnection


class PlaceActions(QObject):
    """The commands that choose where a pipeline runs.

    Parameters
    ----------
    commit : callable
        Takes over what is being typed.
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
        Seconds between two looks at a run on Azure ML.
    """

    changed = Signal()
    started = Signal(object)

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        memory: FileMemory,
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
        self._controller = controller
        self._navigation = navigation
        self._bar = bar
        self._commit = commit
        self._parent = parent
        self._relay = Relay(self)
        self._obstacles: dict[str, str] = {}
        self._button: QToolButton | None = None
        self._looked_for: Path | None = None
        self._publishing: Process | None = None
        self._following = False
        self.command: Sequence[str] = COMMAND
        self.poll = 5.0

    @property
    def place(self) -> Place:
        """Where the open pipeline runs."""
        return Place.from_json(self._memory.get(NAME))

    @property
    def beginning(self) -> str:
        """What is done with a run of which nothing has been heard yet."""
        if self._following:
            return "Asking Azure ML for the run…"
        return "Starting…" if self.place.is_local else f"Sending to {self.place.title}…"

    @command(
        "This computer",
        help="Run the pipeline on this computer.",
        needs="pipeline idle",
        menus="Run on 1.1",
        checked=lambda self: self.place.target == LOCAL,
    )
    def place_local(self) -> None:
        """Run on this computer."""
        self._choose(Place(**{**self.place.to_json(), "target": LOCAL}))

    @command(
        "Azure ML (SDK v1)",
        help="Run the pipeline on Azure Machine Learning with its SDK v1.",
        needs="pipeline idle",
        menus="Run on 1.2",
        checked=lambda self: self.place.target == "azureml-v1",
        label=lambda self: self._label("azureml-v1"),
        obstacle=lambda self: self._obstacle("azureml-v1"),
    )
    def place_azureml_v1(self) -> None:
        """Run on Azure ML with its SDK v1."""
        self._choose_azure("azureml-v1")

    @command(
        "Azure ML (SDK v2)",
        help="Run the pipeline on Azure Machine Learning with its SDK v2.",
        needs="pipeline idle",
        menus="Run on 1.3",
        checked=lambda self: self.place.target == "azureml-v2",
        label=lambda self: self._label("azureml-v2"),
        obstacle=lambda self: self._obstacle("azureml-v2"),
    )
    def place_azureml_v2(self) -> None:
        """Run on Azure ML with its SDK v2."""
        self._choose_azure("azureml-v2")

    @command(
        "Azure ML settings…",
        icon="settings",
        help="Workspace, sign-in, experiment and compute target.",
        needs="remote idle",
        menus="Run on 2.1",
    )
    def azure_settings(self) -> None:
        """Ask for workspace, sign-in, experiment and compute target."""
        place = self.place
        self._ask(place if not place.is_local else Place("azureml-v2"))

    def conditions(self) -> Mapping[str, bool]:
        """Return what commands may need of places."""
        return {"remote": self._navigation.editing and not self.place.is_local}

    def make_button(self, fill: Callable[[QMenu], object]) -> QToolButton:
        """Return the drop-down for the tool bar; ``fill`` adds the commands to its menu."""
        button = QToolButton()
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName("Where it runs")
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        fill(menu)
        button.setMenu(menu)
        self._button = button
        self.show()
        return button

    def show(self) -> None:
        """Show what is chosen."""
        self._look_for_open_runs()
        place = self.place
        if self._button is not None:
            self._button.setText(place.title)
            self._button.setToolTip(
                "Where it runs"
                if place.is_local
                else f"Where it runs: {place.compute or 'the compute target of the pipeline'}"
            )

    def start(self, pipeline: Pipeline, to: Sequence[str], parameters: Mapping[str, Any]) -> bool:
        """Send the pipeline to the chosen place and follow it; false if a run goes on."""
        document = self._document
        sent = pipeline
        if to:
            wanted = pipeline.ancestors(list(to))
            sent = edits.remove(pipeline, [n for n in pipeline.nodes if n not in wanted])
        request = self._request(sent) | {"do": "run", "parameters": dict(parameters)}
        command = self.command

        def begin(on_event: OnEvent) -> RemoteRun:
            return RemoteRun(request, on_event, self._say_later, command)

        return self._controller.run_elsewhere(pipeline, base=document.base, to=to, start=begin)

    @command(
        "Publish on Azure ML…",
        help="Publish as an endpoint, or run on a schedule.",
        needs="remote",
        menus="Run on 2.2",
    )
    def publish(self) -> None:
        """Ask as what the pipeline is published, and let another process do it."""
        from designer.app.runs.publish_dialog import PublishDialog

        self._commit()
        dialog = PublishDialog(self.place, self._document.title, self._parent)
        if dialog.exec():
            request = self._request(self._document.pipeline) | dialog.request()
            self.send_published(request | {"do": "publish"})
        dialog.deleteLater()

    def send_published(self, request: Mapping[str, Any]) -> None:
        """Publish, and say what came of it."""
        if self._publishing is not None:
            self._bar.show_message("Publishing is already in progress.", kind=KIND)
            return
        bar = self._bar
        bar.show_message(f"Publishing “{request['endpoint']}”…", kind=KIND)
        found: dict[str, Any] = {}

        def take(message: Mapping[str, Any]) -> None:
            if "say" in message:
                self._say_later(str(message["say"]))
            else:
                found.update(message)

        def ended() -> None:
            self._publishing = None
            error = found.get("error")
            if isinstance(error, Mapping):
                text = f"{error.get('message', '')} {error.get('hint', '')}".strip()
                bar.show_message(text, severity="error", kind=KIND)
            elif "told" in found:
                bar.show_message(str(found["told"]), kind=KIND)
            else:
                bar.show_message("Publishing has ended unexpectedly.", severity="error", kind=KIND)

        self._publishing = Process(request, take, lambda: self._relay.post(ended), self.command)

    def follow(self, run: str) -> None:
        """Follow a run again that goes on at Azure ML, or bring it back if it has ended."""
        request = {
            "do": "follow",
            "run": run,
            "workspace": str(self._workspace.folder),
            "poll": self.poll,
        }
        command = self.command
        try:
            # As it was sent, so that results from before a change are shown as such.
            sent = pipeline_file.read(self._workspace.run_folder(run) / "pipeline.json")
        except pipeline_file.PipelineFileError as error:
            self._bar.show_message(error.message, severity="error", kind=KIND)
            return

        def begin(on_event: OnEvent) -> RemoteRun:
            return RemoteRun(request, on_event, self._say_later, command)

        if self._controller.run_elsewhere(sent, base=self._document.base, start=begin):
            self._following = True
            self._controller.finished.connect(self._end_following, _ONCE)
            self.started.emit(sent)

    def _end_following(self) -> None:
        self._following = False

    def close(self) -> None:
        """Listen no more; what is being sent is sent to its end."""
        self._relay.close()
        if self._publishing is not None:
            self._publishing.leave()

    def _request(self, pipeline: Pipeline) -> dict[str, Any]:
        """Return what the other process has to know of a pipeline and where it goes."""
        document = self._document
        return {
            "pipeline": pipeline_file.dumps(pipeline),
            "base": str(document.base),
            "source": str(document.path) if document.path else None,
            "name": document.title,
            "workspace": str(self._workspace.folder),
            "destination": self.place.to_json(),
            "poll": self.poll,
        }

    def _choose_azure(self, target: str) -> None:
        why = self._obstacle(target)
        place = Place(**{**self.place.to_json(), "target": target})
        if why:
            self._bar.show_message(why, severity="warning", kind=KIND)
        elif place.config:
            self._choose(place)
        else:
            self._ask(place)
        self.show()

    def _ask(self, place: Place) -> None:
        from designer.app.dialogs.azure_target import AzurePlace

        dialog = AzurePlace(
            place, self._document.base, self._document.title, self._parent, self.command
        )
        if dialog.exec():
            self._choose(dialog.place())
        dialog.deleteLater()

    def _choose(self, place: Place) -> None:
        self._memory.set(NAME, place.to_json())
        self.show()
        self.changed.emit()

    def _label(self, target: str) -> str:
        title = TITLES[target]
        return f"{title}, not installed" if self._obstacle(target) else title

    def _obstacle(self, target: str) -> str:
        if target not in self._obstacles:
            self._obstacles[target] = obstacle(target)
        return self._obstacles[target]

    def _look_for_open_runs(self) -> None:
        """Offer to follow a run of the pipeline that was just opened, if one was left."""
        path, folder = self._document.path, self._workspace.folder
        if path == self._looked_for:
            return
        self._looked_for = path
        if path is None:
            return

        def look() -> None:
            from designer.azure.runs.remote_record import open_runs
            from designer.workspace import Workspace

            found = open_runs(Workspace(folder), path)
            if found:
                self._relay.post(lambda: self._offer(path, next(iter(found))))

        threading.Thread(target=look, name="open runs").start()

    def _offer(self, path: Path, run: str) -> None:
        if self._document.path != path or self._controller.running:
            return
        self._bar.show_message(
            "A run of this pipeline was sent to Azure ML and has not been brought back.",
            [("Follow it", lambda: self.follow(run))],
            kind=KIND,
        )

    def _say_later(self, text: str) -> None:
        self._relay.post(lambda: self._say(text))

    def _say(self, text: str) -> None:
        if text:
            self._bar.show_message(text, kind=KIND)
        else:
            self._bar.clear(KIND)
