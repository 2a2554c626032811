"""What else begins a round of retraining: a file that changes, a query, drift, another dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.schedules.trigger_fields import KINDS, TriggerFields
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.scheduling.schedule import Trigger
from designer.scheduling.times import write_interval
from designer.scheduling.triggers import DataDrift, FileChange, NewVersion, QueryAnswer
from designer.texts import tr

_BY_CHANGE = ("change", "dataset", "query", "drift")


class OtherTrigger(QWidget):
    """A choice of triggers by change, at first none, with the fields of the chosen one.

    Signals
    -------
    changed
        The trigger may be another one.
    """

    changed = Signal()

    def __init__(self, datasets: Sequence[str], timezone: str) -> None:
        super().__init__()
        self.kind = ChoiceBox()
        self.kind.set_spoken_label(tr("Also"))
        self.kind.addItem(tr("Nothing else begins a round"), "")
        for key in _BY_CHANGE:
            self.kind.addItem(KINDS[key], key)
        self.fields = TriggerFields(datasets, timezone, Path.home())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        layout.addWidget(self.kind)
        layout.addWidget(self.fields)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.fields.changed.connect(self.changed)
        self._show_kind()

    def show_trigger(self, trigger: Trigger | None) -> None:
        """Fill in a trigger; None for no other one."""
        fields = self.fields
        if isinstance(trigger, FileChange):
            fields.path.setText(trigger.path)
            fields.settle.setText(f"{trigger.settle:g}")
        elif isinstance(trigger, NewVersion):
            fields.dataset.setCurrentText(trigger.name)
        elif isinstance(trigger, QueryAnswer):
            fields.connection.setText(trigger.connection)
            fields.password.setText(trigger.password)
            fields.query.setText(trigger.query)
            fields.query_pause.setText(write_interval(trigger.every))
        elif isinstance(trigger, DataDrift):
            fields.current.setText(trigger.current)
            fields.reference.setText(trigger.reference)
            fields.threshold.setText(f"{trigger.threshold:g}")
            fields.drift_pause.setText(write_interval(trigger.every))
        self.kind.setCurrentIndex(max(0, self.kind.findData(trigger.kind if trigger else "")))

    def trigger(self, now: float) -> Trigger | None:
        """Return the trigger that the fields describe; None for no other one.

        Raises
        ------
        ScheduleError
            With the first thing that is wrong.
        """
        return self.fields.trigger(now) if self.kind.currentData() else None

    def _show_kind(self) -> None:
        key = str(self.kind.currentData())
        if key:
            self.fields.kind.setCurrentIndex(self.fields.kind.findData(key))
        self.fields.setVisible(bool(key))
        self.changed.emit()
