"""The first rows of the data that the selected node would read, as its options change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.views.background import Caller, Task, Tasks
from designer.app.widgets.direction import keep_directions
from designer.composed_texts import in_language
from designer.engine.preview import Preview, preview
from designer.texts import tr
from modules.contract import DataTable, Effects, ModuleSpec
from modules.contract.port_type import PortValue

QUIET = 300
"""Milliseconds without a change before the data is read again."""

_MOST_COLUMNS = 100
_FITS = 16
"""Letters that a column shows whatever they are."""

_MIDNIGHT = " 00:00:00"


def has_preview(spec: ModuleSpec) -> bool:
    """Return whether a module imports data and may run while a user edits."""
    return (
        not spec.inputs
        and spec.effects == Effects.NONE
        and bool(spec.outputs)
        and _is_table(spec.outputs[0].types)
    )


class DataPreview(QWidget):
    """A small table under the parameters, read by a worker.

    Parameters
    ----------
    engine : Caller or None
        What reads; without one a thread of this process.
    """

    def __init__(self, engine: Caller | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = Tasks(self, engine)
        self._task: Task | None = None
        self._wanted: tuple[str, dict[str, Any]] | None = None
        self._message = QLabel(wordWrap=True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setProperty("role", "muted")
        self._table = QTableWidget()
        keep_directions(self._table)
        self._table.setAccessibleName(tr("First rows of the data"))
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Otherwise Tab would go from cell to cell and never leave the table.
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(QLabel(tr("First rows")))
        layout.addWidget(self._message)
        layout.addWidget(self._table)
        self._rest = QTimer(self, singleShot=True, interval=QUIET)
        self._rest.timeout.connect(self._read)
        self._show_message(tr("Reading…"))

    def show_data(self, module: str, parameters: Mapping[str, Any]) -> None:
        """Show the output of a module with these parameters, in plain JSON with absolute paths."""
        wanted = (module, dict(parameters))
        if wanted != self._wanted:
            self._wanted = wanted
            self._rest.start()

    def show_closed(self) -> None:
        """Show that the user hasn't agreed to read the data."""
        self._wanted = None
        self._rest.stop()
        if self._task is not None:
            self._task.drop()
            self._task = None
        self._show_message(
            tr("The file is outside of the pipeline's folder."),
            tr("To read it, choose “Allow code and external data” in the Pipeline menu."),
        )

    def _read(self) -> None:
        if self._wanted is None:
            return
        if self._task is not None:
            self._task.drop()
        self._task = self._tasks.run(
            preview, *self._wanted, done=self._show, failed=self._show_message
        )

    def _show(self, found: Preview) -> None:
        if found.error is not None:
            self._show_message(
                str(found.error.get("message", "")), str(found.error.get("hint", ""))
            )
            return
        columns = found.columns[:_MOST_COLUMNS]
        muted = QColor(theme.current().text_muted)
        self._table.clear()
        self._table.setColumnCount(len(columns))
        self._table.setRowCount(len(found.rows))
        self._table.setHorizontalHeaderLabels([name for name, _ in columns])
        for at, (name, kind) in enumerate(columns):
            header = self._table.horizontalHeaderItem(at)
            if header is not None:
                header.setToolTip(formatting.plain_tooltip(f"{name} ({kind})"))
            texts = [cells[at] for cells in found.rows]
            for row, text in enumerate(as_days(texts) if kind == "datetime" else texts):
                item = QTableWidgetItem("–" if text is None else text)
                if text is None:
                    item.setForeground(muted)
                elif len(text) > _FITS:
                    item.setToolTip(formatting.tooltip(text))
                if kind in ("integer", "number"):
                    item.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self._table.setItem(row, at, item)
        self._table.resizeColumnsToContents()
        for at, (_, kind) in enumerate(columns):
            # A time that is cut lacks what matters: its zone.
            if kind != "datetime":
                self._table.setColumnWidth(at, min(self._table.columnWidth(at), 160))
        self._fit_height(len(found.rows))
        self._message.setText("\n".join(found.warnings))
        self._message.setVisible(bool(found.warnings))
        self._table.show()

    def _fit_height(self, rows: int) -> None:
        header = self._table.horizontalHeader().sizeHint().height()
        bar = self._table.horizontalScrollBar().sizeHint().height()
        row = self._table.rowHeight(0) if rows else 0
        self._table.setFixedHeight(header + rows * row + bar + 4)

    def _show_message(self, message: str, hint: str = "") -> None:
        self._message.setText(f"{in_language(message)} {in_language(hint)}".strip())
        self._message.show()
        self._table.hide()


def as_days(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Return times as days where none of them has a time of day."""
    if all(text is None or text.endswith(_MIDNIGHT) for text in texts):
        return [text and text.removesuffix(_MIDNIGHT) for text in texts]
    return texts


def _is_table(types: tuple[type[PortValue], ...]) -> bool:
    return DataTable in types
