"""Rows that are in others: how a screen reader describes and reaches them.

Qt gives assistive technology all rows of a tree in one list, without their levels. Where whole rows
are selected, it also takes the index of a row within its parent for its index in that list, and
selects another.
"""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Slot,
)
from PySide6.QtGui import QAccessible, QAccessibleTableModelChangeEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QTreeWidget, QWidget

from designer.app.widgets.fields.choosing import expand_selected
from designer.texts import tr

_DESCRIPTION = Qt.ItemDataRole.AccessibleDescriptionRole


class NestedTree(QTreeWidget):
    """A tree in which assistive technology reaches, selects, and describes each row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        reach_nested(self)
        self.model().rowsInserted.connect(self._describe)

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        """Select whole rows all the same."""
        flags = super().selectionCommand(index, event)
        nothing = flags == QItemSelectionModel.SelectionFlag.NoUpdate
        return flags if nothing else flags | QItemSelectionModel.SelectionFlag.Rows

    def moveCursor(
        self,
        cursorAction: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        """Go from row to row: where single cells can be selected, Qt goes to the next column."""
        return super().moveCursor(cursorAction, modifiers).siblingAtColumn(0)

    @Slot(QModelIndex, int, int)
    def _describe(self, parent: QModelIndex, first: int, last: int) -> None:
        model = self.model()
        for row in range(first, last + 1):
            index = model.index(row, 0, parent)
            if text := nesting(index):
                model.setData(index, text, _DESCRIPTION)
            if below := model.rowCount(index):
                self._describe(index, 0, below - 1)


def reach_nested(tree: QTreeView) -> None:
    """Let assistive technology select each row of a tree, which also shows those in it."""
    tree.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
    expand_selected(tree)
    _Counter(tree)


class _Counter(QObject):
    """Lets Qt count the rows again after some were collapsed; it does so only for other changes."""

    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree
        tree.collapsed.connect(self._count)

    @Slot()
    def _count(self) -> None:
        if QAccessible.isActive():
            reset = QAccessibleTableModelChangeEvent.ModelChangeType.ModelReset
            QAccessible.updateAccessibility(QAccessibleTableModelChangeEvent(self._tree, reset))


def nesting(index: QModelIndex | QPersistentModelIndex) -> str:
    """Return the level of a row and what it is in, as text; empty for a row of the first level."""
    parent = index.parent()
    if not parent.isValid():
        return ""
    level, above = 1, parent
    while above.isValid():
        level, above = level + 1, above.parent()
    # Its spoken name may have its state, too.
    return tr("level {level}, in {parent}").format(level=level, parent=parent.data())
