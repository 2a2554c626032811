"""Asks when a pipeline is to run by itself, with what, and where."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.errors import explained
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.runs.compute_target import ComputeTarget
from designer.app.schedules.schedule_list import moment, target_title, trigger_text
from designer.app.schedules.trigger_fields import TriggerFields
from designer.app.widgets.dialog_size import fit, usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.app.widgets.scrolling import TallArea
from designer.composed_texts import in_language
from designer.pipeline.model import Pipeline
from designer.scheduling.delivery import Notification
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import (
    UNATTENDED_SIGN_INS,
    Missed,
    Schedule,
    check_schedule,
    free_name,
)
from designer.scheduling.times import Cron, Interval
from designer.texts import tr

MISSED: dict[Missed, str] = {
    "once": tr("Run once as soon as possible"),
    "skip": tr("Wait for the next time"),
}

UPCOMING = 5
YEAR = 366 * 86_400.0


@dataclass(frozen=True)
class Surroundings:
    """What the dialog offers.

    Parameters
    ----------
    names : sequence of str
        The names of the schedules that there are.
    datasets : sequence of str
        The names of the registered datasets.
    timezone : str
        This computer's time zone.
    """

    names: Sequence[str]
    datasets: Sequence[str]
    notifications: Sequence[Notification]
    timezone: str
    compute_target: ComputeTarget


class ScheduleDialog(QDialog):
    """Name, trigger, values, target, and notifications of a schedule.

    Parameters
    ----------
    file : Path
        The pipeline's file.

    Signals
    -------
    wanted : Schedule
        The user wants this one; :meth:`fail` shows why it can't be made.
    """

    wanted = Signal(object)

    def __init__(
        self, file: Path, pipeline: Pipeline, around: Surroundings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._file = file
        self._around = around
        self.setWindowTitle(tr("Schedule this pipeline"))
        usual_size(self, 620)
        self.name = QLineEdit(free_name(file, around.names))
        self.name.setAccessibleName(tr("Name"))
        self.trigger = TriggerFields(around.datasets, around.timezone, file.parent)
        self.preview = _text()
        self.missed = ChoiceBox()
        self.missed.setAccessibleName(tr("Missed times"))
        for key, title in MISSED.items():
            self.missed.addItem(title, key)
        self.target = ChoiceBox()
        self.target.setAccessibleName(tr("Runs on"))
        for each in self._targets():
            self.target.addItem(target_title(each), each)
        self.values: dict[str, QLineEdit] = {}
        self.usual = QCheckBox(_usual(around.notifications))
        self.usual.setChecked(True)
        self.channels = {each.name: QCheckBox(each.name) for each in around.notifications}
        self.error = _text("error")
        self.error.hide()
        self.buttons = dialog_buttons(self)
        self.buttons.button(Kind.Ok).setText(tr("Schedule pipeline"))
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Run"), self.trigger.kind)
        form.addRow("", self.trigger)
        form.addRow("", self.preview)
        form.addRow(tr("After missed times"), self.missed)
        form.addRow(tr("Runs on"), self.target)
        for parameter in pipeline.parameters.values():
            field = QLineEdit()
            field.setAccessibleName(parameter.name)
            default = parameter.default
            field.setPlaceholderText("" if default is None else f"{default} (default)")
            self.values[parameter.name] = field
            form.addRow(parameter.description or parameter.name, field)
        form.addRow(tr("Notify"), self._notify_row())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addWidget(TallArea(form), 1)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)
        self.trigger.changed.connect(self._check)
        self.name.textChanged.connect(self._check)
        self.target.currentIndexChanged.connect(lambda _: self._check())
        self.usual.toggled.connect(self._show_channels)
        self._show_channels()
        self._check()
        self.trigger.kind.setFocus()

    def accept(self) -> None:
        """Ask for the schedule to be made; the dialog stays until it is."""
        try:
            schedule = self._schedule()
        except ScheduleError as error:
            self.fail(explained(error))
            return
        self.error.hide()
        self.buttons.button(Kind.Ok).setEnabled(False)
        self.buttons.button(Kind.Ok).setText(tr("Checking…"))
        self.wanted.emit(schedule)

    def fail(self, text: str) -> None:
        """Show why the schedule can't be made."""
        self.error.setText(text)
        self.error.show()
        self.buttons.button(Kind.Ok).setText(tr("Schedule pipeline"))
        self.buttons.button(Kind.Ok).setEnabled(True)

    def _schedule(self) -> Schedule:
        chosen = tuple(name for name, box in self.channels.items() if box.isChecked())
        target = self._around.compute_target
        schedule = Schedule(
            name=self.name.text().strip(),
            file=str(self._file),
            trigger=self.trigger.trigger(time.time()),
            parameters=tuple(
                f"{name}={field.text().strip()}"
                for name, field in self.values.items()
                if field.text().strip()
            ),
            target=str(self.target.currentData()),
            sign_in=(
                target.sign_in if target.sign_in in UNATTENDED_SIGN_INS else UNATTENDED_SIGN_INS[0]
            ),
            config=target.config,
            missed=self.missed.currentData(),
            notify=None if self.usual.isChecked() else chosen,
            created=time.time(),
        )
        check_schedule(schedule)
        return schedule

    def _targets(self) -> list[str]:
        """Return this computer, and the pipeline's target on Azure ML if it has one."""
        azure = self._around.compute_target
        if azure.is_local or not azure.compute:
            return ["local"]
        return ["local", f"{azure.target}:{azure.compute}"]

    def _notify_row(self) -> QWidget:
        row = QWidget()
        layout = QVBoxLayout(row)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.usual)
        line = QHBoxLayout()
        for box in self.channels.values():
            line.addWidget(box)
        line.addStretch()
        layout.addLayout(line)
        return row

    def _show_channels(self) -> None:
        for box in self.channels.values():
            box.setVisible(not self.usual.isChecked())

    def _check(self) -> None:
        """Show when the pipeline runs, or what is wrong."""
        self.error.hide()
        try:
            trigger = self._schedule().trigger
        except ScheduleError as error:
            text, role = explained(error), "error"
        else:
            text, role = f"{trigger_text(trigger)}.", "muted"
            if isinstance(trigger, Cron | Interval):
                now = time.time()
                times = "\n".join(map(moment, trigger.upcoming(now, UPCOMING)))
                notes = " ".join(map(in_language, trigger.clock_changes(now, now + YEAR)))
                following = tr("Next:")
                if isinstance(trigger, Cron) and trigger.timezone != self._around.timezone:
                    following = tr("Next on this computer's clock:")
                text = f"{text} {following}\n{times}" + (f"\n{notes}" if notes else "")
        self.preview.setText(text)
        self.preview.setProperty("role", role)
        self.preview.style().unpolish(self.preview)
        self.preview.style().polish(self.preview)
        self.buttons.button(Kind.Ok).setEnabled(role != "error")
        # Once the fields of the trigger are laid out.
        QTimer.singleShot(0, self, partial(fit, self))


def _usual(notifications: Sequence[Notification]) -> str:
    names = [each.name for each in notifications if each.default]
    return tr("The default notifications: {names}").format(names=", ".join(names) or tr("none yet"))


def _text(role: str = "muted") -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
