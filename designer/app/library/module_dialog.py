"""Asks for the title, the folder, the ports and the parameters of a shared module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import Kind, dialog_buttons
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import ChoiceBox, check_selected
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.form import Form
from designer.app.widgets.text_scale import indent
from designer.pipeline.identifiers import free_id, readable_id
from designer.pipeline.model import Interface, ModuleParameter, ModulePort
from designer.pipeline.shared.choices import Choice, Choices
from designer.pipeline.shared.library import SCOPES, SUFFIX, Library
from designer.texts import tr

_SIDES = {"inputs": tr("Inputs"), "outputs": tr("Outputs"), "parameters": tr("Parameters")}


class ModuleDialog(QDialog):
    """The interface of a shared module, to be chosen from what it contains.

    Parameters
    ----------
    title : str
        The title that is proposed.
    choices : Choices
        What can be chosen.
    library : Library, optional
        Where the new module can be put; without it there is a module already.
    """

    def __init__(
        self,
        title: str,
        choices: Choices,
        library: Library | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Turn Into a Module") if library else tr("Ports and Parameters"))
        usual_size(self, 700, 600)
        self._library = library
        self.title = QLineEdit(title)
        self.title.setAccessibleName(tr("Title"))
        self.scope = ChoiceBox(self)
        self.scope.setVisible(library is not None)
        self.scope.setAccessibleName(tr("Use in"))
        for name, folder in library.folders if library else ():
            self.scope.addItem(SCOPES[name], name)
            self.scope.setItemData(self.scope.count() - 1, str(folder), Qt.ItemDataRole.ToolTipRole)
        self.tree = NestedTree()
        keep_directions(self.tree)
        self.tree.setAccessibleName(tr("Ports and parameters"))
        self.tree.setHeaderLabels([tr("Title"), tr("Module inside")])
        check_selected(self.tree)
        self.tree.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        indent(self.tree, 14)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._items: dict[str, list[tuple[QTreeWidgetItem, Choice]]] = {}
        for side, label in _SIDES.items():
            self._add_side(side, label, getattr(choices, side))
        hint = QLabel(tr("Check what the module has. Press F2 to change a title."))
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setProperty("role", "error")
        self.buttons = dialog_buttons(self)
        self.accept_button = self.buttons.button(Kind.Ok)
        self.accept_button.setText(tr("Create module") if library else tr("Change module"))
        form = Form()
        form.setHorizontalSpacing(16)
        form.addRow(tr("Title"), self.title)
        if library:
            form.addRow(tr("Use in"), self.scope)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self.message)
        layout.addWidget(self.buttons)
        self.title.textChanged.connect(self._check)
        self.scope.currentIndexChanged.connect(self._check)
        self._check()
        self.title.setFocus()
        self.title.selectAll()

    def name(self) -> str:
        """Return the name of the module's file, made from the title."""
        return readable_id(self.title.text())

    def file(self) -> Path:
        """Return where the new module is to be written."""
        assert self._library is not None
        folder = self._library.folder(str(self.scope.currentData()))
        assert folder is not None
        return folder / f"{self.name()}{SUFFIX}"

    def interface(self) -> Interface:
        """Return what is chosen; those with new titles keep their names if they had any."""
        found: dict[str, list[ModulePort | ModuleParameter]] = {}
        for side, rows in self._items.items():
            checked = [(row, choice) for row, choice in rows if _is_checked(row)]
            taken = {choice.item.name for _, choice in checked if choice.known}
            found[side] = []
            for row, choice in checked:
                title = " ".join(row.text(0).split()) or choice.item.title
                name = choice.item.name
                if not choice.known:
                    name = free_id(readable_id(title), taken)
                    taken.add(name)
                found[side].append(replace(choice.item, name=name, title=title))
        return Interface(
            " ".join(self.title.text().split()),
            **{side: tuple(items) for side, items in found.items()},  # type: ignore[arg-type]
        )

    def _add_side(self, side: str, label: str, choices: Sequence[Choice]) -> None:
        top = QTreeWidgetItem(self.tree, [label if choices else f"{label}: none"])
        top.setFlags(Qt.ItemFlag.ItemIsEnabled)
        top.setFirstColumnSpanned(True)
        height = QSize(0, self.fontMetrics().height() + 12)
        top.setSizeHint(0, height)
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        self._items[side] = []
        for choice in choices:
            row = QTreeWidgetItem(top, [choice.item.title, choice.location])
            row.setSizeHint(0, height)
            row.setToolTip(1, choice.location)
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if not choice.needed:
                flags |= Qt.ItemFlag.ItemIsUserCheckable
            else:
                reason = tr("Something outside is linked or bound to it.")
                row.setToolTip(0, reason)
                described = f"{row.data(0, _DESCRIPTION)}. {reason}"
                row.setData(0, _DESCRIPTION, described)
            row.setFlags(flags | Qt.ItemFlag.ItemIsEditable)
            row.setCheckState(0, _CHECKED if choice.chosen else Qt.CheckState.Unchecked)
            self._items[side].append((row, choice))
        top.setExpanded(True)

    def _check(self) -> None:
        message = ""
        if self._library is not None and self.title.text().strip():
            file = self.file()
            if file.exists():
                message = tr("“{name}” already exists there. Choose another title.").format(
                    name=file.name
                )
        self.message.setText(message)
        self.accept_button.setEnabled(bool(self.title.text().strip()) and not message)


def _is_checked(row: QTreeWidgetItem) -> bool:
    return row.checkState(0) == _CHECKED


_DESCRIPTION = Qt.ItemDataRole.AccessibleDescriptionRole

_CHECKED = Qt.CheckState.Checked
