"""The page of endpoints that are retrained: their rounds, and the decisions with the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.background.job import COMMAND, Job
from designer.app.dialogs.question import Answer, ask
from designer.app.schedules.round_texts import cells_of, group_line
from designer.app.schedules.schedule_list import moment
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.views.message_view import MessageView
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.flow_layout import BarLayout
from designer.composed_texts import in_language
from designer.retraining.loop import LABELS, Loop, Loops, Round
from designer.texts import tr
from designer.workspace import Workspace

INTERVAL = 3000
"""Milliseconds between two refreshes."""

ICONS = {
    "running": ("running", "running"),
    "failed": ("failed", "error"),
    "kept": ("skipped", "text_muted"),
    "waiting": ("warning", "warning"),
    "rejected": ("skipped", "text_muted"),
    "staged": ("running", "running"),
    "deployed": ("completed", "success"),
    "rolled-back": ("warning", "warning"),
}
"""Icon and color of each state of a round."""

COLUMNS = (tr("Endpoint"), tr("Data"), tr("Latest round"), tr("Started"))
ROUNDS = (
    tr("Round"),
    tr("Status"),
    tr("Data"),
    tr("Champion"),
    tr("Challenger"),
    tr("P-value"),
    tr("Started"),
)

_KEY = Qt.ItemDataRole.UserRole

_State = list[tuple[Loop, list[Round]]]


@dataclass(frozen=True)
class _Act:
    """Something that can be done with an endpoint.

    Parameters
    ----------
    doing : str
        What the page shows meanwhile.
    question : str
        What is asked before; empty for nothing. It replaces ``{}`` by the endpoint.
    """

    title: str
    icon: str
    help: str
    doing: str
    question: str = ""
    explanation: str = ""


EDIT = "edit"

ACTS = {
    EDIT: _Act(tr("Edit…"), "edit", tr("Change how the endpoint is retrained"), ""),
    "run": _Act(tr("Retrain now"), "run", tr("Do a round on the latest data"), tr("Retraining")),
    "approve": _Act(
        tr("Approve"),
        "check",
        tr("Deploy the challenger by its stages"),
        tr("Deploying"),
        tr("Deploy the challenger of “{}”?"),
        tr("You can roll it back at any time."),
    ),
    "reject": _Act(tr("Reject"), "close", tr("Drop the challenger"), tr("Rejecting")),
    "roll_back": _Act(
        tr("Roll back"),
        "undo",
        tr("Return to the version that was there before the challenger"),
        tr("Rolling back"),
        tr("Return to the champion of “{}”?"),
        tr("The challenger gets no more requests. No request is lost."),
    ),
    "off": _Act(
        tr("Switch off"),
        "remove",
        tr("Stop retraining the endpoint"),
        tr("Switching off"),
        tr("Stop retraining “{}”?"),
        tr("Its current version keeps running, and the decisions stay on disk."),
    ),
}


class RetrainingPage(QWidget):
    """Lists the retrained endpoints and their rounds, and approves, rejects, and rolls back.

    Signals
    -------
    edit_requested : str
        How this endpoint is retrained is to be changed.
    message : str
        A sentence for the status bar.
    """

    edit_requested = Signal(str)
    message = Signal(str)

    def __init__(self, workspace: Workspace, background: Background) -> None:
        super().__init__()
        self._workspace = workspace
        self._background = background
        self._shown: _State = []
        self._refreshing = False
        self._busy = ""
        self._wanted = ""
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.refresh)
        self.list = _tree(COLUMNS, tr("Endpoints that are retrained"), (220, 220, 220))
        self.rounds = _tree(ROUNDS, tr("Rounds"), (90, 210, 160, 110, 110, 110))
        self.decision = _text()
        self.decision.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error = _text("error")
        self.error.hide()
        self.doing = _text("muted")
        self.doing.setWordWrap(False)
        self.buttons = {key: self._button(key, act) for key, act in ACTS.items()}
        bar = QWidget()
        head = BarLayout(bar, end=1)
        head.addWidget(self.doing)
        for button in self.buttons.values():
            head.addWidget(button)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        column.addWidget(bar)
        column.addWidget(self.error)
        column.addWidget(self.rounds, 1)
        column.addWidget(self.decision)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.list)
        splitter.addWidget(detail)
        splitter.setSizes([180, 460])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        self.empty = MessageView(
            tr("No endpoint is retrained yet."),
            tr("Choose Retrain an endpoint… to deploy better models on new data by themselves."),
            icon="refresh",
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.empty)
        self.pages.addWidget(splitter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.list)
        self.list.currentItemChanged.connect(lambda *_: self._show_loop())
        follow_selection(self.list)
        self.rounds.currentItemChanged.connect(lambda *_: self._show_round())
        follow_selection(self.rounds)

    def set_watching(self, watching: bool) -> None:
        """Refresh now and then, or stop that."""
        if watching and not self._clock.isActive():
            self._clock.start()
            self.refresh()
        elif not watching:
            self._clock.stop()

    def choose(self, name: str) -> None:
        """Select an endpoint, as soon as it is in the list."""
        self._wanted = name
        self.refresh()

    def refresh(self) -> None:
        """Read the loops and their rounds."""
        if self._refreshing:
            return
        self._refreshing = True
        workspace = self._workspace

        def read() -> _State:
            loops = Loops(workspace)
            return [(loops.get(name), loops.rounds(name)) for name in loops.names()]

        self._background.run(read, self._show, self._fail)

    def act(self, key: str) -> None:
        """Do something with the chosen endpoint, after a question where that matters."""
        from designer.app.schedules import jobs

        chosen, act = self._current(), ACTS[key]
        if chosen is None or self._busy:
            return
        name = chosen[0].endpoint
        if key == EDIT:
            self.edit_requested.emit(name)
            return
        if act.question and not self._may(act, name):
            return
        self._busy = f"{act.doing} “{name}”…"
        self.error.hide()
        self._show_buttons()

        def done(sentence: str) -> None:
            self._busy = ""
            self.message.emit(sentence)
            self.refresh()

        def fail(error: BaseException) -> None:
            self._busy = ""
            self._fail(error)
            self.refresh()

        values = {"workspace": self._workspace.folder, "name": name, "act": key}
        self._background.follow(Job(jobs.act_on_retraining, values, command=COMMAND), done, fail)

    def _may(self, act: _Act, name: str) -> bool:
        answer = ask(
            self,
            act.title,
            act.question.format(name),
            {Answer.Ok: act.title},
            explanation=act.explanation,
        )
        return answer == Answer.Ok

    def _current(self) -> tuple[Loop, list[Round]] | None:
        item = self.list.currentItem()
        name = item.text(0) if item is not None else ""
        return next((each for each in self._shown if each[0].endpoint == name), None)

    def _show(self, state: _State) -> None:
        self._refreshing = False
        if state == self._shown and not self._wanted:
            self._show_buttons()
            return
        current = self._current()
        before = self._wanted or (current[0].endpoint if current else "")
        self._wanted = ""
        self._shown = state
        self.list.blockSignals(True)
        self.list.clear()
        for loop, rounds in state:
            last = rounds[0] if rounds else None
            texts = [
                loop.endpoint,
                in_language(loop.data_title),
                f"{last.number}: {in_language(LABELS[last.state])}" if last else tr("None yet"),
                moment(last.started) if last else "",
            ]
            item = _item(texts)
            if last is not None:
                item.setIcon(2, theme.icon(*ICONS[last.state]))
            self.list.addTopLevelItem(item)
            if before == loop.endpoint:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        _choose_first(self.list)
        self.pages.setCurrentIndex(1 if state else 0)
        self._show_loop()

    def _show_loop(self) -> None:
        chosen, item = self._current(), self.rounds.currentItem()
        number = item.data(0, _KEY) if item is not None else None
        self.rounds.blockSignals(True)
        self.rounds.clear()
        for each in chosen[1] if chosen else ():
            row = _item(cells_of(each))
            row.setIcon(1, theme.icon(*ICONS[each.state]))
            row.setData(0, _KEY, each.number)
            self.rounds.addTopLevelItem(row)
            if each.number == number:
                self.rounds.setCurrentItem(row)
        _choose_first(self.rounds)
        self.rounds.blockSignals(False)
        self._show_round()
        self._show_buttons()

    def _show_round(self) -> None:
        chosen, item = self._current(), self.rounds.currentItem()
        if chosen is None or item is None:
            self.decision.setText(tr("A round begins when the dataset gets a new version."))
            return
        round = next(each for each in chosen[1] if each.number == item.data(0, _KEY))
        lines = [in_language(round.reason)] if round.reason else []
        lines += [group_line(chosen[0], each) for each in round.groups]
        lines += [f"{moment(event.time)}  {in_language(event.text)}" for event in round.events]
        self.decision.setText("\n".join(lines))

    def _show_buttons(self) -> None:
        chosen = self._current()
        states = [each.state for each in chosen[1]] if chosen else []
        last = states[0] if states else ""
        can = {
            EDIT: True,
            "run": last not in ("waiting", "staged", "running"),
            "approve": last == "waiting",
            "reject": last == "waiting",
            "roll_back": "staged" in states or "deployed" in states,
            "off": True,
        }
        for key, button in self.buttons.items():
            button.setEnabled(chosen is not None and not self._busy and can[key])
        self.doing.setText(self._busy)

    def _fail(self, error: BaseException) -> None:
        self._refreshing = False
        self.pages.setCurrentIndex(1)
        self.error.setText(error_text(error))
        self.error.show()
        self._show_buttons()

    def _button(self, key: str, act: _Act) -> QPushButton:
        button = QPushButton(act.title)
        button.setIcon(theme.icon(act.icon))
        button.setToolTip(act.help)
        button.clicked.connect(self._doer(key))
        return button

    def _doer(self, key: str) -> Callable[[], None]:
        return lambda: self.act(key)


def _choose_first(tree: QTreeWidget) -> None:
    """Choose the first line if there is one and none is chosen."""
    first = tree.topLevelItem(0)
    if first is not None and tree.currentItem() is None:
        tree.setCurrentItem(first)


def _item(texts: list[str]) -> QTreeWidgetItem:
    item = QTreeWidgetItem(texts)
    for column, text in enumerate(texts):
        item.setToolTip(column, plain_tooltip(text))
    return item


def _tree(columns: tuple[str, ...], name: str, widths: tuple[int, ...]) -> QTreeWidget:
    tree = QTreeWidget()
    keep_directions(tree)
    tree.setHeaderLabels(list(columns))
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setAccessibleName(name)
    tree.setMinimumHeight(90)
    fit_columns(tree.header(), widths)
    return tree


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    if role:
        label.setProperty("role", role)
    return label
