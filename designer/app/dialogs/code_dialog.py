"""A script in a separate window."""

from __future__ import annotations

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from designer.app.code.code_edit import CodeEdit
from designer.app.dialogs.buttons import dialog_buttons
from designer.app.dialogs.question import Answer, ask
from designer.app.widgets.dialog_size import usual_size
from designer.texts import tr


class CodeDialog(QDialog):
    """Edit a script; Ctrl+Enter applies it."""

    def __init__(
        self,
        title: str,
        language: str,
        text: str,
        *,
        error_line: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        usual_size(self, 860, 640)
        self.code = CodeEdit(language)
        self.code.setAccessibleName(title)
        self.code.setPlainText(text)
        self.code.set_error_line(error_line)
        self._position = QLabel()
        self._position.setProperty("role", "muted")
        self.code.cursorPositionChanged.connect(self._show_position)
        buttons = dialog_buttons(self)
        layout = QVBoxLayout(self)
        layout.addWidget(self.code)
        layout.addWidget(self._position)
        layout.addWidget(buttons)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.accept)
        self.code.setFocus()
        if error_line is not None:
            self.code.go_to_line(error_line)
        self._before = text
        self._show_position()

    def text(self) -> str:
        """Return the script."""
        return self.code.toPlainText()

    def reject(self) -> None:
        """Close without the changes, after a question."""
        if self.text() == self._before:
            super().reject()
        elif self._may_discard():
            # Whoever follows the text follows this, too.
            self.code.setPlainText(self._before)
            super().reject()

    def _may_discard(self) -> bool:
        answer = ask(
            self,
            tr("Discard changes?"),
            tr("The script has changes."),
            {Answer.Discard: "", Answer.Cancel: tr("Keep editing")},
        )
        return answer == Answer.Discard

    def _show_position(self) -> None:
        cursor = self.code.textCursor()
        line, column = cursor.blockNumber() + 1, cursor.positionInBlock() + 1
        self._position.setText(
            tr("Line {line}, column {column}. Ctrl+Enter accepts.").format(line=line, column=column)
        )
