"""Asks how to publish a pipeline on Azure ML: as an endpoint, or on a schedule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.runs.compute_target import ComputeTarget
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.texts import tr

if TYPE_CHECKING:
    from designer.azure.publish.schedule import Schedule

ENDPOINT = "endpoint"
WAYS = {
    ENDPOINT: (tr("When a client starts it (endpoint)"), "", ""),
    "every": (
        tr("At an interval"),
        "1 day",
        tr("A number of minutes, hours, days, weeks, or months."),
    ),
    "cron": (
        tr("At set times"),
        "0 6 * * 1-5",
        tr(
            "Minute, hour, day, month, and day of the week, in UTC: “0 6 * * 1-5” is "
            "6:00 on weekdays."
        ),
    ),
    "on_change": (
        tr("When data changes"),
        "incoming/today",
        tr("A folder in the workspace's default datastore, which is checked every 5 minutes."),
    ),
}
"""By key: the label, an example, and what to enter."""


class PublishDialog(QDialog):
    """Name, and when it runs.

    Parameters
    ----------
    target : ComputeTarget
        One on Azure ML.
    name : str
        The pipeline's name, of which the suggested one is made.
    """

    def __init__(self, target: ComputeTarget, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._target = target
        self.setWindowTitle(tr("Publish on {title}").format(title=target.title))
        usual_size(self, 520)
        self.way = ChoiceBox()
        for key, (title, _, _) in WAYS.items():
            self.way.addItem(title, key)
        self.way.setAccessibleName(tr("Run"))
        self.name = QLineEdit(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"))
        self.name.setAccessibleName(tr("Name"))
        self.when = QLineEdit()
        self.when.setAccessibleName(tr("When"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.buttons = dialog_buttons(self)
        self.buttons.button(Kind.Ok).setText(tr("Publish"))
        self._form = Form()
        self._form.setVerticalSpacing(10)
        self._form.setHorizontalSpacing(16)
        self._form.addRow(tr("Run"), self.way)
        self._form.addRow(tr("When"), self.when)
        self._form.addRow(tr("Name"), self.name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(self._form)
        layout.addWidget(self.note)
        layout.addWidget(self.buttons)
        self.way.currentIndexChanged.connect(self._show_way)
        self.when.textChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self._show_way()

    @property
    def endpoint(self) -> str:
        """The name of the endpoint or schedule."""
        return self.name.text().strip()

    @property
    def schedule(self) -> Schedule | None:
        """When the pipeline runs; None for an endpoint."""
        return None if self._way == ENDPOINT else self._schedule()

    @property
    def _way(self) -> str:
        return str(self.way.currentData())

    def _schedule(self) -> Schedule:
        from designer.azure.publish.schedule import check_schedule, read_schedule

        when = read_schedule(**{self._way: self.when.text()})
        check_schedule(when, self._target.target)
        return when

    def _show_way(self) -> None:
        _, example, _ = WAYS[self._way]
        self._form.setRowVisible(self.when, self._way != ENDPOINT)
        self.when.setText(example)
        self._check()
        self.adjustSize()

    def _check(self) -> None:
        from designer.azure.errors import AzureError

        text, role = WAYS[self._way][2], "muted"
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{2,31}", self.endpoint):
            role = "error"
            text = tr("Use 3 to 32 letters, digits, and hyphens, starting with a letter.")
        elif self._way != ENDPOINT:
            try:
                self._schedule()
            except AzureError as error:
                text, role = (
                    f"{in_language(error.message)} {in_language(without_options(error.hint))}",
                    "error",
                )
        self.note.setText(text)
        self.note.setVisible(bool(text))
        self.note.setProperty("role", role)
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)
        self.buttons.button(Kind.Ok).setEnabled(role != "error")


def without_options(hint: str) -> str:
    """Return a hint without the options of the command line in it."""
    plain = re.sub(r"\s*\(--[^)]*\)", "", hint)
    return "" if "--" in plain else plain
