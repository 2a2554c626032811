"""Choosing the types of columns that are read: a table of the columns with a live preview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.datasets.data_preview import as_days
from designer.app.dialogs.buttons import dialog_buttons
from designer.app.document.column_labels import kind_label
from designer.app.panels.editor import QuietCombo
from designer.app.views.background import Caller, Task, Tasks
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.text_scale import scaled
from designer.composed_texts import in_language
from designer.engine.preview import Preview, preview
from designer.texts import tr
from modules.contract.columns import KINDS

ROWS = 200
"""Rows that are read."""

_SHOWN = 4
_WIDTHS = {1: 140, 4: 170}
"""Least widths of the columns with lists and buttons."""
_INFERRED = tr("Inferred")
_HEADERS = (tr("Column"), tr("Type"), tr("Read as"), tr("First values"), tr("Read as missing"))
NAME, TYPE, READ_AS, VALUES, WORDS = range(5)


class ColumnTypes(QDialog):
    """Choose the types of columns.

    Parameters
    ----------
    module : str
        The id of the module that reads the data.
    parameters : mapping
        Its parameters in plain JSON, with absolute paths.
    parameter : str
        The name of the one to choose here.
    engine : Caller or None
        What reads; without one a thread of this process.
    at_once : bool
        Read without a click: the module reads nothing but files of the pipeline.
    """

    def __init__(
        self,
        title: str,
        module: str,
        parameters: Mapping[str, Any],
        parameter: str,
        engine: Caller | None,
        *,
        at_once: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        usual_size(self, 760, 520)
        self._module = module
        self._parameters = dict(parameters)
        self._parameter = parameter
        self._types: dict[str, str] = dict(self._parameters.get(parameter) or {})
        self._tasks = Tasks(self, engine)
        self._task: Task | None = None
        self._raw: Preview | None = None
        self.boxes: dict[str, QuietCombo] = {}
        self.keep: dict[str, QPushButton] = {}
        self.message = QLabel(wordWrap=True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "muted")
        self.message.setAccessibleName(tr("Messages about the data"))
        self.start = QPushButton(tr("Read the first rows"))
        self.start.clicked.connect(self._read)
        self.table = QTableWidget(0, len(_HEADERS))
        self.table.setAccessibleName(tr("Columns and their types"))
        self.table.setHorizontalHeaderLabels(list(_HEADERS))
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        # Otherwise Tab would go from cell to cell and never leave the table.
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(VALUES, QHeaderView.ResizeMode.Stretch)
        self.buttons = dialog_buttons(self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.start, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self._rest = QTimer(self, singleShot=True, interval=0)
        self._rest.timeout.connect(self._read)
        for name in self._types:
            self._row(name)
        self._fit()
        if at_once:
            self._read()

    def types(self) -> dict[str, str]:
        """Return the chosen types by column."""
        return dict(self._types)

    def _read(self) -> None:
        self.start.hide()
        if self._raw is None:
            self.message.setText(tr("Reading…"))
        if self._task is not None:
            self._task.drop()
        parameters = {**self._parameters, self._parameter: self._types or None}
        self._task = self._tasks.run(
            preview, self._module, parameters, ROWS, done=self._show, failed=self._fail
        )

    def _fail(self, message: str, hint: str = "") -> None:
        self.message.setText(f"{in_language(message)} {in_language(hint)}".strip())

    def _show(self, found: Preview) -> None:
        if found.error is not None:
            self._fail(str(found.error.get("message", "")), str(found.error.get("hint", "")))
            return
        self.message.setText("\n".join(map(in_language, found.warnings)))
        if self._raw is None:
            # In the order of the data.
            self.table.setRowCount(0)
            self.boxes.clear()
        for at, (name, kind) in enumerate(found.columns):
            row = self._row(name)
            cells = [cells[at] for cells in found.rows]
            self._set(row, READ_AS, kind_label(kind))
            texts = as_days(cells) if kind == "datetime" else cells
            shown = ", ".join("–" if cell is None else cell for cell in texts[:_SHOWN])
            self._set(row, VALUES, shown)
        if self._raw is None:
            self._read_raw(found)
        else:
            self._show_words(found, self._raw)
        self._fit()

    def _read_raw(self, found: Preview) -> None:
        """Read every column as it is in the file, to compare."""
        whole = dict.fromkeys((name for name, _ in found.columns), "string")

        def show(raw: Preview) -> None:
            self._raw = raw
            self._show_words(found, raw)
            self._fit()

        self._task = self._tasks.run(
            preview,
            self._module,
            {**self._parameters, self._parameter: whole},
            ROWS,
            done=show,
            failed=lambda message, hint: None,
        )

    def _show_words(self, found: Preview, raw: Preview) -> None:
        """Show the words that are missing now although the file has them."""
        known = {name: at for at, (name, _) in enumerate(raw.columns)}
        for at, (name, _) in enumerate(found.columns):
            row = self._row(name)
            words: dict[str, int] = {}
            if name in known and len(found.rows) == len(raw.rows):
                for cells, texts in zip(found.rows, raw.rows, strict=True):
                    word = texts[known[name]]
                    if cells[at] is None and word is not None:
                        words[word] = words.get(word, 0) + 1
            text = ", ".join(f"{count} × “{word}”" for word, count in list(words.items())[:2])
            old = self.keep.pop(name, None)
            if old is not None:
                self.table.removeCellWidget(row, WORDS)
            self._set(row, WORDS, "")
            if words and self._types.get(name) is None:
                word = next(iter(words))
                button = QPushButton(
                    tr("Keep “{word}” as text").format(word=word)
                    if len(words) == 1
                    else tr("Keep as text")
                )
                button.setToolTip(
                    plain_tooltip(
                        tr("{text} in the first {number} rows. Read as String.").format(
                            text=text, number=len(found.rows)
                        )
                    )
                )
                button.clicked.connect(lambda _=False, name=name: self._choose(name, "string"))
                self.keep[name] = button
                self.table.setCellWidget(row, WORDS, button)
            elif words:
                self._set(row, WORDS, text)

    def _row(self, name: str) -> int:
        """Return the row of a column, a new one if it has none."""
        if name in self.boxes:
            return list(self.boxes).index(name)
        row = self.table.rowCount()
        self.table.insertRow(row)
        self._set(row, NAME, name)
        box = QuietCombo()
        box.set_spoken_label(tr("Type of {name}").format(name=name))
        box.addItem(_INFERRED, None)
        for kind in KINDS:
            box.addItem(kind_label(kind), kind)
        box.setCurrentIndex(max(box.findData(self._types.get(name)), 0))
        box.activated.connect(lambda _, name=name: self._choose(name, box.currentData()))
        self.boxes[name] = box
        self.table.setCellWidget(row, TYPE, box)
        return row

    def _choose(self, name: str, kind: str | None) -> None:
        if kind is None:
            self._types.pop(name, None)
        else:
            self._types[name] = kind
        box = self.boxes[name]
        box.setCurrentIndex(max(box.findData(kind), 0))
        self._rest.start()

    def _set(self, row: int, column: int, text: str) -> None:
        item = QTableWidgetItem(text)
        item.setToolTip(plain_tooltip(text))
        self.table.setItem(row, column, item)

    def _fit(self) -> None:
        for column in (NAME, TYPE, READ_AS, WORDS):
            self.table.resizeColumnToContents(column)
            width = self.table.columnWidth(column) + 8
            least = scaled(_WIDTHS.get(column, 0))
            self.table.setColumnWidth(column, min(max(width, least), scaled(240)))
        self.table.resizeRowsToContents()
