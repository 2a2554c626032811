"""The editor of a script: program text, with a larger window for it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout

from designer.app import theme
from designer.app.panels.code_edit import CodeEdit
from designer.app.panels.editor import Context, Editor
from modules.contract import Parameter, Script


class ScriptEditor(Editor):
    """Program text, with a button that opens it in a larger window."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        assert isinstance(parameter.marker, Script)
        self.code = CodeEdit(parameter.marker.language)
        self.code.setFixedHeight(190)
        self.code.textChanged.connect(self._on_edited)
        self.code.setAccessibleName(parameter.title)
        self.larger = QPushButton("Edit in a larger window…")
        self.larger.setIcon(theme.icon("edit"))
        self.larger.clicked.connect(self._open)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.code)
        layout.addWidget(self.larger, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.code)

    def set_value(self, value: Any) -> None:
        """See base."""
        text = value if isinstance(value, str) else ""
        if self.code.toPlainText() != text:
            with QSignalBlocker(self.code):
                self.code.setPlainText(text)

    def _on_edited(self) -> None:
        self.edited.emit(self.code.toPlainText())

    def _open(self) -> None:
        from designer.app.dialogs.code_dialog import CodeDialog

        dialog = CodeDialog(
            self.parameter.title,
            self.code.language,
            self.code.toPlainText(),
            error_line=self.code.error_line,
            parent=self.window(),
        )
        if dialog.exec():
            self.set_value(dialog.text())
            self._on_edited()
