"""One schedule in detail: actions, the next times, and the latest runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.schedules.schedule_list import ICONS, moment, trigger_text
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.flow_layout import BarLayout
from designer.app.widgets.one_line_label import OneLineLabel
from designer.composed_texts import in_language
from designer.scheduling.entry import LABELS, Entry, Occurrence
from designer.scheduling.times import Cron, Interval
from designer.texts import tr

UPCOMING = 5
"""Times that are shown."""

YEAR = 366 * 86_400.0


class ScheduleDetail(QWidget):
    """Shows a schedule and what can be done with it.

    Signals
    -------
    act_requested : str
        ``run_now``, ``pause``, ``resume``, or ``remove``.
    open_requested : Path
        The pipeline's file is to be opened.
    """

    act_requested = Signal(str)
    open_requested = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self.name = OneLineLabel()
        self.name.setProperty("role", "title")
        self.when = _text()
        self.problem = _text("error")
        self.notes = _text("muted")
        self.run_now = self._button(
            tr("Run now"), "run", lambda: self.act_requested.emit("run_now")
        )
        self.pause = self._button(tr("Pause"), "stop", lambda: self.act_requested.emit("pause"))
        self.resume = self._button(
            tr("Resume"), "run-to", lambda: self.act_requested.emit("resume")
        )
        self.open = self._button(tr("Open pipeline"), "open", self._open)
        self.remove = self._button(
            tr("Remove"), "remove", lambda: self.act_requested.emit("remove")
        )
        self._buttons = (self.run_now, self.pause, self.resume, self.open, self.remove)
        self.runs = QTreeWidget()
        keep_directions(self.runs)
        self.runs.setHeaderLabels([tr("Due"), tr("Status"), tr("Run ID"), tr("Remarks")])
        self.runs.setRootIsDecorated(False)
        self.runs.setUniformRowHeights(True)
        self.runs.setAccessibleName(tr("Runs of the schedule"))
        fit_columns(self.runs.header(), (190, 150, 210))
        bar = QWidget()
        head = BarLayout(bar, end=1)
        head.addWidget(self.name)
        for button in self._buttons:
            head.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 0)
        column.setSpacing(6)
        column.addWidget(bar)
        for label in (self.when, self.problem, self.notes):
            column.addWidget(label)
        column.addWidget(self.runs, 1)

    def show_entry(self, entry: Entry, history: Sequence[Occurrence]) -> None:
        """Show a schedule as it is now, with its latest runs."""
        self._entry = entry
        self.name.setText(entry.name)
        self.run_now.setEnabled(not entry.active)
        self.run_now.setToolTip(
            tr("A run is in progress") if entry.active else tr("Start a run now")
        )
        self.pause.setVisible(not entry.paused)
        self.resume.setVisible(entry.paused)
        self.open.setVisible(not entry.schedule.is_script)
        trigger, now = entry.schedule.trigger, time.time()
        zone = f" ({trigger.timezone})" if isinstance(trigger, Cron) else ""
        text, notes = f"{trigger_text(trigger)}{zone}.", ""
        if isinstance(trigger, Cron | Interval) and not entry.paused:
            text += tr(" Next: {listed}.").format(
                listed=", ".join(map(moment, trigger.upcoming(now, UPCOMING)))
            )
            notes = " ".join(map(in_language, trigger.clock_changes(now, now + YEAR)))
        for label, content in ((self.when, text), (self.problem, in_language(entry.problem))):
            label.setText(content)
            label.setVisible(bool(content))
        self.notes.setText(notes)
        self.notes.setVisible(bool(notes))
        self._show_runs(history)

    def open_menu(self, point: QPoint) -> None:
        """Open a menu with the actions, at a point of the screen."""
        menu = QMenu(self)
        for button in self._buttons:
            if not button.isHidden():
                action = QAction(button.icon(), button.text(), menu)
                action.setEnabled(button.isEnabled())
                action.triggered.connect(button.click)
                menu.addAction(action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(point)

    def _show_runs(self, history: Sequence[Occurrence]) -> None:
        rows = [
            (moment(each.due), in_language(LABELS[each.state]), each.run, remarks(each))
            for each in history
        ]
        # Refreshed every few seconds: what is selected and scrolled to stays.
        if rows == [
            tuple(item.text(column) for column in range(4))
            for item in map(self.runs.topLevelItem, range(self.runs.topLevelItemCount()))
            if item is not None
        ]:
            return
        self.runs.clear()
        for each, row in zip(history, rows, strict=True):
            item = QTreeWidgetItem(list(row))
            item.setIcon(1, theme.icon(*ICONS[each.state]))
            item.setToolTip(3, plain_tooltip(row[3]))
            self.runs.addTopLevelItem(item)

    def _open(self) -> None:
        if self._entry is not None:
            self.open_requested.emit(Path(self._entry.schedule.file))

    def _button(self, text: str, icon: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(text)
        button.setIcon(theme.icon(icon))
        button.clicked.connect(lambda: act())
        return button


def remarks(occurrence: Occurrence) -> str:
    """Return everything that is to be known about a run besides its status."""
    parts = (occurrence.note, occurrence.reason, occurrence.delivery)
    return " ".join(in_language(part) for part in parts if part)


def _text(role: str = "") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if role:
        label.setProperty("role", role)
    return label
