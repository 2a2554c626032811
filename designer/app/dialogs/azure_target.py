"""Asks where on Azure ML a pipeline runs, and as whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.process import COMMAND, Process
from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.dialogs.file_dialog import ask_path
from designer.app.runs.compute_target import SIGN_INS, Place
from designer.app.widgets.form import Form
from designer.app.widgets.main_thread import Relay


class AzurePlace(QDialog):
    """Workspace, sign-in, experiment and compute target.

    Parameters
    ----------
    place : Place
        What was chosen before; its target stays.
    base : Path
        The folder of the pipeline, where a config.json is looked for.
    name : str
        The pipeline's name, which is the experiment's unless another is typed.
    """

    def __init__(
        self,
        place: Place,
        base: Path,
        name: str,
        parent: QWidget | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Run on {place.title}")
        self.setMinimumWidth(560)
        self._target = place.target
        self._base = base
        self._command = command
        self._relay = Relay(self)
        self._listing: Process | None = None
        self.config = QLineEdit(place.config or _config_near(base))
        self.config.setPlaceholderText("config.json of the workspace")
        self.config.setAccessibleName("Workspace")
        self.config.textChanged.connect(self._check)
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        self.workspace = _wrapped("muted")
        self.sign_in = QComboBox()
        for key, text in SIGN_INS.items():
            self.sign_in.addItem(text, key)
        self.sign_in.setCurrentIndex(list(SIGN_INS).index(place.sign_in))
        self.sign_in.setAccessibleName("Sign in")
        self.experiment = QLineEdit(place.experiment)
        self.experiment.setPlaceholderText(name)
        self.experiment.setAccessibleName("Experiment")
        self.compute = QComboBox()
        self.compute.setEditable(True)
        self.compute.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.compute.setEditText(place.compute)
        self.compute.setAccessibleName("Compute target")
        line = self.compute.lineEdit()
        assert line is not None
        line.setPlaceholderText("Name of a compute target")
        self.list = QPushButton("List")
        self.list.setToolTip("Sign in and list the compute targets of the workspace")
        self.list.clicked.connect(self._list)
        self.told = _wrapped("muted")
        self.buttons = dialog_buttons(self)
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        form.addRow("Workspace", _row(self.config, browse))
        form.addRow("", self.workspace)
        form.addRow("Sign in", self.sign_in)
        form.addRow("Experiment", self.experiment)
        form.addRow("Compute target", _row(self.compute, self.list))
        form.addRow("", self.told)
        note = _wrapped("muted")
        note.show()
        note.setText("You sign in when the pipeline is sent. Nothing of it is stored.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(note)
        layout.addWidget(self.buttons)
        self.finished.connect(lambda _: self._stop())
        self._check()

    def place(self) -> Place:
        """Return what is chosen."""
        return Place(
            self._target,
            self._config_path(),
            str(self.sign_in.currentData()),
            self.experiment.text().strip(),
            self.compute.currentText().strip(),
        )

    def _config_path(self) -> str:
        text = self.config.text().strip()
        return str(self._base / Path(text).expanduser()) if text else ""

    def _check(self) -> None:
        from designer.azure.errors import AzureError
        from designer.azure.workspace import read_config

        text, role, usable = "", "muted", False
        if self._config_path():
            try:
                found = read_config(Path(self._config_path()))
                text, usable = f"{found.name} in {found.resource_group}", True
            except AzureError as error:
                text, role = f"{error.message} {error.hint}", "error"
        else:
            text = "Download config.json from the page of the workspace in the Azure portal."
        _show(self.workspace, text, role)
        self.list.setEnabled(usable)
        self.buttons.button(Kind.Ok).setEnabled(usable)

    def _browse(self) -> None:
        chosen = ask_path(self, start=self._base, suffixes=(".json",))
        if chosen is not None:
            self.config.setText(str(chosen))

    def _list(self) -> None:
        self._stop()
        self.list.setEnabled(False)
        _show(self.told, "Signing in…", "muted")
        found: dict[str, Any] = {}
        post: Callable[[Callable[[], Any]], None] = self._relay.post

        def take(message: Mapping[str, Any]) -> None:
            if "say" in message:
                post(lambda: _show(self.told, str(message["say"]), "muted"))
            else:
                found.update(message)

        self._listing = Process(
            {"do": "computes", "destination": self.place().to_json()},
            take,
            lambda: post(lambda: self._on_listed(found)),
            self._command,
        )

    def _on_listed(self, found: Mapping[str, Any]) -> None:
        self._listing = None
        self.list.setEnabled(True)
        computes = found.get("computes")
        if isinstance(computes, Mapping):
            text = self.compute.currentText()
            self.compute.clear()
            self.compute.addItems([str(name) for name in computes])
            chosen = text if text or not computes else str(next(iter(computes)))
            self.compute.setEditText(chosen)
            count = len(computes)
            words = f"{count} compute target{'' if count == 1 else 's'} found."
            _show(self.told, words if count else "The workspace has no compute target.", "muted")
            return
        error = found.get("error")
        told = error if isinstance(error, Mapping) else {"message": "Listing failed."}
        _show(self.told, f"{told.get('message', '')} {told.get('hint', '')}".strip(), "error")

    def _stop(self) -> None:
        if self._listing is not None:
            self._listing.end()
            self._listing = None


def _config_near(base: Path) -> str:
    for place in (base / "config.json", base / ".azureml" / "config.json"):
        if place.is_file():
            return str(place)
    return ""


def _row(first: QWidget, second: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    row.addWidget(second)
    return row


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", role)
    label.hide()
    return label


def _show(label: QLabel, text: str, role: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)
