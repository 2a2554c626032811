"""Installs the libraries that a module needs, with progress."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QProcess, QProcessEnvironment, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.shell.motion import set_length
from designer.app.widgets.dialog_size import usual_size
from designer.composed_texts import in_language
from designer.extras import Installation, environment
from designer.texts import tr

GRACE = 2_000
"""Milliseconds between asking the installer to end and ending it by force."""


class InstallDialog(QDialog):
    """Asks, installs in a separate process, and shows why that failed.

    Accepted once everything is installed.

    Parameters
    ----------
    title : str
        Of the module.
    requirements : sequence of str
        What to install.
    """

    def __init__(
        self, title: str, requirements: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Install libraries"))
        usual_size(self, 460)
        self._requirements = tuple(requirements)
        self._installation: Installation | None = None
        self._cancelled = False
        self._rest = ""
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)
        listed = ", ".join(requirements)
        self.text = QLabel(
            tr(
                "{title} needs {listed}, to be installed into the Python of ModelDesk "
                "from your package index; libraries that are installed already keep "
                "their versions."
            ).format(title=title, listed=listed)
        )
        self.text.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.buttons = dialog_buttons(self)
        self.install: QPushButton = self.buttons.button(Kind.Ok)
        self.install.setText(tr("Install"))
        self.cancel: QPushButton = self.buttons.button(Kind.Cancel)
        self.buttons.accepted.disconnect()
        self.buttons.accepted.connect(self.start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        for widget in (self.text, self.bar, self.message, self.buttons):
            layout.addWidget(widget)

    @property
    def running(self) -> bool:
        """Whether an installation is in progress."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def start(self) -> None:
        """Start the installation."""
        try:
            self._installation = Installation(self._requirements)
        except RuntimeError as error:
            self._show(in_language(str(error)), "error")
            return
        self._cancelled, self._rest = False, ""
        self.install.setEnabled(False)
        set_length(self.bar, 0)
        self.bar.show()
        self._show(tr("Starting…"), "muted")
        variables = QProcessEnvironment()
        for name, value in environment().items():
            variables.insert(name, value)
        self._process.setProcessEnvironment(variables)
        program, *arguments = self._installation.command
        self._process.start(program, arguments)

    def reject(self) -> None:
        """Cancel the installation; if there is none, close."""
        if not self.running:
            self._close()
            super().reject()
            return
        self._cancelled = True
        self._show(tr("Canceling…"), "muted")
        self._process.terminate()
        QTimer.singleShot(GRACE, self._process, self._process.kill)

    def _read(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        *lines, self._rest = (self._rest + text).replace("\r", "\n").split("\n")
        for line in lines:
            progress = self._installation.read(line) if self._installation else None
            if progress is None or self._cancelled:
                continue
            self._show(in_language(progress.text), "muted")
            set_length(self.bar, 0 if progress.share is None else 1_000)
            if progress.share is not None:
                self.bar.setValue(round(progress.share * 1_000))

    def _on_finished(self, status: int) -> None:
        if self._installation is None:
            return
        self._read()
        problem = self._installation.problem(status or int(self._failed()))
        self._close()
        self.bar.hide()
        self.install.setEnabled(True)
        if self._cancelled:
            super().reject()
        elif problem:
            self.install.setText(tr("Try again"))
            self.install.setFocus()
            self._show(problem, "error")
        else:
            self.accept()

    def _failed(self) -> bool:
        return self._process.exitStatus() != QProcess.ExitStatus.NormalExit

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._close()
            self.bar.hide()
            self.install.setEnabled(True)
            self._show(
                tr("The installer can't be started: {reason}.").format(
                    reason=self._process.errorString()
                ),
                "error",
            )

    def _close(self) -> None:
        if self._installation is not None:
            self._installation.close()
            self._installation = None

    def _show(self, text: str, role: str) -> None:
        self.message.setText(text)
        if self.message.property("role") != role:
            self.message.setProperty("role", role)
            self.message.style().unpolish(self.message)
            self.message.style().polish(self.message)
