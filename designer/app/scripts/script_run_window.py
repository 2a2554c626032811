"""Shows a run of a script: its output as it comes, its status, metrics, and outputs."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QProcess, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.views import formatting
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import as_code, keep_directions
from designer.app.widgets.fields.choosing import open_selected
from designer.engine.logs import HEAD, TAIL
from designer.texts import filled, tr

_LINES = 20_000
_STATUS = {"completed": tr("Completed"), "failed": tr("Failed"), "cancelled": tr("Canceled")}
_PATH = Qt.ItemDataRole.UserRole


class ScriptRunWindow(QDialog):
    """A run of a script, in progress or finished.

    Signals
    -------
    ended
        The script has ended, and its run is recorded.
    """

    ended = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Script run: {name}").format(name=name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        usual_size(self, 820, 560)
        self.status = QLabel(tr("Starting…"))
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setWordWrap(True)
        self.status.setAccessibleName(tr("Status"))
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(_LINES)
        self.log.setAccessibleName(tr("Output of the script"))
        self.log.setPlaceholderText(tr("The script hasn't printed anything."))
        as_code(self.log)
        self.results = QTreeWidget()
        keep_directions(self.results)
        self.results.setHeaderLabels([tr("Metric or output"), tr("Value")])
        self.results.setRootIsDecorated(False)
        self.results.setAccessibleName(tr("Metrics and outputs"))
        self.results.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.results.setMaximumHeight(160)
        self.results.itemActivated.connect(_open_item)
        open_selected(self.results, lambda index: _open_item(self.results.itemFromIndex(index), 0))
        self.results.hide()
        self.buttons = dialog_buttons(self, QDialogButtonBox.StandardButton.Close)
        self.cancel = self.buttons.addButton(
            tr("Cancel run"), QDialogButtonBox.ButtonRole.ActionRole
        )
        self.cancel.clicked.connect(self.interrupt)
        self.cancel.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(self.status)
        layout.addWidget(self.log, 1)
        layout.addWidget(self.results)
        layout.addWidget(self.buttons)
        self._process: QProcess | None = None
        self._output = b""
        self._rest = b""

    def start(self, configuration: Path, workspace: Path) -> None:
        """Run a configuration in a separate process."""
        self._process = QProcess(self)
        self._process.readyReadStandardError.connect(self._on_log)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.finished.connect(lambda *_: self._on_finished())
        self._process.errorOccurred.connect(self._on_error)
        self._process.setProgram(sys.executable)
        words = ["-m", "designer", "script", "run", str(configuration), "--json"]
        self._process.setArguments([*words, "--workspace", str(workspace)])
        self._process.start()
        self.status.setText(tr("Running…"))
        self.cancel.show()

    @property
    def running(self) -> bool:
        """Whether the script is still running."""
        return (
            self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning
        )

    def show_record(self, record: Mapping[str, Any]) -> None:
        """Show a run that has finished."""
        step = _step(record)
        if step.get("log"):
            self.log.setPlainText(_read(Path(step["log"])))
        self._show_result(record)

    def interrupt(self) -> None:
        """Interrupt the script as Ctrl+C does; it can save what it has."""
        if self._process is None or not self.running:
            return
        self.status.setText(tr("Canceling…"))
        self.cancel.setEnabled(False)
        if os.name == "posix":
            os.kill(self._process.processId(), signal.SIGINT)
        else:
            self._process.kill()

    def finish(self, milliseconds: int) -> None:
        """Interrupt the script and wait for its end; end it by force after that."""
        if self._process is not None and self.running:
            self._process.finished.disconnect()
            self.interrupt()
            if not self._process.waitForFinished(milliseconds):
                self._process.kill()
                self._process.waitForFinished(milliseconds)

    def reject(self) -> None:
        """Close; a script in progress keeps running, and its run is recorded."""
        if self.running:
            self.hide()
        else:
            super().reject()

    def _on_log(self) -> None:
        assert self._process is not None
        content = self._rest + bytes(self._process.readAllStandardError().data())
        *lines, self._rest = content.split(b"\n")
        for line in lines:
            self.log.appendPlainText(line.decode("utf-8", "replace").rstrip("\r"))

    def _on_output(self) -> None:
        assert self._process is not None
        self._output += bytes(self._process.readAllStandardOutput().data())

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.status.setText(tr("Python can't be started. Check the installation."))
            self.cancel.hide()
            self.ended.emit()

    def _on_finished(self) -> None:
        self._on_log()
        self._on_output()
        if self._rest:
            self.log.appendPlainText(self._rest.decode("utf-8", "replace"))
        self.cancel.hide()
        try:
            found = json.loads(self._output)
        except ValueError:
            found = {"error": {"message": tr("The script's process ended without a result.")}}
        if "error" in found:
            error = found["error"]
            self.status.setText(f"{error.get('message', '')} {error.get('hint', '')}".strip())
        else:
            self._show_result(found)
        self.ended.emit()
        if not self.isVisible():
            self.close()

    def _show_result(self, record: Mapping[str, Any]) -> None:
        status = _STATUS.get(str(record["status"]), str(record["status"]))
        text = filled(
            tr("{status} in {float:.1f} s"), status=status, float=float(record["seconds"])
        )
        step = _step(record)
        error = step.get("error")
        if error:
            text = f"{text}. {error.get('message', '')} {error.get('hint', '')}".strip()
        self.status.setText(text)
        self.results.clear()
        for metrics in record.get("metrics", {}).values():
            for name, value in metrics.items():
                shown = "undefined" if value is None else formatting.number(value, 6)
                self.results.addTopLevelItem(QTreeWidgetItem([name, shown]))
        for name, output in step.get("outputs", {}).items():
            item = QTreeWidgetItem([name, str(output["path"])])
            item.setData(0, _PATH, str(Path(output["path"]) / "files"))
            item.setToolTip(1, tr("Press Enter or double-click to open the folder"))
            self.results.addTopLevelItem(item)
        self.results.setVisible(self.results.topLevelItemCount() > 0)


def _step(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the only step of a run of a script."""
    steps: Mapping[str, Mapping[str, Any]] = record.get("nodes", {})
    return next(iter(steps.values()), {})


def _open_item(item: QTreeWidgetItem, _: int) -> None:
    path = item.data(0, _PATH)
    if path:
        QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _read(log: Path) -> str:
    """Return the beginning and the end of a log."""
    try:
        with log.open("rb") as file:
            head = file.read(HEAD)
            size = log.stat().st_size
            file.seek(max(len(head), size - TAIL))
            tail = file.read()
    except OSError as error:
        return tr("The log can't be read: {reason}.").format(reason=error.strerror)
    gap = b"\n...\n" if size > len(head) + len(tail) else b""
    return (head + gap + tail).decode("utf-8", "replace").rstrip("\n")
