"""Editor of the types of columns: a summary, with a button that opens the table of columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy

from designer.app.document.column_labels import kind_label
from designer.app.panels.editor import Context, Editor
from modules.contract import Parameter

_SHOWN = 4


class ColumnTypesEditor(Editor):
    """A summary of the chosen types, with a button that opens the table of the columns."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self._value: Any = None
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.edit = QPushButton("Edit…")
        self.edit.setAccessibleName(f"Edit {parameter.title}")
        self.edit.clicked.connect(self._open)
        self._contain(self.summary, self.edit)
        self.setFocusProxy(self.edit)

    def set_value(self, value: Any) -> None:
        """See base."""
        self._value = value
        types = value if isinstance(value, dict) else {}
        parts = [f"{name}: {kind_label(str(kind))}" for name, kind in types.items()]
        text = ", ".join(parts[:_SHOWN]) + (" …" if len(parts) > _SHOWN else "")
        if value is not None and not isinstance(value, dict):
            text = str(value)
        self.summary.setText(text or "All inferred")
        self.summary.setProperty("role", "" if text else "muted")
        self.summary.style().polish(self.summary)
        self.summary.setToolTip(", ".join(parts))

    def _open(self) -> None:
        from designer.app.dialogs.column_types import ColumnTypes

        data = self.context.data()
        if data is None:
            return
        parameters = {**data.parameters}
        if not isinstance(self._value, dict):
            parameters.pop(self.parameter.name, None)
        dialog = ColumnTypes(
            self.parameter.title,
            data.module,
            parameters,
            self.parameter.name,
            data.reader,
            at_once=data.at_once,
            parent=self.window(),
        )
        if dialog.exec():
            self.edited.emit(dialog.types() or None)
        dialog.deleteLater()
