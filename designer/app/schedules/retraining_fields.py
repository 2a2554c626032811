"""The fields that describe how an endpoint is retrained."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QWidget,
)

from designer.app.deployment.fields import FileField
from designer.app.widgets.form import Form
from designer.app.widgets.number_box import DecimalBox
from designer.deployment.problem import ServingError
from designer.pipeline.file import SUFFIX
from designer.retraining.comparison import METRICS
from designer.retraining.loop import Loop
from designer.retraining.staging import read_stages, write_stages
from designer.scheduling.times import read_cron
from designer.texts import tr

STAGES = {
    "All requests at once": "100%",
    "Shadow, then all requests": tr("shadow, 100%"),
    "Shadow, 10%, then all requests": tr("shadow, 10%, 100%"),
    "10%, 50%, then all requests": "10%, 50%, 100%",
}
"""Stages to start from."""


Recording = tuple[float, int, tuple[str, ...]]
"""What is recorded: a share of the requests, for so many days, without these columns."""


@dataclass(frozen=True)
class RetrainedEndpoint:
    """An endpoint of this computer, as far as the dialog shows it.

    Parameters
    ----------
    file : str
        The pipeline that is proposed; may be empty.
    recording : mapping or None
        What it records; None for nothing.
    loop : Loop or None
        How it is retrained now; None if it isn't.
    cron : str
        The times of additional rounds; may be empty.
    """

    name: str
    file: str = ""
    recording: Mapping[str, Any] | None = None
    loop: Loop | None = None
    cron: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What the dialog offers.

    Parameters
    ----------
    datasets : mapping
        The names of the columns by registered dataset.
    """

    endpoints: Sequence[RetrainedEndpoint]
    datasets: Mapping[str, Sequence[str]]
    timezone: str


@dataclass(frozen=True)
class WantedRetraining:
    """What the user wants.

    Parameters
    ----------
    recording : Recording or None
        None if that stays as it is.
    """

    loop: Loop
    cron: str | None
    recording: Recording | None


