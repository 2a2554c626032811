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
from designer.app.schedules.fields import combo, decimal, form, line, percent, whole
from designer.app.schedules.other_trigger import OtherTrigger
from designer.app.widgets.fields.number_box import DecimalBox
from designer.composed_texts import in_language
from designer.deployment.problem import ServingError
from designer.pipeline.file import SUFFIX
from designer.retraining.comparison import METRICS
from designer.retraining.loop import Loop
from designer.retraining.sources import own_dataset, source_named
from designer.retraining.staging import read_stages, write_stages
from designer.scheduling.schedule import Trigger
from designer.scheduling.times import read_cron, read_interval, write_interval
from designer.texts import tr

STAGES = {
    tr("All requests at once"): "100%",
    tr("Shadow, then all requests"): tr("shadow, 100%"),
    tr("Shadow, 10%, then all requests"): tr("shadow, 10%, 100%"),
    tr("10%, 50%, then all requests"): "10%, 50%, 100%",
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
    trigger : Trigger or None
        What else begins rounds.
    """

    name: str
    file: str = ""
    recording: Mapping[str, Any] | None = None
    loop: Loop | None = None
    cron: str = ""
    trigger: Trigger | None = None


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
    trigger: Trigger | None
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
        self._own = ""
        self.pipeline = FileField(
            tr("Training pipeline"), tr("Pipelines (*{suffix})").format(suffix=SUFFIX)
        )
        self.dataset = combo(
            tr("New data"),
            {each: tr("Dataset {each}").format(each=each) for each in around.datasets},
        )
        self.source = FileField(tr("Or a file or step"), tr("All files (*)"))
        self.source.line.setPlaceholderText(
            tr("A file that it reads, or a step, such as import_data")
        )
        self.read_every = line(tr("Read every"), tr("1d, for a step only"))
        self.also = OtherTrigger(list(around.datasets), around.timezone)
        self.cron = line(tr("Also at"), tr("0 6 * * 1, for every Monday at 6:00"))
        self.label = combo(tr("Label column"), {})
        self.held = percent(tr("Held rows"), 1, 90)
        metrics = {"": tr("Accuracy of classes, mean absolute error of numbers")}
        metrics |= {key: in_language(each.title) for key, each in METRICS.items()}
        self.compared_by = combo(tr("Metric"), metrics)
        self.margin = decimal(tr("Margin"), 0, 1e6, 4)
        self.significance = decimal(tr("Largest p-value"), 0.0001, 1, 4)
        self.group = combo(tr("No group worse"), {})
        self.approve = QCheckBox(tr("Wait for my approval first"))
        self.preset = combo(
            tr("Stages"), {**{v: k for k, v in STAGES.items()}, "": tr("Other stages")}
        )
        self.stages = line(tr("Shares"), tr("shadow, 10%, 100%"))
        self.stage_hours = decimal(tr("Shortest stage"), 0, 8760, 2, " hours")
        self.stage_requests = whole(tr("Fewest requests of a stage"), 0, 10_000_000)
        self.register = QCheckBox(tr("Register the models of deployed challengers"))
        self.watch_hours = decimal(tr("Watched for"), 0, 8760, 2, " hours")
        self.most_errors = percent(tr("Failed requests"), 0, 100)
        self.most_drift = decimal(tr("Drift"), 0, 100, 3)
        self.record = percent(tr("Recorded requests"), 0, 100)
        self.keep_days = whole(tr("Keep for"), 1, 3650, " days")
        self.leave_out = line(tr("Leave out"), tr("Columns, separated by commas"))
        self.setDocumentMode(True)
        self._build()
        for field, text in _HELP.items():
            getattr(self, field).setToolTip(text)
        self._connect()

    def show_endpoint(self, chosen: RetrainedEndpoint) -> None:
        """Fill in how an endpoint is retrained, or the defaults."""
        self.blockSignals(True)
        self._own = own_dataset(chosen.name)
        first = next(iter(self._around.datasets), "")
        loop = chosen.loop or Loop(endpoint=chosen.name, pipeline=chosen.file, dataset=first)
        self.pipeline.line.setText(loop.pipeline)
        if self.dataset.findData(loop.dataset) < 0 and loop.dataset and not loop.source:
            self.dataset.addItem(tr("Dataset {dataset}").format(dataset=loop.dataset), loop.dataset)
        self.dataset.setCurrentIndex(max(0, self.dataset.findData(loop.dataset)))
        self.source.line.setText(loop.step or loop.source)
        self.read_every.setText(write_interval(loop.read_hours * 3600))
        self.also.show_trigger(chosen.trigger)
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
        source = source_named(self.source.text, self.pipeline.path.absolute().parent)
        dataset = own_dataset(chosen.name) if source else self.dataset.currentData()
        if not dataset:
            raise ServingError(
                tr("No dataset is registered."),
                tr("Register the training data: a new version of it starts a round."),
            )
        every = read_interval(self.read_every.text(), 0).seconds
        cron = self.cron.text().strip()
        if cron:
            read_cron(cron, self._around.timezone)
        try:
            loop = Loop(
                endpoint=chosen.name,
                pipeline=str(self.pipeline.path.absolute()),
                dataset=dataset,
                source=source,
                read_hours=every / 3600,
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
        also = self.also.trigger(time.time())
        return WantedRetraining(loop, cron or None, also, self._recording(chosen))

    def _build(self) -> None:
        watched = QLabel(tr("The previous version returns by itself beyond these limits:"))
        watched.setWordWrap(True)
        pages: Mapping[str, Sequence[tuple[str, QWidget]]] = {
            tr("Data"): (
                (tr("Training pipeline"), self.pipeline),
                (tr("New data"), self.dataset),
                (tr("Or a file or step"), self.source),
                (tr("Read every"), self.read_every),
                (tr("Label column"), self.label),
            ),
            tr("Rounds"): (
                (tr("Also at"), self.cron),
                (tr("Also"), self.also),
            ),
            tr("Comparison"): (
                (tr("Held rows"), self.held),
                (tr("Metric"), self.compared_by),
                (tr("Margin"), self.margin),
                (tr("Largest p-value"), self.significance),
                (tr("No group worse"), self.group),
            ),
            tr("Deployment"): (
                ("", self.approve),
                (tr("Stages"), self.preset),
                (tr("Shares"), self.stages),
                (tr("Shortest stage"), self.stage_hours),
                (tr("Fewest requests"), self.stage_requests),
                ("", self.register),
            ),
            tr("Rolling back"): (
                (tr("Watched for"), self.watch_hours),
                ("", watched),
                (tr("Failed requests"), self.most_errors),
                (tr("Drift"), self.most_drift),
            ),
            tr("Recording"): (
                (tr("Recorded requests"), self.record),
                (tr("Keep for"), self.keep_days),
                (tr("Leave out"), self.leave_out),
            ),
        }
        for name, rows in pages.items():
            page = QWidget()
            layout = form(page)
            layout.setContentsMargins(4, 14, 4, 4)
            for label, field in rows:
                layout.addRow(label, field)
            self.addTab(page, name)

    def _connect(self) -> None:
        self.dataset.currentIndexChanged.connect(lambda _: self._show_columns())
        self.source.changed.connect(self._show_columns)
        self.preset.activated.connect(self._take_preset)
        self.stages.textChanged.connect(self._show_preset)
        for each in (self.pipeline, self.source, self.also):
            each.changed.connect(self.changed)
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
        dataset = self._own if self.source.text else self.dataset.currentData() or ""
        names = list(self._around.datasets.get(dataset, ()))
        for choice, none, value in (
            (self.label, tr("What the model predicts"), loop.label if loop else None),
            (self.group, tr("Don't compare groups"), loop.group if loop else None),
        ):
            before = choice.currentData() or "" if value is None else value
            choice.blockSignals(True)
            choice.clear()
            choice.addItem(none, "")
            for name in [*names, *([before] if value and before not in names else [])]:
                choice.addItem(name, name)
            choice.setCurrentIndex(max(0, choice.findData(before)))
            choice.blockSignals(False)

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
    "source": tr(
        "Its content becomes a version of a dataset whenever it changes, and a round begins"
    ),
    "read_every": tr("How often a step looks for new data: 30m, 2h, 1d, or 1w"),
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
