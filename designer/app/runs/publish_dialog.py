"""Asks as what a pipeline is published on Azure ML, or when it starts by itself."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.runs.compute_target import Place
from designer.app.widgets.form import Form

ENDPOINT = "endpoint"
WAYS = {
    ENDPOINT: ("When others start it (an endpoint)", "", ""),
    "every": ("Every so often", "1 day", "A number of minutes, hours, days, weeks or months."),
    "cron": (
        "At set times",
        "0 6 * * 1-5",
        "Minute, hour, day, month and day of the week, in UTC: “0 6 * * 1-5” is 6:00 on "
        "working days.",
    ),
    "on_change": (
        "When data changes",
        "incoming/today",
        "A folder of the workspace’s default datastore, which is looked at every 5 minutes.",
    ),
}
"""By way: what it is called, an example, and what is to be written."""


class PublishDialog(QDialog):
    """Name and way.

    Parameters
    ----------
    place : Place
        Where on Azure ML.
    name : str
        The pipeline's name, of which the suggested one is made.
    """

    def __init__(self, place: Place, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = place
        self.setWindowTitle(f"Publish on {place.title}")
        self.setMinimumWidth(520)
        self.way = QComboBox()
        for key, (title, _, _) in WAYS.items():
            self.way.addItem(title, key)
        self.way.setAccessibleName("When it runs")
        self.name = QLineEdit(re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"))
        self.name.setAccessibleName("Name")
        self.when = QLineEdit()
        self.when.setAccessibleName("When")
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.buttons = dialog_buttons(self)
        self.buttons.button(Kind.Ok).setText("Publish")
        self._form = Form()
        self._form.setVerticalSpacing(10)
        self._form.setHorizontalSpacing(16)
        self._form.addRow("It runs", self.way)
        self._form.addRow("When", self.when)
        self._form.addRow("Name", self.name)
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

    def request(self) -> dict[str, Any]:
        """Return what is chosen, as the program that publishes takes it."""
        when = None if self._way == ENDPOINT else asdict(self._schedule())
        return {"endpoint": self.name.text().strip(), "when": when}

    @property
    def _way(self) -> str:
        return str(self.way.currentData())

    def _schedule(self) -> Any:
        from designer.azure.publish.schedule import check_schedule, read_schedule

        when = read_schedule(**{self._way: self.when.text()})
        check_schedule(when, self._place.target)
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
        name = self.name.text().strip()
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{2,31}", name):
            role = "error"
            text = "A name has 3 to 32 letters, digits and dashes, and begins with a letter."
        elif self._way != ENDPOINT:
            try:
                self._schedule()
            except AzureError as error:
                text, role = f"{error.message} {without_options(error.hint)}", "error"
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
