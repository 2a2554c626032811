"""Runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.runs.run_comparison import Difference
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.texts import tr


class RunComparison(QDialog):
    """Shows what differs between runs, the earliest one on the left, and the best metrics.

    Parameters
    ----------
    names : sequence of str
        Of the runs.
    """

    def __init__(
        self,
        names: Sequence[str],
        found: Sequence[Difference],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Compare runs"))
        self.resize(960, 540)
        self.list = QTreeWidget()
        self.list.setHeaderLabels(["", *names])
        self.list.setAccessibleName(tr("What differs"))
        self.list.setRootIsDecorated(False)
        # Names with the same start are distinguished by their ends.
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setMaximumSectionSize(600)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        for column in range(1, len(names) + 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        groups: dict[str, QTreeWidgetItem] = {}
        for each in found:
            if each.group not in groups:
                groups[each.group] = self._add_group(each.group)
            item = QTreeWidgetItem([each.name, *each.values])
            for column in range(len(names) + 1):
                item.setToolTip(column, plain_tooltip(item.text(column)))
            for run in each.best:
                self._mark(item, run + 1)
            groups[each.group].addChild(item)
        self.list.expandAll()
        self.same = QLabel(tr("The runs don't differ."))
        self.same.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.same.setProperty("role", "muted")
        self.list.setVisible(bool(found))
        self.same.setVisible(not found)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list)
        layout.addWidget(self.same)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))

    def _mark(self, item: QTreeWidgetItem, column: int) -> None:
        """Mark the best value."""
        font = item.font(column)
        font.setBold(True)
        item.setFont(column, font)
        item.setForeground(column, QColor(theme.current().success))
        text = tr("{text}, the best value").format(text=item.text(column))
        item.setToolTip(column, plain_tooltip(text))
        item.setData(column, Qt.ItemDataRole.AccessibleTextRole, text)

    def _add_group(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = item.font(0)
        font.setBold(True)
        item.setFont(0, font)
        self.list.addTopLevelItem(item)
        item.setFirstColumnSpanned(True)
        return item
