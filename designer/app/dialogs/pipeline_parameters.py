"""The parameters of the pipeline: values that nodes share and that a run can set."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.shell import theme
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.numbers import number_hint, parse_number, write_number
from designer.pipeline import edits
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.texts import tr

TYPES = ("text", "number", "integer", "boolean")
BEFORE = Qt.ItemDataRole.UserRole


class PipelineParameters(QDialog):
    """A table of pipeline parameters; :meth:`apply` is the edit that makes it true."""

    def __init__(self, pipeline: Pipeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Pipeline parameters"))
        usual_size(self, 720, 380)
        self._pipeline = pipeline
        self._removed: list[str] = []
        note = QLabel(
            tr(
                "A module's parameter is bound from its menu in the Properties panel.\n"
                "On the command line: designer run FILE --param NAME=VALUE"
            )
        )
        note.setWordWrap(True)
        note.setProperty("role", "muted")
        self.table = QTableWidget(0, 4)
        keep_directions(self.table)
        self.table.setHorizontalHeaderLabels(
            [tr("Name"), tr("Type"), tr("Default"), tr("Description")]
        )
        self.table.setAccessibleName(tr("Pipeline parameters"))
        # Otherwise Tab would go from cell to cell and never leave the table.
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        fit_columns(header, (160, 130, 130))
        self.add = QPushButton(tr("Add parameter"))
        self.add.setIcon(theme.icon("add"))
        self.add.clicked.connect(self._add_new)
        self.remove = QPushButton(tr("Remove"))
        self.remove.setIcon(theme.icon("delete"))
        self.remove.clicked.connect(self._remove)
        self.message = QLabel()
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.hide()
        buttons = dialog_buttons(self)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addWidget(self.remove)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        for widget in (note, self.table):
            layout.addWidget(widget)
        layout.addLayout(row)
        layout.addWidget(self.message)
        layout.addWidget(buttons)
        for parameter in pipeline.parameters.values():
            self._add(parameter, parameter.name)
        self.table.itemChanged.connect(self._on_item)

    def apply(self, pipeline: Pipeline) -> Pipeline:
        """Return a pipeline with the parameters of the table.

        Raises
        ------
        EditError
            For a name that is taken or can't be one.
        """
        for name in self._removed:
            if name in pipeline.parameters:
                pipeline = edits.remove_parameter(pipeline, name)
        for row in range(self.table.rowCount()):
            before = self._item(row, 0).data(BEFORE)
            parameter = self._parameter(row, pipeline.parameters.get(before))
            if before is None:
                pipeline = edits.add_parameter(pipeline, parameter)
            else:
                pipeline = edits.set_pipeline_parameter(pipeline, before, parameter)
        return pipeline

    def accept(self) -> None:
        """Close if every row is valid; otherwise show what is wrong."""
        try:
            self.apply(self._pipeline)
        except (edits.EditError, ValueError) as error:
            self.message.setText(str(error))
            self.message.show()
            return
        super().accept()

    def _add_new(self) -> None:
        taken = {self._item(row, 0).text() for row in range(self.table.rowCount())}
        name, number = "parameter", 2
        while name in taken:
            name, number = f"parameter_{number}", number + 1
        self._add(PipelineParameter(name), None)
        self.table.editItem(self._item(self.table.rowCount() - 1, 0))

    def _add(self, parameter: PipelineParameter, before: str | None) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        name = QTableWidgetItem(parameter.name)
        name.setData(BEFORE, before)
        self.table.setItem(row, 0, name)
        kind = ChoiceBox()
        kind.addItems(TYPES)
        kind.setCurrentText(parameter.type)
        self.table.setCellWidget(row, 1, kind)
        shown = "" if parameter.default is None else write_value(parameter.default)
        self.table.setItem(row, 2, QTableWidgetItem(shown))
        self.table.setItem(row, 3, QTableWidgetItem(parameter.description))
        self._on_item(name)

    def _on_item(self, item: QTableWidgetItem) -> None:
        """Name the box of types after the parameter, for screen readers."""
        box = self.table.cellWidget(item.row(), 1)
        if item.column() == 0 and isinstance(box, ChoiceBox):
            box.set_spoken_label(tr("Type of {name}").format(name=item.text()))

    def _remove(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        for row in sorted(rows, reverse=True):
            before = self._item(row, 0).data(BEFORE)
            if before is not None:
                self._removed.append(before)
            self.table.removeRow(row)

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        assert item is not None
        return item

    def _parameter(self, row: int, before: PipelineParameter | None) -> PipelineParameter:
        name = self._item(row, 0).text().strip()
        kind = self.table.cellWidget(row, 1)
        assert isinstance(kind, QComboBox)
        default = read_value(self._item(row, 2).text(), kind.currentText(), name)
        description = self._item(row, 3).text()
        extra = before.extra if before is not None else {}
        return PipelineParameter(name, kind.currentText(), default, description, extra)


def write_value(value: Any) -> str:
    """Write a value so that :func:`read_value` reads it back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return write_number(value)


def read_value(text: str, kind: str, name: str) -> Any:
    """Read a value of a type of pipeline parameters; empty is None, except for a text.

    Raises
    ------
    ValueError
        With one sentence that names the parameter.
    """
    if kind == "text":
        return text
    text = text.strip()
    if not text:
        return None
    if kind == "boolean":
        if text.lower() in ("true", "yes", "1", "false", "no", "0"):
            return text.lower() in ("true", "yes", "1")
        raise ValueError(f"{name}: “{text}” isn't true or false.")
    whole = kind == "integer"
    number = parse_number(text, whole=whole)
    if isinstance(number, str) or (whole and not isinstance(number, int)):
        wanted = tr("an integer") if whole else tr("a number")
        hint = "" if whole else number_hint(text)
        raise ValueError(f"{name}: “{text}” isn't {wanted}. {hint}".strip())
    return number
