"""Choosing columns by name: available columns on the left, selected ones on the right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.document.column_labels import kind_label
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.line_buttons import add_icon, let_clear
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.columns import Column

NAME = Qt.ItemDataRole.UserRole


class ColumnLists(QWidget):
    """Two lists of columns; names that aren't known can be typed."""

    changed = Signal()

    def __init__(self, columns: Sequence[Column], kinds: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._columns = {column.name: column for column in columns}
        self._kinds = kinds
        self._chosen: list[str] = []
        self.search = _SearchLine()
        self.search.setPlaceholderText(tr("Search or type a name"))
        self.search.setAccessibleName(tr("Search or type a name"))
        let_clear(self.search)
        add_icon(self.search, theme.icon("search", "text_muted"))
        self.available = _table(tr("Available columns"))
        self.selected = _table(tr("Selected columns"))
        self.add_typed = QPushButton(tr("Add name"))
        self.add_typed.setToolTip(tr("Add the name as typed"))
        self.add_typed.setVisible(False)

        self.add = _arrow("chevron-right", tr("Add selected"))
        self.add_all = QPushButton(tr("All"))
        self.add_all.setToolTip(tr("Add every listed column"))
        self.remove = _arrow("chevron-left", tr("Remove selected"))
        self.remove_all = QPushButton(tr("None"))
        self.remove_all.setToolTip(tr("Remove all"))

        top = QHBoxLayout()
        top.addWidget(self.search)
        top.addWidget(self.add_typed)
        middle = QVBoxLayout()
        middle.addStretch()
        for button in (self.add, self.add_all, self.remove_all, self.remove):
            middle.addWidget(button)
        middle.addStretch()
        self._available_title = _heading(tr("Available"))
        self._selected_title = _heading(tr("Selected"))
        grid = QGridLayout(self)
        grid.addLayout(top, 0, 0)
        grid.addWidget(self._available_title, 1, 0)
        grid.addWidget(self._selected_title, 1, 2)
        grid.addWidget(self.available, 2, 0)
        grid.addLayout(middle, 2, 1)
        grid.addWidget(self.selected, 2, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)

        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._add_typed)
        self.add_typed.clicked.connect(self._add_typed)
        self.add.clicked.connect(lambda: self._add(_marked(self.available)))
        self.add_all.clicked.connect(lambda: self._add(_listed(self.available)))
        self.remove.clicked.connect(lambda: self._remove(_marked(self.selected)))
        self.remove_all.clicked.connect(lambda: self._remove(list(self._chosen)))
        self.available.itemDoubleClicked.connect(lambda item: self._add([item.data(0, NAME)]))
        self.selected.itemDoubleClicked.connect(lambda item: self._remove([item.data(0, NAME)]))
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.selected)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._remove(_marked(self.selected)))
        self._fill()

    def names(self) -> tuple[str, ...]:
        """Return the chosen names in their order."""
        return tuple(self._chosen)

    def set_names(self, names: Iterable[str]) -> None:
        """Choose exactly these."""
        self._chosen = list(dict.fromkeys(names))
        self._fill()

    def _add(self, names: list[str]) -> None:
        new = [name for name in names if name not in self._chosen]
        if new:
            self._chosen += new
            self._fill()
            self.changed.emit()

    def _remove(self, names: list[str]) -> None:
        away = set(names)
        if away:
            self._chosen = [name for name in self._chosen if name not in away]
            self._fill()
            self.changed.emit()

    def _add_typed(self) -> None:
        text = self.search.text().strip()
        listed = _listed(self.available)
        if text in self._columns or not listed:
            chosen = [text] if text else []
        else:
            chosen = listed[:1] if len(listed) == 1 else []
        if chosen:
            self.search.clear()
            self._add(chosen)

    def _fill(self) -> None:
        text = self.search.text().strip().lower()
        chosen = set(self._chosen)
        rows = [
            column
            for column in self._columns.values()
            if column.name not in chosen
            and text in column.name.lower()
            and (not self._kinds or column.kind in self._kinds)
        ]
        _fill_table(self.available, rows)
        _fill_table(
            self.selected,
            [self._columns.get(name) or Column(name, "", "") for name in self._chosen],
        )
        typed = self.search.text().strip()
        self.add_typed.setVisible(bool(typed) and typed not in self._columns)
        self._available_title.setText(tr("Available ({number})").format(number=len(rows)))
        self._selected_title.setText(tr("Selected ({number})").format(number=len(self._chosen)))


class _SearchLine(QLineEdit):
    """Keeps Return to itself, which would otherwise close the dialog."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


def _table(name: str) -> QTreeWidget:
    table = QTreeWidget()
    keep_directions(table)
    table.setHeaderLabels([tr("Name"), tr("Type"), tr("Role")])
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setAlternatingRowColors(False)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setAccessibleName(name)
    header = table.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
    return table


def _fill_table(table: QTreeWidget, columns: list[Column]) -> None:
    table.clear()
    items = []
    for column in columns:
        role = "" if column.role == "feature" else in_language(column.role)
        item = QTreeWidgetItem([column.name, kind_label(column.kind) or tr("Unknown"), role])
        item.setData(0, NAME, column.name)
        item.setToolTip(0, plain_tooltip(column.name))
        item.setForeground(1, table.palette().placeholderText())
        item.setForeground(2, table.palette().placeholderText())
        items.append(item)
    table.addTopLevelItems(items)


def _arrow(icon: str, tip: str) -> QPushButton:
    button = QPushButton()
    button.setIcon(theme.icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _marked(table: QTreeWidget) -> list[str]:
    return [item.data(0, NAME) for item in table.selectedItems()]


def _listed(table: QTreeWidget) -> list[str]:
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [item.data(0, NAME) for item in items if item is not None]
