"""The list of schedules: one line each."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from designer.app.runs.compute_target import TITLES
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.pipeline.file import SUFFIX
from designer.scheduling.entry import LABELS, Entry
from designer.scheduling.schedule import Trigger, azure_target
from designer.scheduling.times import Cron
from designer.texts import language, tr

COLUMNS = (tr("Name"), tr("Pipeline"), tr("When"), tr("Next run"), tr("Last run"), tr("Runs on"))

ICONS = {
    "waiting": ("running", "running"),
    "running": ("running", "running"),
    "completed": ("completed", "success"),
    "failed": ("failed", "error"),
    "attention": ("warning", "warning"),
    "interrupted": ("failed", "error"),
    "skipped": ("skipped", "text_muted"),
}
"""Icon and color of each state."""

WIDEST = 420
"""Pixels of the widest column, before the user changes it."""


class ScheduleList(QTreeWidget):
    """The schedules by name.

    Signals
    -------
    chosen
        The current one has changed, or its state.
    remove_pressed
        The Delete key was pressed.
    """

    chosen = Signal()
    remove_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        keep_directions(self)
        self._entries: dict[str, Entry] = {}
        self.setHeaderLabels(list(COLUMNS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAccessibleName(tr("Schedules"))
        self.setMinimumHeight(90)
        self.header().setStretchLastSection(True)
        fit_columns(self.header())
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.currentItemChanged.connect(lambda *_: self.chosen.emit())
        follow_selection(self)

    @property
    def current(self) -> Entry | None:
        """The schedule that is chosen."""
        item = self.currentItem()
        return self._entries.get(item.text(0)) if item is not None else None

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these schedules; the current one stays the current one."""
        fresh = {entry.name for entry in entries} != set(self._entries)
        before = self.current
        self._entries = {entry.name: entry for entry in entries}
        if fresh:
            self.blockSignals(True)
            self.clear()
            for entry in entries:
                self.addTopLevelItem(QTreeWidgetItem([entry.name]))
            self.blockSignals(False)
        for row, entry in enumerate(entries):
            item = self.topLevelItem(row)
            if item is not None:
                _fill(item, entry)
        if fresh:
            for column in range(len(COLUMNS) - 1):
                self.resizeColumnToContents(column)
                self.setColumnWidth(column, min(self.columnWidth(column), scaled(WIDEST)))
            self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            self.choose(before.name if before else "")
        self.chosen.emit()

    def choose(self, name: str) -> None:
        """Select a schedule; the first one if it isn't in the list."""
        found = self.findItems(name, Qt.MatchFlag.MatchExactly, 0)
        item = found[0] if found else self.topLevelItem(0)
        if item is not None:
            self.setCurrentItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Remove with the Delete key."""
        if event.key() == Qt.Key.Key_Delete and self.current is not None:
            self.remove_pressed.emit()
        else:
            super().keyPressEvent(event)


def moment(seconds: float | None) -> str:
    """Return a moment as the lists of schedules show it; empty for none."""
    if seconds is None:
        return ""
    local = time.localtime(seconds)
    day = QLocale(language()).dayName(local.tm_wday + 1, QLocale.FormatType.ShortFormat)
    return f"{day} {time.strftime('%Y-%m-%d %H:%M', local)}"


def target_title(target: str) -> str:
    """Return the label of a target."""
    if not target:
        return tr("As configured")
    azure = azure_target(target)
    if azure is not None:
        return f"{TITLES[azure[0]]}: {azure[1]}"
    return TITLES.get(target) or tr("Dask: {partition}").format(partition=target.partition(":")[2])


def trigger_text(trigger: Trigger) -> str:
    """Return what starts a schedule, in words."""
    text = trigger.description()
    if not isinstance(trigger, Cron) or language() == "en":
        return in_language(text)
    # The words of a cron line come from a library, in English.
    found = re.fullmatch(r"At ([\d:]+(?:(?:, | and |, and )[\d:]+)*) (every day|on .+)", text)
    days = found and [each for each in re.findall(r"\w+", found[2]) if each not in _SMALL_WORDS]
    if not found or not days or any(in_language(each) == each for each in days[1:]):
        return tr("By the cron line {line}").format(line=trigger.expression)
    times = ", ".join(re.findall(r"[\d:]+", found[1]))
    if found[2] == "every day":
        return tr("Every day at {times}").format(times=times)
    if any(in_language(each) == each for each in days):
        return tr("By the cron line {line}").format(line=trigger.expression)
    shown = (tr(" to ") if "through" in found[2] else ", ").join(map(in_language, days))
    return tr("At {times} on {days}").format(times=times, days=shown)


_SMALL_WORDS = ("on", "and", "through", "every")


def _fill(item: QTreeWidgetItem, entry: Entry) -> None:
    schedule, last = entry.schedule, entry.last
    following = moment(entry.next_due) or tr("When it changes")
    if entry.active:
        following = tr("Running")
    elif entry.paused:
        following = tr("Paused")
    texts = (
        entry.name,
        Path(schedule.file).name.removesuffix(SUFFIX),
        trigger_text(schedule.trigger),
        following,
        f"{in_language(LABELS[last.state])}, {moment(last.due)}" if last else "",
        target_title(schedule.target),
    )
    for column, text in enumerate(texts):
        item.setText(column, text)
        item.setToolTip(column, plain_tooltip(text))
    item.setToolTip(1, plain_tooltip(schedule.file))
    problem = bool(entry.problem)
    item.setIcon(0, theme.icon(*(("warning", "warning") if problem else ("clock", "text_muted"))))
    item.setIcon(4, theme.icon(*ICONS[last.state]) if last else QIcon())
