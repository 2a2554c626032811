"""Asks for the values of the pipeline's parameters before a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.dialogs.pipeline_parameters import read_value, write_value
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.pipeline.model import Pipeline, PipelineParameter
from designer.texts import tr


class RunValues(QDialog):
    """One field for each pipeline parameter.

    Parameters
    ----------
    last : mapping of str to plain JSON
        The values of the run before; those of parameters that are gone are ignored.
    """

    def __init__(
        self, pipeline: Pipeline, last: Mapping[str, Any], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Run with these values"))
        usual_size(self, 420)
        self._parameters = pipeline.parameters
        self.fields: dict[str, QLineEdit | QComboBox] = {}
        form = Form()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(16)
        for parameter in pipeline.parameters.values():
            value = last.get(parameter.name, parameter.default)
            field = _field(parameter, value)
            field.setAccessibleName(parameter.name)
            field.setToolTip(plain_tooltip(parameter.description))
            self.fields[parameter.name] = field
            form.addRow(parameter.description or parameter.name, field)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "error")
        self.message.hide()
        buttons = dialog_buttons(self)
        buttons.button(Kind.Ok).setText(tr("Run"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.message)
        layout.addWidget(buttons)

    def values(self) -> dict[str, Any]:
        """Return the values that differ from the defaults.

        Raises
        ------
        ValueError
            With one sentence, for a text that isn't a value of the parameter's type.
        """
        found = {}
        for name, parameter in self._parameters.items():
            field = self.fields[name]
            text = field.currentText() if isinstance(field, QComboBox) else field.text()
            value = read_value(text, parameter.type, name)
            if value is None and parameter.default is not None:
                continue
            if value != parameter.default:
                found[name] = value
        return found

    def accept(self) -> None:
        """Close if every value is valid; otherwise show what is wrong."""
        try:
            self.values()
        except ValueError as error:
            self.message.setText(str(error))
            self.message.show()
            return
        super().accept()


def _field(parameter: PipelineParameter, value: Any) -> QLineEdit | QComboBox:
    if parameter.type == "boolean":
        box = ChoiceBox()
        box.addItems(["true", "false"])
        box.setCurrentIndex(0 if value is True else 1)
        return box
    line = QLineEdit("" if value is None else write_value(value))
    if parameter.default is not None:
        line.setPlaceholderText(write_value(parameter.default))
    return line
