"""Asks for another id of a node, and shows at once why it isn't valid."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.form import Form
from designer.composed_texts import in_language
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.texts import tr


class NewId(QDialog):
    """The id of a node, to be changed.

    Parameters
    ----------
    node : str
        The id that the node has.
    """

    def __init__(self, pipeline: Pipeline, node: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Change ID"))
        usual_size(self, 420)
        self._pipeline = pipeline
        self._node = node
        self.id = QLineEdit(node)
        self.id.setAccessibleName("ID")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setProperty("role", "error")
        policy = self.message.sizePolicy()
        # So that nothing jumps while a user types.
        policy.setRetainSizeWhenHidden(True)
        self.message.setSizePolicy(policy)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.buttons = dialog_buttons(self)
        self.rename = self.buttons.button(Kind.Ok)
        self.rename.setText(tr("Change ID"))
        form = Form()
        form.setHorizontalSpacing(16)
        form.addRow("ID", self.id)
        form.addRow("", self.message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.id.textChanged.connect(self._check)
        self._check()
        self.id.setFocus()
        self.id.selectAll()

    def text(self) -> str:
        """Return the id that is asked for."""
        return self.id.text().strip()

    def _check(self) -> None:
        message = self._problem()
        self.message.setText(message)
        self.message.setVisible(bool(message))
        self.rename.setEnabled(bool(self.text()) and not message)

    def _problem(self) -> str:
        """Return why the id isn't valid; empty if it is, or while the field is empty."""
        if not self.text():
            return ""
        try:
            edits.rename_node(self._pipeline, self._node, self.text())
        except edits.EditError as error:
            return in_language(str(error))
        return ""
