"""The page of schedules on this computer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.dialogs.question import Answer, ask
from designer.app.schedules.schedule_detail import ScheduleDetail
from designer.app.schedules.schedule_list import ScheduleList
from designer.app.views.message_view import MessageView
from designer.scheduling import creating
from designer.scheduling.entry import Entry, Occurrence, Server
from designer.scheduling.errors import ScheduleError
from designer.scheduling.server_list import ServerList
from designer.scheduling.services import service_for
from designer.scheduling.starting import start_now
from designer.scheduling.store import ScheduleStore
from designer.texts import tr

INTERVAL = 3000
"""Milliseconds between two refreshes."""

SHOWN = 50
"""Runs of a schedule that are shown."""


@dataclass(frozen=True)
class _State:
    """What the page shows."""

    entries: list[Entry]
    history: list[Occurrence]
    servers: list[Server]
    damaged: list[ScheduleError]
    installed: bool


class SchedulesPage(QWidget):
    """Lists schedules, and pauses, resumes, starts, and removes them.

    Signals
    -------
    message : str
        A sentence for the status bar.
    refreshed
        The schedules were read again.
    """

    message = Signal(str)
    refreshed = Signal()

    def __init__(
        self,
        store: ScheduleStore,
        background: Background,
        open_pipeline: Callable[[Path], object],
    ) -> None:
        super().__init__()
        self._store = store
        self._background = background
        self._open_pipeline = open_pipeline
        self._refreshing = False
        self._again = False
        self._wanted = ""
        self.list = ScheduleList()
        self.detail = ScheduleDetail()
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.refresh)
        self.serving = QLabel()
        self.serving.setWordWrap(True)
        self.serving.setTextFormat(Qt.TextFormat.PlainText)
        self.service = QPushButton()
        self.service.clicked.connect(self._change_service)
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setWordWrap(True)
        self.error.hide()
        self._installed = False
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        splitter.setSizes([220, 420])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        strip = QFrame()
        row = QHBoxLayout(strip)
        row.setContentsMargins(14, 6, 14, 6)
        row.addWidget(self.serving, 1)
        row.addWidget(self.service)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addWidget(self.error)
        column.addWidget(splitter, 1)
        self.error.setContentsMargins(14, 0, 14, 6)
        self.waiting = MessageView(tr("Reading the schedules…"), icon="clock")
        self.empty = MessageView(
            tr("No pipeline runs on a schedule yet."),
            tr("Open a pipeline, then choose Schedule this pipeline… from the Pipeline menu."),
            icon="clock",
        )
        self.pages = QStackedWidget()
        for page in (self.waiting, self.empty, full):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.list)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.list.remove_pressed.connect(lambda: self.act("remove"))
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.detail.act_requested.connect(self.act)
        self.detail.open_requested.connect(self._open_pipeline)

    def set_watching(self, watching: bool) -> None:
        """Refresh the list now and then, or stop that."""
        if watching and not self._clock.isActive():
            self._clock.start()
            self.refresh()
        elif not watching:
            self._clock.stop()

    def choose(self, name: str) -> None:
        """Select a schedule, as soon as it is in the list."""
        self._wanted = name
        self.refresh()

    def refresh(self) -> None:
        """Read the schedules."""
        if self._refreshing:
            self._again = True
            return
        self._refreshing, self._again = True, False
        store, current = self._store, self.list.current
        name = self._wanted or (current.name if current else "")

        def read() -> _State:
            damaged: list[ScheduleError] = []
            entries = store.entries(damaged.append)
            chosen = name or (entries[0].name if entries else "")
            history = store.history(chosen, SHOWN) if chosen else []
            installed = service_for(store.workspace).path.exists()
            return _State(entries, history, ServerList(store.workspace).all(), damaged, installed)

        self._background.run(read, self._show, self._fail)

    def act(self, act: str) -> None:
        """Do something with the chosen schedule, after a question where it can't be undone."""
        entry = self.list.current
        if entry is None:
            return
        name, store = entry.name, self._store
        if act == "remove" and not self._may_remove(name):
            return
        work: dict[str, tuple[Callable[[], object], str]] = {
            "run_now": (
                lambda: start_now(store, name),
                tr("A run of “{name}” has started.").format(name=name),
            ),
            "pause": (lambda: store.pause(name), tr("“{name}” is paused.").format(name=name)),
            "resume": (
                lambda: creating.resume(name, store.workspace),
                tr("“{name}” is active.").format(name=name),
            ),
            "remove": (lambda: store.remove(name), tr("“{name}” was removed.").format(name=name)),
        }
        self._do(*work[act])

    def _change_service(self) -> None:
        service = service_for(self._store.workspace)
        if self._installed:
            self._do(service.uninstall, tr("The service was removed."))
        else:
            self._do(service.install, tr("The service is installed and running."))

    def _do(self, function: Callable[[], object], sentence: str) -> None:
        self.error.hide()

        def done(_: object) -> None:
            self.message.emit(sentence)
            self.refresh()

        self._background.run(function, done, self._show_error)

    def _show(self, state: _State) -> None:
        self._refreshing = False
        self.list.show_entries(state.entries)
        if self._wanted:
            self.list.choose(self._wanted)
            self._wanted = ""
        self._show_serving(state)
        if state.damaged:
            self._show_error(state.damaged[0])
        self.pages.setCurrentIndex(2 if state.entries or state.damaged else 1)
        entry = self.list.current
        if entry is not None and all(each.schedule == entry.name for each in state.history):
            self.detail.show_entry(entry, state.history)
        self.detail.setEnabled(entry is not None)
        self.refreshed.emit()
        if self._again:
            self.refresh()

    def _fail(self, error: BaseException) -> None:
        self._refreshing = False
        self.pages.setCurrentIndex(2)
        self._show_error(error)

    def _show_error(self, error: BaseException) -> None:
        self.error.setText(error_text(error))
        self.error.show()

    def _show_serving(self, state: _State) -> None:
        self._installed = state.installed
        kinds = {each.kind for each in state.servers}
        if "service" in kinds:
            text = tr("A service of the system starts the runs, also while ModelDesk is closed.")
        elif kinds:
            text = tr(
                "Runs start while ModelDesk is open. A service starts them at other times, too."
            )
        else:
            text = tr("No process starts the runs yet.")
        self.serving.setText(text)
        self.service.setText(tr("Remove service") if state.installed else tr("Install service"))
        self.service.setToolTip(
            tr("The system no longer starts runs")
            if state.installed
            else tr("Let the system start runs whenever you are logged in")
        )

    def _show_current(self) -> None:
        entry = self.list.current
        if entry is not None:
            self.detail.show_entry(entry, [])
            self.refresh()

    def _may_remove(self, name: str) -> bool:
        answer = ask(
            self,
            tr("Remove schedule"),
            tr("Remove the schedule “{name}”?").format(name=name),
            {Answer.Ok: tr("Remove")},
            explanation=tr("Results of its runs are kept, and a run in progress finishes."),
        )
        return answer == Answer.Ok

    def _open_menu(self, position: QPoint) -> None:
        if self.list.current is not None:
            self.detail.open_menu(self.list.viewport().mapToGlobal(position))
