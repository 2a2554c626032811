"""The log of a node: live while it runs, from its file afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.panels.panel import Panel
from designer.app.shell import theme
from designer.app.widgets.direction import as_code
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.engine.results import NodeResult
from designer.texts import filled, tr

ALL = tr("All modules")
KEPT = 5000
"""Lines that are kept."""

READ = 500_000
"""Bytes of a log file that are shown, from its end."""


class Log(QWidget):
    """Log lines of one node or of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[tuple[str, str]] = deque(maxlen=KEPT)
        self._results: Mapping[str, NodeResult] = {}
        self.which = ChoiceBox()
        self.which.addItem(ALL)
        self.which.setMinimumContentsLength(24)
        self.which.set_spoken_label(tr("Log of"))
        self.which.currentIndexChanged.connect(self._show)
        self.follow = QToolButton()
        self.follow.setIcon(theme.icon("arrow-down"))
        self.follow.setToolTip("Auto-scroll")
        self.follow.setAccessibleName("Auto-scroll")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.path = QLabel()
        self.path.setProperty("role", "muted")
        # A long path doesn't widen the panel.
        self.path.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        as_code(self.text)
        self.text.setMaximumBlockCount(KEPT)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setPlaceholderText(tr("What the steps of a run print appears here."))
        self.text.setAccessibleName(tr("Log of the module"))
        head = QHBoxLayout()
        head.setContentsMargins(8, 6, 8, 6)
        head.addWidget(self.which)
        head.addWidget(self.follow)
        head.addWidget(self.path, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.text)

    def start(self, nodes: Iterable[str]) -> None:
        """Start a new run."""
        self._lines.clear()
        self._results = {}
        self.set_nodes(nodes)
        self._show()

    def set_nodes(self, nodes: Iterable[str]) -> None:
        """Offer the logs of these nodes."""
        names = [ALL, *nodes]
        if names == [self.which.itemText(index) for index in range(self.which.count())]:
            return
        current = self.which.currentText()
        self.which.blockSignals(True)
        self.which.clear()
        self.which.addItems(names)
        self.which.setCurrentIndex(max(0, self.which.findText(current)))
        self.which.blockSignals(False)

    def set_results(self, results: Mapping[str, NodeResult]) -> None:
        """Set where the log files are."""
        self._results = results

    def add(self, lines: Iterable[tuple[str, str, str]]) -> None:
        """Add lines, each with its node and stream."""
        wanted = self.which.currentText()
        shown = []
        for node, text, _ in lines:
            self._lines.append((node, text))
            if wanted == ALL:
                shown.append(f"{node}: {text}" if node else text)
            elif node == wanted:
                shown.append(text)
        if shown:
            self._append("\n".join(shown))

    def show_node(self, node: str) -> None:
        """Show the log of a node."""
        if self.which.findText(node) < 0:
            self.which.addItem(node)
        if self.which.currentText() == node:
            self._show()
        else:
            self.which.setCurrentText(node)

    def _show(self) -> None:
        wanted = self.which.currentText()
        result = self._results.get(wanted)
        self.text.clear()
        self.path.clear()
        if result is not None and result.log is not None:
            self.path.setText(str(result.log))
            self._append(read_end(result.log) or tr("This step printed nothing."))
        elif wanted == ALL:
            self._append("\n".join(f"{n}: {text}" if n else text for n, text in self._lines))
        else:
            self._append("\n".join(text for node, text in self._lines if node == wanted))
            if result is not None and result.status == "reused":
                self.path.setText(tr("The result was reused: the step didn't run."))
        if result is not None and result.error:
            message = f"{result.error.get('message', '')} {result.error.get('hint', '')}"
            self._append(message.strip())

    def _append(self, text: str) -> None:
        if not text:
            return
        bar = self.text.verticalScrollBar()
        position = bar.value()
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(text)
        bar.setValue(bar.maximum() if self.follow.isChecked() else position)


def read_end(path: Path) -> str:
    """Return the end of a log file, or a sentence with the reason why there is none."""
    try:
        with path.open("rb") as stream:
            stream.seek(0, 2)
            size = stream.tell()
            stream.seek(max(0, size - READ))
            content = stream.read(READ)
    except OSError:
        return tr("The log file no longer exists.")
    text = content.decode("utf-8", errors="replace").rstrip("\n")
    return (
        filled(
            tr("… the first {size:,} bytes are in the file\n{text}"), size=size - READ, text=text
        )
        if size > READ
        else text
    )


PANEL = Panel("log", tr("Log"), "below", lambda context: Log())
