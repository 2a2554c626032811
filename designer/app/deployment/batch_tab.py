"""The tab “Score a file”: every row of a table gets its scores."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.deployment.backend import Backend, EndpointInfo
from designer.app.deployment.background import Background
from designer.app.deployment.problem import in_words

FILTER = "Tables (*.csv *.tsv *.parquet *.arff *.jsonl *.xlsx);;All files (*)"


class BatchTab(QWidget):
    """Scores a file with the version that the chosen endpoint has; it need not run."""

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._info: EndpointInfo | None = None
        self._stop: threading.Event | None = None
        self.source = QLineEdit()
        self.source.setAccessibleName("File with rows")
        self.target = QLineEdit()
        self.target.setAccessibleName("File for the scores")
        self.start = QPushButton("Score the file")
        self.start.setIcon(theme.icon("run", "on_accent"))
        self.start.setProperty("primary", True)
        self.cancel = QPushButton("Cancel")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        note = QLabel(
            "The columns need the names that the model was trained with. A row that can't be "
            "scored stays in place, with the reason beside it."
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("File with rows", _with_button(self.source, self._browse_source))
        form.addRow("Scores go to", _with_button(self.target, self._browse_target))
        row = QHBoxLayout()
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        row.addWidget(self.progress, 1)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 12)
        layout.setSpacing(12)
        layout.addWidget(note)
        layout.addLayout(form)
        layout.addLayout(row)
        layout.addWidget(self.text)
        layout.addStretch()
        self.source.textChanged.connect(self._suggest)
        self.target.textChanged.connect(self._update)
        self.start.clicked.connect(self.score)
        self.cancel.clicked.connect(self._on_cancel)
        self._update()

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Score with this endpoint's version from now on."""
        self._info = info
        self._update()

    def score(self) -> None:
        """Score the file."""
        info = self._info
        if info is None or self._stop is not None:
            return
        source, target = Path(self.source.text().strip()), Path(self.target.text().strip())
        if not source.is_file():
            self._say(f"There is no file “{source}”.", "error")
            return
        if target.absolute() == source.absolute():
            self._say("The scores would take the place of the file itself.", "error")
            return
        self._stop = stop = threading.Event()
        closing = self._background.stopping
        self.progress.setRange(0, 0)
        self._say("Reading the file…", "muted")
        self._update()
        name, post = info.name, self._background.post

        def on_progress(rows: int, of: int) -> None:
            if closing.is_set():
                stop.set()
            post(lambda: self._on_progress(stop, rows, of))

        def work() -> tuple[int, int]:
            return self._backend.score_file(
                name, source, target, on_progress, _Either(stop, closing)
            )

        def done(counts: tuple[int, int]) -> None:
            self._end(stop)
            scored, refused = counts
            text = f"{scored:,} rows are scored; they are in “{target}”."
            if refused:
                text += f" {refused:,} rows could not be scored; the last column says why."
            self._say(text, "warning" if refused else "success")

        def failed(error: BaseException) -> None:
            self._end(stop)
            self._say(in_words(error), "muted" if stop.is_set() else "error")

        self._background.run(work, done, failed)

    def _on_progress(self, stop: threading.Event, rows: int, of: int) -> None:
        if self._stop is stop:
            self.progress.setRange(0, max(of, 1))
            self.progress.setValue(rows)
            self._say(f"{rows:,} of {of:,} rows", "muted")

    def _on_cancel(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _end(self, stop: threading.Event) -> None:
        if self._stop is stop:
            self._stop = None
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        self._update()

    def _suggest(self) -> None:
        source = Path(self.source.text().strip())
        if source.name:
            self.target.setText(str(source.with_name(f"{source.stem}_scored.csv")))
        self._update()

    def _update(self) -> None:
        busy = self._stop is not None
        both = bool(self.source.text().strip() and self.target.text().strip())
        self.start.setEnabled(both and not busy and self._info is not None)
        self.cancel.setVisible(busy)
        self.progress.setVisible(busy)

    def _say(self, text: str, role: str) -> None:
        self.text.setText(text)
        self.text.setProperty("role", role)
        self.text.style().unpolish(self.text)
        self.text.style().polish(self.text)

    def _browse_source(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "File with rows", self.source.text() or str(Path.home()), FILTER
        )
        if chosen:
            self.source.setText(chosen)

    def _browse_target(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "File for the scores", self.target.text(), "CSV (*.csv)"
        )
        if chosen:
            self.target.setText(chosen)


class _Either(threading.Event):
    """Is set when one of two events is."""

    def __init__(self, one: threading.Event, other: threading.Event) -> None:
        super().__init__()
        self._one, self._other = one, other

    def is_set(self) -> bool:
        return self._one.is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        self._one.wait(timeout)
        return self.is_set()


def _with_button(line: QLineEdit, function: Callable[[], None]) -> QWidget:
    browse = QPushButton("Browse…")
    browse.clicked.connect(lambda _=False: function())
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line, 1)
    row.addWidget(browse)
    return whole
