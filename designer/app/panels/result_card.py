"""The result of a node's last run, in the Properties panel."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.canvas.state import duration
from designer.app.document.labels import without_start
from designer.app.panels.ports.wide_button import WideButton
from designer.app.shell import theme
from designer.composed_texts import in_language
from designer.texts import filled, formatted, tr
from modules.contract.parameter import sentence

STATUS_LABELS = {
    "completed": tr("Completed"),
    "reused": tr("Reused"),
    "failed": tr("Failed"),
    "skipped": tr("Skipped"),
    "cancelled": tr("Canceled"),
    "running": tr("Running"),
    "queued": tr("Waiting"),
}


class ResultCard(QFrame):
    """State, error, and outputs of a node; hidden while there is no result."""

    log_requested = Signal()
    output_requested = Signal(str)
    explained = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.status = _wrapped("heading")
        self.message = _wrapped("error")
        self.hint = _wrapped("muted")
        self.warnings = _wrapped("warning")
        self.log = QPushButton(tr("View log"))
        self.log.clicked.connect(self.log_requested)
        self._outputs = QVBoxLayout()
        self._outputs.setSpacing(4)
        foot = QHBoxLayout()
        self._code = ""
        self.meaning = QPushButton(tr("What this means"))
        self.meaning.setIcon(theme.icon("help"))
        self.meaning.clicked.connect(lambda: self.explained.emit(self._code))
        foot.addWidget(self.log)
        foot.addWidget(self.meaning)
        foot.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for widget in (self.status, self.message, self.hint, self.warnings):
            layout.addWidget(widget)
        layout.addLayout(self._outputs)
        layout.addLayout(foot)
        self.hide()

    def show_result(self, result: Any, stale: bool = False, title: str = "") -> None:
        """Show a ``NodeResult``; None hides the card.

        ``title`` is what is above the card already; no sentence starts with it.
        """
        self.setVisible(result is not None)
        while self._outputs.count():
            item = self._outputs.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        if result is None:
            return
        text = STATUS_LABELS.get(result.status, result.status)
        if result.seconds and result.status in ("completed", "failed"):
            text += tr(" in {duration}").format(duration=duration(result.seconds))
        if stale:
            text += tr("; changed since")
        self.status.setText(text)
        error = result.error or {}
        _set(self.message, without_start(str(error.get("message", "")), title))
        _set(self.hint, str(error.get("hint", "") or result.reason))
        _set(self.warnings, "\n".join(result.warnings))
        self.log.setVisible(result.log is not None)
        self._code = str(error.get("code", ""))
        self.meaning.setVisible(bool(self._code))
        self.meaning.setToolTip(tr("Problem {code}").format(code=self._code))
        for port, output in result.outputs.items():
            size, tip = "", tr("Visualize")
            if output.rows is not None:
                tip = filled(
                    tr("Visualize: {rows:,} rows, {columns:,} columns"),
                    rows=output.rows,
                    columns=output.columns,
                )
                size = f"  {formatted(output.rows)} × {formatted(output.columns)}"
            button = WideButton(in_language(sentence(port)), size)
            button.setIcon(theme.icon("table" if output.rows is not None else "chart"))
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, port=port: self.output_requested.emit(port))
            self._outputs.addWidget(button)
            # It is above the log's button, though it is made later.
            before = self.log.previousInFocusChain()
            if before is not None:
                QWidget.setTabOrder(before, button)


def _wrapped(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setProperty("role", role)
    return label


def _set(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
