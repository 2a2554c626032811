"""The commands of schedules, and what works behind them while a window is open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.background.job import COMMAND, Job
from designer.app.dialogs.messages import Messages
from designer.app.dialogs.question import Answer, ask
from designer.app.document.consent import Consent
from designer.app.document.document import Document
from designer.app.document.file_actions import FileActions
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.schedules.retraining_actions import RetrainingActions
from designer.app.schedules.schedule_list import trigger_text
from designer.app.schedules.tray import Tray
from designer.app.shell.commands import command
from designer.app.shell.navigation import EDITING, SCHEDULES, START, Navigation
from designer.app.shell.windows.pipeline_window import PipelineWindow
from designer.app.widgets.sentence_case import in_sentence
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.texts import tr
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.app.schedules.schedule_center import ScheduleCenter
    from designer.app.schedules.schedule_dialog import ScheduleDialog
    from designer.scheduling.entry import Occurrence
    from designer.scheduling.schedule import Schedule

INTERVAL = 20_000
"""Milliseconds between two looks for runs that have ended."""

KIND = "schedules"


@dataclass(frozen=True)
class _Found:
    """What is found now and then.

    Parameters
    ----------
    unserved : bool
        Whether there are schedules, and nothing serves them.
    active : int
        Schedules that aren't paused.
    has_desktop : bool
        Whether a notification of the desktop reports runs already.
    """

    ended: list[Occurrence]
    unserved: bool
    active: int
    has_desktop: bool


class ScheduleActions(QObject):
    """The commands of schedules.

    Parameters
    ----------
    parent : PipelineWindow
        The window, over which dialogs open.

    Attributes
    ----------
    page : QWidget
        The page of schedules; filled when it is first shown.
    command : sequence of str
        The program that serves schedules.
    """

    def __init__(
        self,
        workspace: Workspace,
        document: Document,
        catalog: Catalog,
        files: FileActions,
        consent: Consent,
        compute_targets: ComputeTargetActions,
        navigation: Navigation,
        messages: Messages,
        parent: PipelineWindow,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._document = document
        self._catalog = catalog
        self._files = files
        self._consent = consent
        self._compute_targets = compute_targets
        self._navigation = navigation
        self._messages = messages
        self._parent = parent
        self._background = Background(self)
        self._center: ScheduleCenter | None = None
        self._server: Job[None] | None = None
        self._came_from = START
        self._seen = time.time()
        self._reported = ""
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.look)
        self.retraining = RetrainingActions(
            workspace, self._background, lambda: document.path, parent
        )
        """What switches the retraining of endpoints on."""
        self.retraining.switched_on.connect(self._show_retrained)
        self.retraining.failed.connect(messages.warn)
        self.tray = Tray(parent)
        """The icon in the system's notification area."""
        self.tray.open_requested.connect(parent.come_to_front)
        self.tray.pause_requested.connect(self._pause_all)
        self.tray.resume_requested.connect(self._resume_all)
        self._paused: list[str] = []
        self.dialog: ScheduleDialog | None = None
        """The dialog that is open."""
        self.command: Sequence[str] = COMMAND
        self.page = QWidget()
        column = QVBoxLayout(self.page)
        column.setContentsMargins(0, 0, 0, 0)

    @property
    def center(self) -> ScheduleCenter:
        """The content of the page."""
        if self._center is None:
            from designer.app.schedules.schedule_center import ScheduleCenter

            self._center = ScheduleCenter(
                self._workspace, self._background, self._compute_targets, self._open
            )
            self._center.back_requested.connect(self._leave_page)
            self._center.message.connect(self._messages.show)
            self._center.retraining_requested.connect(self.retraining.open)
            self._center.schedules.refreshed.connect(self._serve_if_needed)
            layout = self.page.layout()
            assert layout is not None
            layout.addWidget(self._center)
        return self._center

    @command(
        tr("Schedule this pipeline…"),
        icon="clock",
        help=tr("Run the pipeline by itself: at set times, at an interval, or after a change."),
        needs="content",
        menus="Pipeline 2.8",
    )
    def schedule(self) -> None:
        """Ask when the open pipeline is to run by itself."""
        path = self._saved()
        pipeline = self._document.pipeline
        if path is None or self._consent.blocks(pipeline.nodes, self.schedule, "schedule"):
            return
        workspace, target = self._workspace, self._compute_targets.current

        def read() -> object:
            from designer.app.schedules.schedule_dialog import Surroundings
            from designer.scheduling.delivery import Notifications
            from designer.scheduling.store import ScheduleStore
            from designer.scheduling.times import local_timezone

            return Surroundings(
                [each.name for each in ScheduleStore(workspace).entries()],
                list(workspace.datasets()),
                Notifications(workspace).all(),
                local_timezone(),
                target,
            )

        def show(around: object) -> None:
            from designer.app.schedules.schedule_dialog import ScheduleDialog, Surroundings

            assert isinstance(around, Surroundings)
            dialog = self.dialog = ScheduleDialog(path, pipeline, around, self._parent)
            dialog.wanted.connect(lambda schedule: self._create(schedule, dialog))
            dialog.finished.connect(self._forget_dialog)
            dialog.open()

        self._background.run(read, show, self._fail)

    @command(
        tr("Schedules"),
        icon="clock",
        help=tr("See, pause, start, and remove schedules, on this computer and on Azure ML."),
        menus="Pipeline 2.9",
    )
    def show_schedules(self) -> None:
        """Show the page of schedules."""
        self._show_page().show_schedules()

    @command(
        tr("Retraining"),
        icon="refresh",
        help=tr("Let endpoints on this computer be retrained on new data, and see the decisions."),
        menus="Deploy 3.3",
    )
    def show_retraining(self) -> None:
        """Show the endpoints that are retrained."""
        self._show_page().show_retraining()

    def start(self) -> None:
        """Serve the schedules from now on, if there are any."""
        self._clock.start()
        self.look()

    def look(self) -> None:
        """Report runs that have ended, and serve the schedules if nothing else does."""
        workspace, seen = self._workspace, self._seen

        def read() -> _Found:
            from designer.scheduling.delivery import Notifications
            from designer.scheduling.server_list import ServerList
            from designer.scheduling.store import ScheduleStore

            store = ScheduleStore(workspace)
            entries = store.entries()
            served = any(each.kind in ("service", "window") for each in ServerList(workspace).all())
            channels = [each.channel.kind for each in Notifications(workspace).all()]
            return _Found(
                store.ended_since(seen),
                bool(entries) and not served,
                sum(not each.paused for each in entries),
                "desktop" in channels,
            )

        def show(found: _Found) -> None:
            if found.unserved:
                self._serve()
            self.tray.show_serving(self._server is not None)
            self.tray.show_schedules(found.active, self._paused)
            if found.ended:
                self._seen = max(self._seen, *(each.ended or 0.0 for each in found.ended))
                self._report(found.ended, in_tray=not found.has_desktop)

        self._background.run(read, show, self._fail)

    def close(self) -> None:
        """Stop serving; runs in progress finish."""
        self._clock.stop()
        if self._center is not None:
            self._center.close()
        self.tray.close()
        self._background.close()
        if self.dialog is not None:
            self.dialog.close()
        self.retraining.close()

    def _show_page(self) -> ScheduleCenter:
        center = self.center
        if self._navigation.page != SCHEDULES:
            self._came_from = self._navigation.page
            self._navigation.show(SCHEDULES)
        return center

    def _show_retrained(self, endpoint: str, sentence: str) -> None:
        self._messages.show(sentence)
        self._show_page().show_retraining(endpoint)
        self.look()

    def _saved(self) -> Path | None:
        """Return the saved file of the pipeline; None if the user doesn't want to save."""
        document = self._document
        path = document.path
        is_sample = path is not None and self._files.is_sample(path)
        if path is not None and not document.dirty and not is_sample:
            return path
        answer = ask(
            self._parent,
            tr("Save pipeline"),
            tr("Save “{title}” first?").format(title=document.title),
            {Answer.Save: ""},
            explanation=tr("A schedule runs the saved file."),
            usual=Answer.Save,
        )
        return document.path if answer == Answer.Save and self._files.save() else None

    def _create(self, schedule: Schedule, dialog: ScheduleDialog) -> None:
        workspace, catalog = self._workspace, self._catalog

        def create() -> None:
            from designer.scheduling.creating import create

            create(schedule, workspace, catalog)

        def done(_: object) -> None:
            dialog.done(dialog.DialogCode.Accepted)
            self._messages.show(
                tr("“{name}” is scheduled: {description}.").format(
                    name=schedule.name, description=trigger_text(schedule.trigger)
                )
            )
            self.show_schedules()
            self.center.schedules.choose(schedule.name)

        self._background.run(create, done, lambda error: dialog.fail(error_text(error)))

    def _forget_dialog(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _serve_if_needed(self) -> None:
        if self._clock.isActive():
            self.look()

    def _serve(self) -> None:
        from designer.app.schedules import jobs

        if self._server is not None:
            return

        def ended(_: object) -> None:
            self._server = None
            self.tray.hide()

        folder = self._workspace.folder
        self._server = Job(jobs.serve, {"workspace": folder}, command=self.command)
        self._background.follow(self._server, ended, ended)

    def _pause_all(self) -> None:
        from designer.scheduling import creating

        workspace = self._workspace
        self._background.run(lambda: creating.pause_all(workspace), self._show_paused, self._fail)

    def _resume_all(self) -> None:
        from designer.scheduling import creating

        workspace, names = self._workspace, self._paused
        self._background.run(
            lambda: creating.resume_all(workspace, names), self._show_paused, self._fail
        )

    def _show_paused(self, names: list[str]) -> None:
        self._paused = names
        self.look()
        if self._center is not None:
            self._center.schedules.refresh()

    def _report(self, ended: Sequence[Occurrence], *, in_tray: bool) -> None:
        """Show how runs have ended; those that need the user stay until they are read."""
        from designer.scheduling.entry import LABELS

        for each in ended:
            text = tr("Schedule “{schedule}”: {labels}.").format(
                schedule=each.schedule, labels=in_sentence(in_language(LABELS[each.state]))
            )
            if each.state in ("completed", "skipped"):
                self._messages.show(text)
                continue
            if in_tray:
                self.tray.tell(text, in_language(each.reason))
            show = partial(self._show_schedule, each.schedule)
            self._messages.bar.show_message(
                f"{text} {in_language(each.reason)}",
                [(tr("Show schedule"), show)],
                severity="warning",
                kind=KIND,
            )

    def _show_schedule(self, name: str) -> None:
        self.show_schedules()
        self.center.schedules.choose(name)

    def _open(self, path: Path) -> None:
        self._files.open_path(path)

    def _leave_page(self) -> None:
        came_from = self._came_from if self._came_from != SCHEDULES else START
        self._navigation.show(EDITING if self._navigation.opened else came_from)

    def _fail(self, error: BaseException) -> None:
        text = error_text(error)
        # What looks now and then would repeat it.
        if text != self._reported:
            self._reported = text
            self._messages.warn(text)
