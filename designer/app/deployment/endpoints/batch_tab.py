"""The tab “Score file”: scores every row of a table."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import Cancelled, Killed, error_text
from designer.app.background.job import Job
from designer.app.deployment.backend import Backend
from designer.app.deployment.fields import FileField, repolish
from designer.app.deployment.types import EndpointInfo, Interface
from designer.app.shell import theme
from designer.app.shell.motion import set_length
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.app.widgets.scrolling import TallArea
from designer.texts import filled, ngettext, tr

if TYPE_CHECKING:
    from designer.deployment.batch.batch import Batch

TABLES = tr("Tables (*.csv *.tsv *.parquet *.arff *.jsonl *.xlsx);;All files (*)")
SCORES = tr("CSV (*.csv);;Parquet (*.parquet);;Tab-separated (*.tsv);;JSON lines (*.jsonl)")

KEPT_EXTENSIONS = (".csv", ".tsv", ".parquet", ".jsonl")
"""Formats that the scores of a file have too; others become CSV."""

BAD_ROWS = {
    "keep": tr("Keep, with the reason"),
    "leave-out": tr("Leave out"),
    "refuse": tr("Stop, and write no file"),
}
"""What to do with rows that can't be scored."""


class BatchTab(QWidget):
    """Scores a file with the version of the chosen endpoint, which doesn't need to run."""

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._info: EndpointInfo | None = None
        self._shown: tuple[str, int] | None = None
        self._serial = 0
        self._job: Job[Batch] | None = None
        self._folder: Path | None = None
        self.sources: dict[str, FileField] = {}
        """The field of each input."""
        self.target = FileField(tr("File for the scores"), SCORES, save=True)
        self.bad_rows = ChoiceBox()
        self.bad_rows.setAccessibleName(tr("Rows that can't be scored"))
        self.bad_rows.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for choice, title in BAD_ROWS.items():
            self.bad_rows.addItem(title, choice)
        self.start = QPushButton(tr("Score file"))
        self.start.setIcon(theme.icon("run", "on_accent"))
        self.start.setProperty("primary", True)
        self.cancel = QPushButton(tr("Cancel"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open_folder = QPushButton(tr("Open folder"))
        self.open_folder.setIcon(theme.icon("open"))
        # Outside of dialogs, only such a button accepts Enter in Qt; it looks like the main one.
        self.start.setAutoDefault(True)
        for button in (self.cancel, self.open_folder):
            for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                shortcut = QShortcut(QKeySequence(key), button, button.click)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._build()
        self.target.changed.connect(self._update)
        self.target.line.returnPressed.connect(self.start.click)
        self.start.clicked.connect(self.score)
        self.cancel.clicked.connect(self._on_cancel)
        self.open_folder.clicked.connect(self._on_open_folder)
        self._set_inputs(("input1",))

    def show_endpoint(self, info: EndpointInfo) -> None:
        """Score with this endpoint's version from now on."""
        self._info = info
        self._update()
        if self._shown == (info.name, info.version):
            return
        self._shown = (info.name, info.version)
        self._serial += 1
        serial, name = self._serial, info.name

        def done(interface: Interface) -> None:
            if serial == self._serial and self._job is None:
                self._set_inputs(tuple(interface.inputs))

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self._shown = None
                self._show_message(error_text(error), "error")

        self._background.run(lambda: self._backend.interface(name), done, failed)

    def score(self) -> None:
        """Score the file."""
        info = self._info
        if info is None or self._job is not None:
            return
        target, bad_rows = self.target.path, str(self.bad_rows.currentData())
        sources = {name: field.path for name, field in self.sources.items()}

        def on_progress(rows: int, of: int) -> None:
            self._background.post(lambda: self._on_progress(job, rows, of))

        def done(scored: Batch) -> None:
            self._folder = target.absolute().parent
            self._end(self.open_folder)
            self._show_message(
                in_sentences(scored, bad_rows), "warning" if scored.bad_rows else "success"
            )

        def failed(error: BaseException) -> None:
            self._end(self.start)
            if isinstance(error, (Cancelled, Killed)):
                self._show_message(tr("Canceled; no file was written."), "muted")
            else:
                self._show_message(error_text(error), "error")

        job = self._job = self._backend.score_file(
            info.name, sources, target, bad_rows, on_progress
        )
        set_length(self.progress, 0)
        self._folder = None
        self._show_message(tr("Reading the file…"), "muted")
        self._update()
        self.cancel.setFocus()
        self._background.follow(job, done, failed)

    def _build(self) -> None:
        note = QLabel(
            tr(
                "Use the column names that the model was trained with. Other columns, "
                "such as an ID, are kept."
            )
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self._form = Form()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        self._form.addRow(tr("Score file"), self.target)
        self._form.addRow(tr("Rows that can't be scored"), self.bad_rows)
        row = QHBoxLayout()
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        row.addWidget(self.progress, 1)
        row.addStretch()
        end = QHBoxLayout()
        end.addWidget(self.text, 1)
        end.addWidget(self.open_folder, 0, Qt.AlignmentFlag.AlignTop)
        content = QVBoxLayout()
        content.setSpacing(12)
        content.addWidget(note)
        content.addLayout(self._form)
        content.addLayout(row)
        content.addLayout(end)
        content.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 14, 0, 12)
        layout.addWidget(TallArea(content))

    def _set_inputs(self, names: tuple[str, ...]) -> None:
        """Ask for one file for each input."""
        if tuple(self.sources) == names:
            return
        for field in self.sources.values():
            self._form.removeRow(field)
        self.sources = {}
        for row, name in enumerate(names):
            title = (
                tr("File with rows")
                if len(names) == 1
                else tr("Rows of “{name}”").format(name=name)
            )
            field = FileField(title, TABLES)
            field.changed.connect(self._suggest)
            field.line.returnPressed.connect(self.start.click)
            self.sources[name] = field
            self._form.insertRow(row, title, field)
        order = [*self.sources.values(), self.target, self.bad_rows, self.start, self.cancel]
        lines: list[QWidget] = []
        for widget in order:
            lines += [widget.line, widget.browse] if isinstance(widget, FileField) else [widget]
        self.setFocusProxy(lines[0])
        for before, after in itertools.pairwise(lines):
            self.setTabOrder(before, after)
        # Rows of several inputs belong together, so none of them can be left out.
        several = len(names) > 1
        if several:
            self.bad_rows.setCurrentIndex(self.bad_rows.findData("refuse"))
        self.bad_rows.setEnabled(not several)
        self._update()

    def _on_progress(self, job: Job[Batch], rows: int, of: int) -> None:
        if self._job is not job:
            return
        # Progress within the first part isn't known.
        set_length(self.progress, max(of, 1) if rows else 0)
        self.progress.setValue(rows)
        text = (
            filled(tr("{rows:,} of {of:,} rows"), rows=rows, of=of)
            if rows < of
            else tr("Writing the scores")
        )
        self._show_message(text if rows else filled(tr("Scoring {of:,} rows…"), of=of), "muted")

    def _on_cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._show_message(tr("Canceling…"), "muted")

    def _on_open_folder(self) -> None:
        if self._folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def _end(self, following: QWidget) -> None:
        """Enable the fields again; the focus moves from “Cancel” to the next button."""
        self._job = None
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        # Hiding it moves its focus.
        focused = self.cancel.hasFocus()
        self._update()
        if focused:
            following.setFocus()

    def _suggest(self) -> None:
        source = next(iter(self.sources.values())).path
        if source.name:
            suffix = source.suffix.lower() if source.suffix.lower() in KEPT_EXTENSIONS else ".csv"
            self.target.set_path(source.with_name(f"{source.stem}_scored{suffix}"))
        self._update()

    def _update(self) -> None:
        busy = self._job is not None
        fields = (*self.sources.values(), self.target)
        whole = all(field.text for field in fields)
        self.start.setEnabled(whole and not busy and self._info is not None)
        for field in fields:
            field.setEnabled(not busy)
        self.bad_rows.setEnabled(not busy and len(self.sources) < 2)
        self.cancel.setVisible(busy)
        self.progress.setVisible(busy)
        self.open_folder.setVisible(self._folder is not None and not busy)

    def _show_message(self, text: str, role: str) -> None:
        self.text.setText(text)
        self.text.setProperty("role", role)
        repolish(self.text)


def in_sentences(scored: Batch, bad_rows: str) -> str:
    """Return the result of scoring a file, for the user.

    Parameters
    ----------
    bad_rows : str
        A key of :data:`BAD_ROWS`.
    """
    files = tr(" and ").join(f"“{file}”" for file in scored.files.values())
    good = scored.rows - scored.bad_rows if bad_rows == "keep" else scored.rows
    text = tr("{rows} scored and written to {files}.").format(rows=_rows(good), files=files)
    if scored.bad_rows:
        kept = tr("see the last column") if bad_rows == "keep" else tr("left out")
        text += tr(" {rows} couldn't be scored: {kept}.").format(
            rows=_rows(scored.bad_rows), kept=kept
        )
    return text


def _rows(count: int) -> str:
    return filled(ngettext("{count:,} row", "{count:,} rows", count), count=count)
