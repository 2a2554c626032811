"""The page of what is scheduled and published on Azure ML."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.background.job import Job
from designer.app.dialogs.question import Answer, ask
from designer.app.runs.compute_target import ComputeTarget
from designer.app.runs.compute_target_actions import ComputeTargetActions
from designer.app.schedules.schedule_list import moment
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.views.message_view import MessageView
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.composed_texts import in_language
from designer.texts import N_, tr

if TYPE_CHECKING:
    from designer.app.schedules.jobs import AzureContent
    from designer.azure.publish.published import AzureSchedule, PublishedEndpoint

COLUMNS = (
    tr("Name"),
    tr("Kind"),
    tr("When or where"),
    tr("Next run"),
    tr("Last run"),
    tr("Status"),
)
KINDS = {
    "schedule": tr("Schedule"),
    "endpoint": tr("Endpoint"),
    "pipeline": tr("Published pipeline"),
}
_END_TITLES = {
    "schedule": N_("End schedule"),
    "endpoint": N_("Remove endpoint"),
    "pipeline": N_("Remove published pipeline"),
}
_END_QUESTIONS = {
    "schedule": N_("End the schedule “{name}” on Azure ML?"),
    "endpoint": N_("Remove the endpoint “{name}” on Azure ML?"),
    "pipeline": N_("Remove the published pipeline “{name}” on Azure ML?"),
}

PAUSED = "paused"

Result = TypeVar("Result")

_KEY = Qt.ItemDataRole.UserRole


class AzurePage(QWidget):
    """Lists schedules and published endpoints of an Azure ML workspace, pauses and ends them.

    It is that of the open pipeline's compute target. Nothing is asked for before the user wants
    it, because they may have to sign in.

    Signals
    -------
    message : str
        A sentence for the status bar.
    """

    message = Signal(str)

    def __init__(self, compute_targets: ComputeTargetActions, background: Background) -> None:
        super().__init__()
        self._compute_targets = compute_targets
        self._background = background
        self._shown: ComputeTarget | None = None
        self._busy = False
        self.where = _text()
        self.list = QPushButton(tr("List"))
        self.list.setIcon(theme.icon("refresh"))
        self.list.setToolTip(tr("Sign in and list what is scheduled and published"))
        self.run_now = QPushButton(tr("Run now"))
        self.run_now.setIcon(theme.icon("run"))
        self.run_now.setEnabled(False)
        self.pause = QPushButton(tr("Pause"))
        self.pause.setIcon(theme.icon("stop"))
        self.pause.setEnabled(False)
        self.end = QPushButton(tr("End"))
        self.end.setIcon(theme.icon("delete"))
        self.end.setEnabled(False)
        self.error = _text("error")
        self.error.hide()
        self.tree = QTreeWidget()
        keep_directions(self.tree)
        self.tree.setHeaderLabels(list(COLUMNS))
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setAccessibleName(tr("Schedules and endpoints on Azure ML"))
        fit_columns(self.tree.header(), (220, 150, 360, 170, 230))
        self.note = MessageView(
            tr("Schedules and endpoints of Azure ML aren't listed yet."),
            tr("Choose List. You may have to sign in."),
            icon="cloud",
        )
        self.empty = MessageView(tr("Nothing is scheduled or published there."), icon="cloud")
        strip = QFrame()
        row = QHBoxLayout(strip)
        row.setContentsMargins(14, 6, 14, 6)
        row.addWidget(self.where, 1)
        for button in (self.list, self.run_now, self.pause, self.end):
            row.addWidget(button)
        self.pages = QStackedWidget()
        for page in (self.note, self.empty, self.tree):
            self.pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addWidget(self.error)
        column.addWidget(self.pages, 1)
        self.error.setContentsMargins(14, 0, 14, 6)
        self.setFocusProxy(self.list)
        self.list.clicked.connect(self.refresh)
        self.run_now.clicked.connect(self.start_run)
        self.pause.clicked.connect(self.pause_or_resume)
        self.end.clicked.connect(self.ask_to_end)
        self.tree.itemSelectionChanged.connect(self._show_selection)
        follow_selection(self.tree)

    def show_target(self) -> None:
        """Show which workspace is meant."""
        target = self._compute_targets.current
        usable = not target.is_local and bool(target.config)
        text = tr("Choose Azure ML under Run on in the Pipeline menu, and its workspace.")
        if usable:
            text = f"{target.title}: {target.config}"
        self.where.setText(text)
        self.list.setEnabled(usable and not self._busy)
        if target != self._shown:
            self.error.hide()
            self.tree.clear()
            self.pages.setCurrentIndex(0)

    def refresh(self) -> None:
        """Read what is there from Azure ML."""
        from designer.app.schedules import jobs

        target = self._compute_targets.current
        if target.is_local or self._busy:
            return

        def show(content: AzureContent) -> None:
            self._shown = target
            self._show(content)

        job = Job(
            jobs.azure_content,
            {"target": target},
            {"notify": self._notify_later},
            self._compute_targets.command,
        )
        self._work(job, tr("Reading from Azure ML…"), show)

    def start_run(self) -> None:
        """Start a run of the chosen schedule besides its times."""
        from designer.app.schedules import jobs

        item, target = self.tree.currentItem(), self._shown
        if item is None or target is None or self._busy:
            return
        name = item.text(0)

        def done(run: str) -> None:
            self.message.emit(tr("Started the run {run} on Azure ML.").format(run=run))
            self.refresh()

        job = Job(
            jobs.run_now_in_azure,
            {"target": target, "name": item.data(0, _KEY)[1]},
            {"notify": self._notify_later},
            self._compute_targets.command,
        )
        self._work(job, tr("Starting “{name}”…").format(name=name), done)

    def pause_or_resume(self) -> None:
        """Pause the chosen schedule; resume one that is paused."""
        from designer.app.schedules import jobs

        item, target = self.tree.currentItem(), self._shown
        if item is None or target is None or self._busy:
            return
        _, identifier, status = item.data(0, _KEY)
        name, paused = item.text(0), status != PAUSED

        def done(_: object) -> None:
            text = tr("“{name}” is paused.") if paused else tr("“{name}” is active again.")
            self.message.emit(text.format(name=name))
            self.refresh()

        job = Job(
            jobs.set_paused_in_azure,
            {"target": target, "name": identifier, "paused": paused},
            {"notify": self._notify_later},
            self._compute_targets.command,
        )
        doing = tr("Pausing “{name}”…") if paused else tr("Resuming “{name}”…")
        self._work(job, doing.format(name=name), done)

    def ask_to_end(self) -> None:
        """End the chosen schedule, or remove the chosen endpoint, after a question."""
        from designer.app.schedules import jobs

        item = self.tree.currentItem()
        target = self._shown
        if item is None or target is None or self._busy:
            return
        kind, identifier, _ = item.data(0, _KEY)
        name = item.text(0)
        is_schedule = kind == "schedule"
        verb = tr("End") if is_schedule else tr("Remove")
        answer = ask(
            self,
            tr(_END_TITLES[kind]),
            tr(_END_QUESTIONS[kind]).format(name=name),
            {Answer.Ok: verb},
            explanation=tr("It starts no more runs. Runs in progress continue."),
            warning=True,
        )
        if answer != Answer.Ok:
            return

        def done(_: object) -> None:
            text = tr("“{name}” was ended.") if is_schedule else tr("“{name}” was removed.")
            self.message.emit(text.format(name=name))
            self.refresh()

        job = Job(
            jobs.end_in_azure,
            {"target": target, "kind": kind, "name": identifier},
            {"notify": self._notify_later},
            self._compute_targets.command,
        )
        doing = tr("Ending “{name}”…") if is_schedule else tr("Removing “{name}”…")
        self._work(job, doing.format(name=name), done)

    def _work(self, job: Job[Result], doing: str, done: Callable[[Result], object]) -> None:
        self._busy = True
        self.error.hide()
        for button in (self.list, self.run_now, self.pause, self.end):
            button.setEnabled(False)
        self.where.setText(doing)

        def finish(result: Result) -> None:
            self._busy = False
            done(result)
            self.show_target()
            self._show_selection()

        def fail(error: BaseException) -> None:
            self._busy = False
            self.show_target()
            self._show_selection()
            self.error.setText(error_text(error))
            self.error.show()

        self._background.follow(job, finish, fail)

    def _show(self, content: AzureContent) -> None:
        self.tree.clear()
        rows: list[tuple[str, AzureSchedule | PublishedEndpoint, tuple[str, ...]]] = [
            (
                "schedule",
                each,
                (
                    each.name,
                    KINDS["schedule"],
                    each.when,
                    moment(each.next),
                    last_run(each),
                    in_language(each.status.capitalize()),
                ),
            )
            for each in content.schedules
        ]
        rows += [
            (
                each.kind,
                each,
                (
                    each.name,
                    KINDS.get(each.kind, each.kind),
                    each.url,
                    "",
                    "",
                    in_language(each.status.capitalize()),
                ),
            )
            for each in content.endpoints
        ]
        for kind, found, texts in rows:
            item = QTreeWidgetItem(list(texts))
            item.setIcon(0, theme.icon("clock" if kind == "schedule" else "cloud", "text_muted"))
            item.setData(0, _KEY, (kind, found.id, found.status))
            for column in range(len(COLUMNS) - 1):
                item.setToolTip(column, plain_tooltip(item.text(column)))
            self.tree.addTopLevelItem(item)
        self.pages.setCurrentIndex(2 if rows else 1)

    def _show_selection(self) -> None:
        item = self.tree.currentItem()
        is_schedule = item is None or item.data(0, _KEY)[0] == "schedule"
        self.end.setText(tr("End") if is_schedule else tr("Remove"))
        self.end.setEnabled(item is not None and not self._busy)
        status = item.data(0, _KEY)[2] if item is not None and is_schedule else ""
        self.pause.setText(tr("Resume") if status == PAUSED else tr("Pause"))
        self.pause.setIcon(theme.icon("run-to" if status == PAUSED else "stop"))
        self.run_now.setEnabled(status == "active" and not self._busy)
        self.pause.setEnabled(status in ("active", PAUSED) and not self._busy)

    def _notify_later(self, text: str) -> None:
        self._background.post(lambda: self.message.emit(text))


def last_run(schedule: AzureSchedule) -> str:
    """Return the last run of a schedule; empty for none."""
    if schedule.last is None:
        return ""
    return f"{in_language(schedule.last_status.capitalize())}, {moment(schedule.last)}"


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