class RetrainingFields(QTabWidget):
    """Data, comparison, deployment, rolling back, and recording.

    Signals
    -------
    changed
        A field has another value.
    """

    changed = Signal()

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self._around = around
        self.pipeline = FileField(
            tr("Training pipeline"), tr("Pipelines (*{suffix})").format(suffix=SUFFIX)
        )
        self.dataset = _combo(
            tr("New data"),
            {each: tr("Dataset {each}").format(each=each) for each in around.datasets},
        )
        self.cron = _line(tr("Also at"), tr("0 6 * * 1, for every Monday at 6:00"))
        self.label = _combo(tr("Label column"), {})
        self.held = _percent(tr("Held rows"), 1, 90)
        metrics = {"": tr("Accuracy of classes, mean absolute error of numbers")}
        metrics |= {key: each.title for key, each in METRICS.items()}
        self.compared_by = _combo(tr("Metric"), metrics)
        self.margin = _decimal(tr("Margin"), 0, 1e6, 4)
        self.significance = _decimal(tr("Largest p-value"), 0.0001, 1, 4)
        self.group = _combo(tr("No group worse"), {})
        self.approve = QCheckBox(tr("Wait for my approval first"))
        self.preset = _combo(
            tr("Stages"), {**{v: k for k, v in STAGES.items()}, "": tr("Other stages")}
        )
        self.stages = _line(tr("Shares"), tr("shadow, 10%, 100%"))
        self.stage_hours = _decimal(tr("Shortest stage"), 0, 8760, 2, " hours")
        self.stage_requests = _whole(tr("Fewest requests of a stage"), 0, 10_000_000)
        self.register = QCheckBox(tr("Register the models of deployed challengers"))
        self.watch_hours = _decimal(tr("Watched for"), 0, 8760, 2, " hours")
        self.most_errors = _percent(tr("Failed requests"), 0, 100)
        self.most_drift = _decimal(tr("Drift"), 0, 100, 3)
        self.record = _percent(tr("Recorded requests"), 0, 100)
        self.keep_days = _whole(tr("Keep for"), 1, 3650, " days")
        self.leave_out = _line(tr("Leave out"), tr("Columns, separated by commas"))
        self.setDocumentMode(True)
        self._build()
        for field, text in _HELP.items():
            getattr(self, field).setToolTip(text)
        self._connect()

    def show_endpoint(self, chosen: RetrainedEndpoint) -> None:
        """Fill in how an endpoint is retrained, or the defaults."""
        self.blockSignals(True)
        first = next(iter(self._around.datasets), "")
        loop = chosen.loop or Loop(endpoint=chosen.name, pipeline=chosen.file, dataset=first)
        self.pipeline.line.setText(loop.pipeline)
        if self.dataset.findData(loop.dataset) < 0 and loop.dataset:
            self.dataset.addItem(tr("Dataset {dataset}").format(dataset=loop.dataset), loop.dataset)
        self.dataset.setCurrentIndex(self.dataset.findData(loop.dataset))
        self.cron.setText(chosen.cron)
        self._show_columns(loop)
        self.held.setValue(100 * loop.held)
        self.compared_by.setCurrentIndex(self.compared_by.findData(loop.metric or ""))
        self.margin.setValue(loop.margin)
        self.significance.setValue(loop.significance)
        self.approve.setChecked(loop.approve)
        self.stages.setText(write_stages(loop.stages))
        self._show_preset(self.stages.text())
        self.stage_hours.setValue(loop.stage_hours)
        self.stage_requests.setValue(loop.stage_requests)
        self.register.setChecked(loop.register_model)
        self.watch_hours.setValue(loop.watch_hours)
        self.most_errors.setValue(100 * loop.most_errors)
        self.most_drift.setValue(loop.most_drift)
        recording = chosen.recording or {}
        self.record.setValue(100 * recording.get("share", 0))
        self.keep_days.setValue(recording.get("keep_days", 30))
        self.leave_out.setText(", ".join(recording.get("leave_out", ())))
        self.blockSignals(False)

    def read(self, chosen: RetrainedEndpoint) -> WantedRetraining:
        """Return what the fields describe for an endpoint.

        Raises
        ------
        ServingError, ScheduleError
            With the first thing that is wrong.
        """
        if not self.pipeline.text:
            raise ServingError(
                tr("“Training pipeline” is empty."), tr("Choose the pipeline's file.")
            )
        if not self.dataset.currentData():
            raise ServingError(
                tr("No dataset is registered."),
                tr("Register the training data: a new version of it starts a round."),
            )
        cron = self.cron.text().strip()
        if cron:
            read_cron(cron, self._around.timezone)
        try:
            loop = Loop(
                endpoint=chosen.name,
                pipeline=str(self.pipeline.path.absolute()),
                dataset=self.dataset.currentData(),
                metric=self.compared_by.currentData() or None,
                margin=self.margin.value(),
                significance=self.significance.value(),
                group=self.group.currentData() or "",
                label=self.label.currentData() or "",
                held=round(self.held.value() / 100, 6),
                stages=read_stages(self.stages.text()),
                approve=self.approve.isChecked(),
                stage_hours=self.stage_hours.value(),
                stage_requests=self.stage_requests.value(),
                watch_hours=self.watch_hours.value(),
                most_errors=round(self.most_errors.value() / 100, 6),
                most_drift=self.most_drift.value(),
                register_model=self.register.isChecked(),
                created=time.time(),
            )
        except ValidationError as error:
            first = error.errors()[0]
            raise ServingError(
                tr("“{field}” isn't valid: {reason}.").format(
                    field=first["loc"][0], reason=first["msg"]
                )
            ) from None
        return WantedRetraining(loop, cron or None, self._recording(chosen))

    def _build(self) -> None:
        watched = QLabel(tr("The previous version returns by itself beyond these limits:"))
        watched.setWordWrap(True)
        pages: Mapping[str, Sequence[tuple[str, QWidget]]] = {
            "Data": (
                (tr("Training pipeline"), self.pipeline),
                (tr("New data"), self.dataset),
                (tr("Also at"), self.cron),
                (tr("Label column"), self.label),
            ),
            "Comparison": (
                (tr("Held rows"), self.held),
                (tr("Metric"), self.compared_by),
                (tr("Margin"), self.margin),
                (tr("Largest p-value"), self.significance),
                (tr("No group worse"), self.group),
            ),
            "Deployment": (
                ("", self.approve),
                (tr("Stages"), self.preset),
                (tr("Shares"), self.stages),
                (tr("Shortest stage"), self.stage_hours),
                (tr("Fewest requests"), self.stage_requests),
                ("", self.register),
            ),
            "Rolling back": (
                (tr("Watched for"), self.watch_hours),
                ("", watched),
                (tr("Failed requests"), self.most_errors),
                (tr("Drift"), self.most_drift),
            ),
            "Recording": (
                (tr("Recorded requests"), self.record),
                (tr("Keep for"), self.keep_days),
                (tr("Leave out"), self.leave_out),
            ),
        }
        for name, rows in pages.items():
            page = QWidget()
            form = _form(page)
            form.setContentsMargins(4, 14, 4, 4)
            for label, field in rows:
                form.addRow(label, field)
            self.addTab(page, name)

    def _connect(self) -> None:
        self.dataset.currentIndexChanged.connect(lambda _: self._show_columns())
        self.preset.activated.connect(self._take_preset)
        self.stages.textChanged.connect(self._show_preset)
        self.pipeline.changed.connect(self.changed)
        for field in vars(self).values():
            if isinstance(field, QLineEdit):
                field.textChanged.connect(lambda _: self.changed.emit())
            elif isinstance(field, QComboBox):
                field.currentIndexChanged.connect(lambda _: self.changed.emit())
            elif isinstance(field, QCheckBox):
                field.toggled.connect(lambda _: self.changed.emit())
            elif isinstance(field, (DecimalBox, QSpinBox)):
                field.valueChanged.connect(lambda _: self.changed.emit())

    def _show_columns(self, loop: Loop | None = None) -> None:
        """Offer the columns of the chosen dataset; what is chosen stays where it can."""
        names = list(self._around.datasets.get(self.dataset.currentData() or "", ()))
        for combo, none, value in (
            (self.label, tr("What the model predicts"), loop.label if loop else None),
            (self.group, tr("Don't compare groups"), loop.group if loop else None),
        ):
            before = combo.currentData() or "" if value is None else value
            combo.blockSignals(True)
            combo.clear()
            combo.addItem(none, "")
            for name in [*names, *([before] if value and before not in names else [])]:
                combo.addItem(name, name)
            combo.setCurrentIndex(max(0, combo.findData(before)))
            combo.blockSignals(False)

    def _recording(self, chosen: RetrainedEndpoint) -> Recording | None:
        columns = sorted({each.strip() for each in self.leave_out.text().split(",")} - {""})
        wanted = (round(self.record.value() / 100, 6), self.keep_days.value(), tuple(columns))
        before = chosen.recording
        if not before:
            return wanted if wanted[0] else None
        same = (before["share"], before["keep_days"], tuple(sorted(before["leave_out"])))
        return None if wanted == same else wanted

    def _take_preset(self) -> None:
        if text := self.preset.currentData():
            self.stages.setText(text)
        else:
            self.stages.setFocus()
            self.stages.selectAll()

    def _show_preset(self, text: str) -> None:
        plain = ", ".join(part.strip() for part in text.split(","))
        index = self.preset.findData(plain)
        self.preset.setCurrentIndex(index if index >= 0 else self.preset.count() - 1)


