"""The tab “Logs”: the end of the log, followed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.copy_field import CopyButton
from designer.app.deployment.types import EndpointInfo
from designer.app.shell import theme
from designer.app.widgets.direction import as_code
from designer.texts import tr

INTERVAL = 1000


class LogsTab(QWidget):
    """Shows the log of the endpoint that is chosen."""

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._name = ""
        self._in_cloud = False
        self._reading = False
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        as_code(self.text)
        self.text.setPlaceholderText(tr("The log is empty."))
        self.text.setAccessibleName(tr("Log of the endpoint"))
        self.follow = QCheckBox("Auto-scroll")
        self.follow.setChecked(True)
        self.follow.setToolTip(tr("Keep the latest line in view"))
        self.copy = CopyButton(tr("the log"))
        self.again = QPushButton(tr("Refresh"))
        self.again.setIcon(theme.icon("refresh"))
        self.again.setToolTip(tr("Read the log from Azure"))
        self.again.clicked.connect(self._read)
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self._read)
        row = QHBoxLayout()
        row.addWidget(self.follow)
        row.addWidget(self.problem, 1)
        row.addWidget(self.again)
        row.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 12, 0, 12)
        layout.addLayout(row)
        layout.addWidget(self.text, 1)
        self.follow.toggled.connect(self._scroll)

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Show the log of an endpoint."""
        if info.name != self._name:
            self._name = info.name
            self._reading = False
            self.text.setPlainText("")
        self._in_cloud = info.in_cloud
        self.follow.setVisible(not info.in_cloud)
        self.again.setVisible(info.in_cloud)
        if info.in_cloud:
            self._clock.stop()
            self.text.setPlaceholderText(tr("The log is on Azure. Refresh to read it."))
        else:
            self.text.setPlaceholderText(tr("The log is empty."))
            self._read()

    def set_watching(self, watching: bool) -> None:
        """Read the log every second, or stop that; Azure is asked only with the button."""
        if watching and not self._in_cloud:
            self._clock.start()
        else:
            self._clock.stop()

    def _read(self) -> None:
        name = self._name
        if self._reading or not name:
            return
        self._reading = True
        self.again.setEnabled(False)

        def done(text: str) -> None:
            self._reading = False
            self.again.setEnabled(True)
            if name == self._name:
                self.problem.setText("")
                self._show(text)

        def failed(error: BaseException) -> None:
            self._reading = False
            self.again.setEnabled(True)
            if name == self._name:
                self.problem.setText(error_text(error))

        self._background.run(lambda: self._backend.log(name), done, failed)

    def _show(self, text: str) -> None:
        before = self.text.toPlainText()
        if text == before:
            return
        self.copy.set_text(text)
        bar = self.text.verticalScrollBar()
        position = bar.value()
        if before and text.startswith(before):
            self.text.appendPlainText(text[len(before) :].removeprefix("\n"))
        else:
            self.text.setPlainText(text)
        if self.follow.isChecked():
            self._scroll()
        else:
            bar.setValue(position)

    def _scroll(self) -> None:
        if self.follow.isChecked():
            bar = self.text.verticalScrollBar()
            bar.setValue(bar.maximum())
