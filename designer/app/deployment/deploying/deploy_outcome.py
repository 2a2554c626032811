"""What came of a deployment: address, key and what to know."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from designer.app.deployment.copy_field import CopyField
from designer.app.deployment.types import LOCAL, Deployed, DeployOrder
from designer.app.shell import theme
from designer.app.widgets.form import Form
from designer.deployment.targets import title_of


class DeployOutcome(QWidget):
    """The last page of the dialog."""

    def __init__(self) -> None:
        super().__init__()
        self.headline = QLabel()
        self.headline.setProperty("role", "title")
        self.headline.setWordWrap(True)
        self.headline.setTextFormat(Qt.TextFormat.PlainText)
        self.address = CopyField("the address")
        self.key = CopyField("the key", secret=True)
        self.studio = QPushButton("Open in Azure ML studio")
        self.studio.setIcon(theme.icon("link"))
        self.studio.setAutoDefault(False)
        self.notes = QLabel()
        self.notes.setProperty("role", "muted")
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label = QLabel("Address")
        self._form = Form(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(10)
        self._form.addRow(self.headline)
        self._form.addRow(self._label, self.address)
        self._form.addRow("Key", self.key)
        self._form.addRow("", self.studio)
        self._form.addRow(self.notes)
        self._portal = ""
        self.studio.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._portal)))

    def show_outcome(self, result: Deployed, order: DeployOrder) -> None:
        """Show what came of an order."""
        files = order.folder is not None
        if files:
            self.headline.setText("The files are written.")
        else:
            where = "" if order.target == LOCAL else f" on {title_of(order.target)}"
            self.headline.setText(f"“{result.name}” answers{where}, version {result.version}.")
        self.address.set_text(str(result.folder or "") if files else result.url)
        self._label.setText("Folder" if files else "Address")
        self.key.set_text(result.key)
        self._form.setRowVisible(self.key, bool(result.key))
        self._portal = result.portal
        # Only a page of the web is opened, whatever the service said.
        self._form.setRowVisible(self.studio, result.portal.startswith("https://"))
        self.notes.setText("\n".join(result.notes))
        self._form.setRowVisible(self.notes, bool(result.notes))
