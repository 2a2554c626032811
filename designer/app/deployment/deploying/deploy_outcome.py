"""The result of a deployment: URL, key, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from designer.app.deployment.copy_field import CopyField
from designer.app.deployment.types import LOCAL
from designer.app.shell import theme
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.deployment.targets import title_of
from designer.texts import tr

if TYPE_CHECKING:
    from designer.deployment.target import DeployResult


class DeployOutcome(QWidget):
    """The last page of the dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.headline = QLabel()
        self.headline.setProperty("role", "title")
        self.headline.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.url = CopyField(tr("the URL"))
        self.key = CopyField(tr("the key"), secret=True)
        self.studio = QPushButton(tr("Open in Azure ML studio"))
        self.studio.setIcon(theme.icon("link"))
        self.studio.setAutoDefault(False)
        self.retrain = QPushButton(tr("Retrain by itself…"))
        self.retrain.setIcon(theme.icon("refresh"))
        self.retrain.setToolTip(tr("Deploy better models on new data by themselves"))
        self.retrain.setAutoDefault(False)
        self.notes = QLabel()
        self.notes.setProperty("role", "muted")
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label = QLabel("URL")
        self._form = Form(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(10)
        self._form.addRow(self.headline)
        self._form.addRow(self._label, self.url)
        self._form.addRow(tr("Key"), self.key)
        self._form.addRow("", self.studio)
        self._form.addRow("", self.retrain)
        self._form.addRow(self.notes)
        self._portal = ""
        self.studio.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._portal)))

    def show_deployment(self, result: DeployResult, notes: Sequence[str]) -> None:
        """Show an endpoint that was deployed."""
        where = (
            ""
            if result.target == LOCAL
            else tr(" on {target}").format(target=in_language(title_of(result.target)))
        )
        self.headline.setText(
            tr("“{name}” is running{where}, version {version}.").format(
                name=result.name, where=where, version=result.version
            )
        )
        self._show("URL", result.url, result.key, result.portal, notes)
        self._form.setRowVisible(self.retrain, result.target == LOCAL)

    def show_files(self, folder: Path, notes: Sequence[str]) -> None:
        """Show where the files of a deployment were written."""
        self.headline.setText(tr("The files were written."))
        self._show(tr("Folder"), str(folder), "", "", notes)
        self._form.setRowVisible(self.retrain, False)

    def _show(self, label: str, text: str, key: str, portal: str, notes: Sequence[str]) -> None:
        self._label.setText(label)
        self.url.set_text(text)
        self.key.set_text(key)
        self._form.setRowVisible(self.key, bool(key))
        self._portal = portal
        # Only a web page is opened, whatever the service returned.
        self._form.setRowVisible(self.studio, portal.startswith("https://"))
        self.notes.setText("\n".join(notes))
        self._form.setRowVisible(self.notes, bool(notes))
