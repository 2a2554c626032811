"""Asks for the name and kind of a user's new module."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QVBoxLayout, QWidget

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.form import Form
from designer.app.widgets.sentence_case import in_sentence
from designer.composed_texts import in_language
from designer.skeletons import KINDS, SkeletonError, module_id
from designer.texts import tr


class NewModule(QDialog):
    """The name and kind of a new module.

    Parameters
    ----------
    known : mapping
        The modules that exist, by id.
    """

    def __init__(self, known: Mapping[str, object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("New module"))
        usual_size(self, 460)
        self._known = known
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Cap Values"))
        self.name.setAccessibleName(tr("Name"))
        self.kind = ChoiceBox()
        self.kind.setAccessibleName(tr("Kind"))
        for kind, text in KINDS.items():
            about = in_sentence(in_language(text).removesuffix("."))
            self.kind.addItem(f"{in_language(kind.capitalize())}: {about}", kind)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setMinimumHeight(2 * self.message.fontMetrics().lineSpacing())
        self.buttons = dialog_buttons(self)
        self.create_button = self.buttons.button(Kind.Ok)
        self.create_button.setText(tr("Create module"))
        form = Form()
        form.setHorizontalSpacing(16)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Kind"), self.kind)
        form.addRow("", self.message)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(form)
        layout.addWidget(self.buttons)
        self.name.textChanged.connect(self._check)
        self._check()
        self.name.setFocus()

    def _check(self) -> None:
        text, problem, file = self.name.text().strip(), "", ""
        if text:
            try:
                file = module_id(text)
                problem = (
                    tr("There is a module “{file}” already.").format(file=file)
                    if file in self._known
                    else ""
                )
            except SkeletonError as error:
                problem = f"{in_language(str(error))} {in_language(error.hint)}"
        self.message.setText(problem or (tr("File: {file}.py").format(file=file) if file else ""))
        self.message.setProperty("role", "error" if problem else "muted")
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)
        self.create_button.setEnabled(bool(text) and not problem)
