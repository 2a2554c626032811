"""The question what a folder is that was dropped on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.datasets.dropped_files import MOST, FolderContent, FolderUse
from designer.app.dialogs.buttons import dialog_buttons
from designer.app.views.formatting import plural


class FolderQuestion(QDialog):
    """Offers what a folder can be used as; the first is chosen at first.

    Attributes
    ----------
    choices : dict of FolderUse to QRadioButton
    """

    def __init__(self, content: FolderContent, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add folder")
        counts = []
        if content.tables:
            counts.append(plural(len(content.tables), "table"))
        if content.images:
            counts.append(plural(content.images, "image"))
        rest = content.files - len(content.tables) - content.images
        if rest:
            counts.append(plural(rest, "other file"))
        found = ", ".join(counts) or "no files"
        more = "the first " if content.files == MOST else ""
        text = QLabel(f"“{content.folder.name}” contains {more}{found}. How do you want to use it?")
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        column = QVBoxLayout(self)
        column.addWidget(text)
        self.choices: dict[FolderUse, QRadioButton] = {}
        for use in content.uses:
            self.choices[use] = QRadioButton(_label(content, use))
            column.addWidget(self.choices[use])
        first = self.choices[content.uses[0]]
        first.setChecked(True)
        column.addStretch(1)
        buttons = dialog_buttons(self)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Add")
        column.addWidget(buttons)
        first.setFocus()

    def use(self) -> FolderUse:
        """Return what is chosen."""
        return next(use for use, button in self.choices.items() if button.isChecked())


def ask_use(content: FolderContent, parent: QWidget) -> FolderUse | None:
    """Ask what a folder is used as; None if the question is canceled."""
    dialog = FolderQuestion(content, parent)
    accepted, use = dialog.exec(), dialog.use()
    dialog.deleteLater()
    return use if accepted else None


def _label(content: FolderContent, use: FolderUse) -> str:
    if use == "one table":
        return f"One table: {plural(len(content.same), f'{content.suffix} file')}"
    if use == "datasets":
        return f"A dataset for each table ({len(content.tables)})"
    return "A folder of images" if use == "images" else "Files as they are"
