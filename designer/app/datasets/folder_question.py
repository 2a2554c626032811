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
from designer.texts import filled, ngettext, tr


class FolderQuestion(QDialog):
    """Offers what a folder can be used as; the first is chosen at first.

    Attributes
    ----------
    choices : dict of FolderUse to QRadioButton
    """

    def __init__(self, content: FolderContent, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Add folder"))
        counts = []
        if content.tables:
            counts.append(
                filled(
                    ngettext("{count:,} table", "{count:,} tables", len(content.tables)),
                    count=len(content.tables),
                )
            )
        if content.images:
            counts.append(
                filled(
                    ngettext("{count:,} image", "{count:,} images", content.images),
                    count=content.images,
                )
            )
        rest = content.files - len(content.tables) - content.images
        if rest:
            counts.append(
                filled(ngettext("{count:,} other file", "{count:,} other files", rest), count=rest)
            )
        found = ", ".join(counts) or tr("no files")
        more = tr("the first ") if content.files == MOST else ""
        text = QLabel(
            tr("“{name}” contains {more}{found}. How do you want to use it?").format(
                name=content.folder.name, more=more, found=found
            )
        )
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
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("Add to the pipeline"))
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
    if use == "one_table":
        return filled(
            ngettext(
                "One table: {count:,} {suffix} file",
                "One table: {count:,} {suffix} files",
                len(content.same),
            ),
            count=len(content.same),
            suffix=content.suffix,
        )
    if use == "datasets":
        return tr("A dataset for each table ({number})").format(number=len(content.tables))
    return tr("A folder of images") if use == "images" else tr("Files as they are")