_HELP = {
    "cron": tr(
        "Minute, hour, day of the month, month, and day of the week: a round "
        "begins then, whether or not there is new data"
    ),
    "label": tr("The column that is predicted"),
    "held": tr("Rows that no model is trained on; champion and challenger are compared on them"),
    "margin": tr("Improvement that is needed, in the unit of the metric"),
    "significance": tr("Largest p-value of the improvement by a paired test; 1 to ignore it"),
    "group": tr("A challenger that is significantly worse in any group of this column is dropped"),
    "stages": tr("Shares of the requests that a challenger answers, one after the other"),
    "stage_hours": tr("A stage lasts at least this long"),
    "stage_requests": tr("A stage has at least so many requests"),
    "most_errors": tr("Share of failed requests beyond which the previous version returns"),
    "most_drift": tr(
        "Population stability index of inputs and scores: 0.1 is moderate, 0.25 is large"
    ),
    "record": tr(
        "Share of the requests that are recorded with their scores; drift is found in them"
    ),
    "leave_out": tr("Columns that are never recorded"),
}


def _form(page: QWidget | None = None) -> Form:
    form = Form(page) if page is not None else Form()
    form.setVerticalSpacing(10)
    form.setHorizontalSpacing(16)
    return form


def _combo(name: str, choices: Mapping[str, str]) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    for value, text in choices.items():
        combo.addItem(text, value)
    return combo


def _line(name: str, example: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    return field


def _decimal(name: str, low: float, high: float, digits: int, unit: str = "") -> DecimalBox:
    box = DecimalBox()
    box.setAccessibleName(name)
    box.setDecimals(digits)
    box.setRange(low, high)
    box.setSingleStep(1 if high > 100 else 0.01)
    box.setSuffix(unit)
    return box


def _percent(name: str, low: float, high: float) -> DecimalBox:
    box = _decimal(name, low, high, 1, " %")
    box.setSingleStep(5 if high == 90 else 1)
    return box


def _whole(name: str, low: int, high: int, unit: str = "") -> QSpinBox:
    box = QSpinBox()
    box.setAccessibleName(name)
    box.setRange(low, high)
    box.setSuffix(unit)
    return box
