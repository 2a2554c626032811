"""The fields that describe when a pipeline runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.file_dialog import ask_path
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fitted_stack import FittedStack
from designer.app.widgets.form import form_page
from designer.app.widgets.numbers import parse_number
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Trigger
from designer.scheduling.times import read_cron, read_interval
from designer.scheduling.triggers import DataDrift, FileChange, NewVersion, QueryAnswer
from designer.texts import filled, tr
from designer.workspace import DATASET_PREFIX

KINDS = {
    "cron": tr("At set times"),
    "every": tr("At an interval"),
    "change": tr("When a file or folder changes"),
    "dataset": tr("When a dataset gets a new version"),
    "query": tr("When the answer of a database changes"),
    "drift": tr("When data drifts"),
}
"""Titles of the triggers."""

PRESETS = {
    tr("Every day at 6:00"): "0 6 * * *",
    tr("Monday to Friday at 6:00"): "0 6 * * 1-5",
    tr("Every Monday at 6:00"): "0 6 * * 1",
    tr("On the first of each month at 6:00"): "0 6 1 * *",
    tr("Every hour"): "0 * * * *",
}
"""Cron lines to start from."""


class TriggerFields(QWidget):
    """A choice of triggers, and the fields of the chosen one.

    Parameters
    ----------
    datasets : sequence of str
        The names of the registered datasets.
    timezone : str
        The time zone that is proposed.
    base : Path
        The folder of the pipeline, where files are looked for.

    Signals
    -------
    changed
        The trigger may be another one.
    """

    changed = Signal()

    def __init__(self, datasets: Sequence[str], timezone: str, base: Path) -> None:
        super().__init__()
        self._base = base
        self.kind = ChoiceBox()
        self.kind.setAccessibleName(tr("Run"))
        for key, title in KINDS.items():
            self.kind.addItem(title, key)
        self.preset = ChoiceBox()
        self.preset.setAccessibleName(tr("Times"))
        for title, line in PRESETS.items():
            self.preset.addItem(title, line)
        self.preset.addItem(tr("Other times"), "")
        self.cron = self._line(tr("Cron line"), "0 6 * * *")
        self.cron.setToolTip(tr("Minute, hour, day of the month, month, and day of the week"))
        self.timezone = self._line(tr("Time zone"), timezone)
        self.every = self._line(tr("Interval"), "2h", tr("30m, 2h, 1d, or 1w"))
        self.path = self._line(tr("File or folder"), "")
        self.settle = self._line(tr("Settled after"), "10")
        self.settle.setToolTip(tr("Seconds without a change after which a file counts as complete"))
        self.dataset = ChoiceBox()
        self.dataset.setAccessibleName(tr("Dataset"))
        self.dataset.addItems(list(datasets))
        self.connection = self._line(tr("Connection"), "", "sqlite:////data/sales.db")
        self.password = self._line(tr("Password"), "", tr("Name of a secret; empty for none"))
        self.query = self._line(tr("Query"), "", "SELECT max(id) FROM sales")
        self.query_pause = self._line(tr("Check every"), "5m")
        self.current = self._line(tr("Current data"), "", tr("File, or dataset:NAME"))
        self.reference = self._line(tr("Reference data"), "", tr("File, or dataset:NAME"))
        self.threshold = self._line(tr("Threshold"), "0.2")
        self.threshold.setToolTip(tr("Population stability index: 0.1 is moderate, 0.25 is large"))
        self.drift_pause = self._line(tr("Check every"), "1h")
        self.stack = FittedStack()
        pages: tuple[Mapping[str, QWidget], ...] = (
            {tr("Times"): self.preset, tr("Cron line"): self.cron, tr("Time zone"): self.timezone},
            {tr("Every"): self.every},
            {
                tr("File or folder"): self._with_browse(self.path, folders=True),
                tr("Settled after"): self.settle,
            },
            {tr("Dataset"): self.dataset},
            {
                tr("Connection"): self.connection,
                tr("Password"): self.password,
                tr("Query"): self.query,
                tr("Check every"): self.query_pause,
            },
            {
                tr("Current data"): self._with_browse(self.current),
                tr("Reference data"): self._with_browse(self.reference),
                tr("Threshold"): self.threshold,
                tr("Check every"): self.drift_pause,
            },
        )
        for rows in pages:
            self.stack.addWidget(form_page(rows))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.preset.activated.connect(self._take_preset)
        self.cron.textChanged.connect(self._show_preset)
        self.dataset.currentIndexChanged.connect(lambda _: self.changed.emit())

    def trigger(self, now: float) -> Trigger:
        """Return the trigger that the fields describe.

        Parameters
        ----------
        now : float
            From when an interval counts.

        Raises
        ------
        ScheduleError
            With the first thing that is wrong.
        """
        makers: Mapping[str, Callable[[], Trigger]] = {
            "cron": lambda: read_cron(self.cron.text(), self.timezone.text().strip()),
            "every": lambda: read_interval(self.every.text(), now),
            "change": self._file_change,
            "dataset": self._dataset,
            "query": self._query_answer,
            "drift": self._drift,
        }
        return makers[str(self.kind.currentData())]()

    def _file_change(self) -> Trigger:
        path = _wanted(self.path, tr("Choose a file or folder."))
        settle = _number(self.settle, 0, 86_400)
        return FileChange(path=str(self._base / Path(path).expanduser()), settle=settle)

    def _dataset(self) -> Trigger:
        if not self.dataset.currentText():
            raise ScheduleError(tr("No dataset is registered."), tr("Register one first."))
        return NewVersion(name=self.dataset.currentText())

    def _query_answer(self) -> Trigger:
        return QueryAnswer(
            connection=_wanted(self.connection, tr("Enter the URL of a database.")),
            password=self.password.text().strip(),
            query=_wanted(self.query, tr("Enter a query whose answer changes with the data.")),
            every=float(read_interval(self.query_pause.text(), 0).seconds),
        )

    def _drift(self) -> Trigger:
        return DataDrift(
            current=self._table(self.current),
            reference=self._table(self.reference),
            threshold=_number(self.threshold, 0, 100),
            every=float(read_interval(self.drift_pause.text(), 0).seconds),
        )

    def _table(self, field: QLineEdit) -> str:
        text = _wanted(field, tr("Choose a file, or enter dataset:NAME."))
        if text.startswith(DATASET_PREFIX):
            return text
        return str(self._base / Path(text).expanduser())

    def _line(self, name: str, text: str, example: str = "") -> QLineEdit:
        field = QLineEdit(text)
        field.setAccessibleName(name)
        field.setPlaceholderText(example)
        field.textChanged.connect(lambda _: self.changed.emit())
        return field

    def _with_browse(self, field: QLineEdit, *, folders: bool = False) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field, 1)
        kinds = {"File…": False, "Folder…": True} if folders else {"Browse…": False}
        for title, is_folder in kinds.items():
            button = QPushButton(title)
            if not folders:
                named = tr("Browse for {title}").format(title=field.accessibleName())
                button.setAccessibleName(named)
            button.clicked.connect(lambda _=False, f=is_folder: self._browse(field, f))
            layout.addWidget(button)
        return row

    def _browse(self, field: QLineEdit, folder: bool) -> None:
        chosen = ask_path(self, start=self._base, folder=folder)
        if chosen is not None:
            field.setText(str(chosen))

    def _show_kind(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self.changed.emit()

    def _take_preset(self) -> None:
        if line := self.preset.currentData():
            self.cron.setText(line)
        else:
            self.cron.setFocus()
            self.cron.selectAll()

    def _show_preset(self, text: str) -> None:
        index = self.preset.findData(" ".join(text.split()))
        self.preset.setCurrentIndex(index if index >= 0 else self.preset.count() - 1)


def _wanted(field: QLineEdit, hint: str) -> str:
    text = field.text().strip()
    if not text:
        raise ScheduleError(
            tr("“{accessibleName}” is empty.").format(accessibleName=field.accessibleName()), hint
        )
    return text


def _number(field: QLineEdit, low: float, high: float) -> float:
    number = parse_number(field.text())
    if not isinstance(number, int | float) or not low <= number <= high:
        raise ScheduleError(
            filled(
                tr("“{accessibleName}” isn't a number from {low:g} to {high:g}."),
                accessibleName=field.accessibleName(),
                low=low,
                high=high,
            ),
            tr("Enter a number."),
        )
    return float(number)
