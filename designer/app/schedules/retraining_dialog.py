"""Asks how an endpoint is retrained: on what data, what is better, and how it is deployed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from designer.app.background.errors import explained
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.schedules.retraining_fields import (
    RetrainedEndpoint,
    RetrainingFields,
    Surroundings,
    WantedRetraining,
)
from designer.app.schedules.schedule_list import trigger_text
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.deployment.problem import ServingError
from designer.retraining.comparison import METRICS
from designer.retraining.staging import write_stages
from designer.scheduling.errors import ScheduleError
from designer.texts import filled, tr

PAUSE = 300
"""Milliseconds without a change after which what is entered is checked."""


class RetrainingDialog(QDialog):
    """The settings of a retraining loop.

    Parameters
    ----------
    endpoint : str
        The one that is chosen at first; empty for any.

    Signals
    -------
    check_wanted : WantedRetraining
        The fields have changed; :meth:`show_check` shows what is found.
    wanted : WantedRetraining
        The user wants this; :meth:`fail` shows why it can't be.
    """

    check_wanted = Signal(object)
    wanted = Signal(object)

    def __init__(self, around: Surroundings, endpoint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._endpoints = {each.name: each for each in around.endpoints}
        self._checked: WantedRetraining | None = None
        self.setWindowTitle(tr("Retrain an endpoint"))
        usual_size(self, 640)
        self.endpoint = ChoiceBox()
        self.endpoint.setAccessibleName(tr("Endpoint"))
        for name in self._endpoints:
            self.endpoint.addItem(name, name)
        self.fields = RetrainingFields(around)
        self.summary = _text("muted")
        self.summary.setMinimumHeight(self.fontMetrics().lineSpacing() * 3)
        self.problem = _text("error")
        self.buttons = dialog_buttons(self)
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(PAUSE)
        form = Form()
        form.setHorizontalSpacing(16)
        form.addRow(tr("Endpoint"), self.endpoint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.fields, 1)
        layout.addWidget(self.summary)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        if endpoint in self._endpoints:
            self.endpoint.setCurrentIndex(self.endpoint.findData(endpoint))
        self.fields.changed.connect(self._check)
        self.endpoint.currentIndexChanged.connect(lambda _: self._show_endpoint())
        self._clock.timeout.connect(self._ask_for_check)
        self._show_endpoint()

    def accept(self) -> None:
        """Ask for it to be switched on; the dialog stays until it is."""
        try:
            found = self._read()
        except (ServingError, ScheduleError) as error:
            self.fail(explained(error))
            return
        self._clock.stop()
        self._checked = None
        self._show_problem("")
        self._enable(False, tr("Checking…"))
        self.wanted.emit(found)

    def fail(self, text: str) -> None:
        """Show why it can't be switched on."""
        self._show_problem(text)
        self._enable(True)

    def show_check(self, found: WantedRetraining, problem: str, notes: Sequence[str] = ()) -> None:
        """Show what a check has found, unless the fields have changed since."""
        if found is self._checked:
            self._show_problem(problem)
            self._enable(not problem)
            # What isn't recorded yet may be from now on.
            known = notes if found.recording is None else ()
            self.summary.setText(" ".join([_summary(found), *known]))

    @property
    def _chosen(self) -> RetrainedEndpoint:
        found = self._endpoints.get(str(self.endpoint.currentData()))
        return found or RetrainedEndpoint("")

    def _read(self) -> WantedRetraining:
        """Return what the user wants; ServingError or ScheduleError if that isn't possible."""
        if not self._chosen.name:
            raise ServingError(
                tr("There is no endpoint on this computer."), tr("Deploy one first.")
            )
        return self.fields.read(self._chosen)

    def _show_endpoint(self) -> None:
        self.fields.show_endpoint(self._chosen)
        self._check()

    def _check(self) -> None:
        """Show at once what is wrong with a field, and ask for a check of the whole."""
        self._checked = None
        self._clock.stop()
        try:
            found = self._read()
        except (ServingError, ScheduleError) as error:
            self._show_problem(explained(error))
            self._enable(False)
            return
        self._show_problem("")
        self._enable(True)
        self.summary.setText(_summary(found))
        self._clock.start()

    def _ask_for_check(self) -> None:
        self._checked = self._read()
        self.check_wanted.emit(self._checked)

    def _show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.summary.setVisible(not text)

    def _enable(self, enabled: bool, text: str = "") -> None:
        ok = self.buttons.button(Kind.Ok)
        ok.setEnabled(enabled)
        ok.setText(text or (tr("Change") if self._chosen.loop else tr("Switch on")))


def _summary(wanted: WantedRetraining) -> str:
    loop = wanted.loop
    if loop.source:
        when = tr("A round begins when “{data}” has new data").format(data=loop.data_title)
    else:
        when = tr("A round begins when “{dataset}” gets a new version").format(dataset=loop.dataset)
    when += tr(", and at “{cron}”.").format(cron=wanted.cron) if wanted.cron else "."
    if wanted.trigger is not None:
        when += tr(" Also: {trigger}.").format(trigger=trigger_text(wanted.trigger))
    metric = f" ({in_language(METRICS[loop.metric].title)})" if loop.metric else ""
    then = []
    if loop.approve:
        then.append(tr("waits for your approval"))
    if loop.stages != (1.0,):
        then.append(
            tr("is deployed in stages: {write_stages}").format(
                write_stages=write_stages(loop.stages)
            )
        )
    elif not loop.approve:
        then.append(tr("is deployed at once"))
    better = filled(
        tr("A challenger that is better on {held:.0%} of the rows{metric}"),
        held=loop.held,
        metric=metric,
    )
    return f"{when} {better} {tr(' and ').join(then)}."


def _text(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
