"""The list that opens on the canvas to add a module or a dataset by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    Qt,
)
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from designer.app.canvas.editing.preference import Preference
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.shell import theme
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.line_buttons import add_enter_button, let_clear
from designer.app.widgets.search import ranked
from designer.texts import tr

WIDTH = 320
HEIGHT = 340
_MARGIN, _SPACING = 8, 6

_Index = QModelIndex | QPersistentModelIndex


class QuickAdd(QFrame):
    """A search field over a list of modules to add; a child of the canvas, not a window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setObjectName("quick-add")
        self.setAccessibleName(tr("Add a module"))
        self.setAutoFillBackground(True)
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(tr("Search for a module"))
        self.field.setAccessibleName(tr("Search for a module"))
        let_clear(self.field)
        self.list = QListView(self)
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Modules found"))
        self.list.setUniformItemSizes(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setProperty("icons", "large")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.note = QLabel(self)
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.model = _Entries(self)
        self.list.setModel(self.model)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        layout.setSpacing(_SPACING)
        layout.addWidget(self.field)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.note)
        self._entries: list[QuickAddItem] = []
        self._preference = Preference()
        self._chosen: Callable[[QuickAddItem], object] = lambda entry: None
        self._closed: Callable[[], None] = lambda: None
        self.field.textChanged.connect(self._on_text)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._on_choice)
        # The pointer and the keys move the same mark.
        self.list.setMouseTracking(True)
        self.list.setProperty("role", "choices")
        self.list.entered.connect(self.list.setCurrentIndex)
        follow_selection(self.list)
        self._enter = add_enter_button(
            self.field,
            theme.icon("chevron-right", "text_muted"),
            tr("Choose the selected module"),
            lambda: self._on_choice(self.list.currentIndex()),
        )
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()
        self.hide()

    def open(
        self,
        point: QPoint,
        entries: Iterable[QuickAddItem],
        chosen: Callable[[QuickAddItem], object],
        closed: Callable[[], None],
        text: str = "",
        preference: Preference | None = None,
    ) -> None:
        """Open at a point of the parent.

        Parameters
        ----------
        chosen : callable
            Called with the choice; afterwards the list is closed.
        closed : callable
            Called whenever the list has closed, chosen or not.
        text : str
            What is already typed.
        preference : Preference, optional
            Which of equally good matches come first.
        """
        self._entries = list(entries)
        self._preference = preference or Preference()
        self._chosen, self._closed = chosen, closed
        self.field.setText(text)
        self._on_text(text)
        room = self._room.rect()
        x = min(point.x(), room.width() - WIDTH - 8)
        y = min(point.y(), room.height() - self.height() - 8)
        self.move(max(x, 8), max(y, 8))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close without a choice."""
        if self.isHidden():
            return
        self.hide()
        self._closed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys of the search field move through the list."""
        if watched is self.field:
            if event.type() == QEvent.Type.KeyPress and self._key(event):
                return True
            if event.type() == QEvent.Type.FocusOut and not self._inside():
                self.dismiss()
        return super().eventFilter(watched, event)

    def _inside(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and self.isAncestorOf(focus) and focus is not self.field

    def _key(self, event: Any) -> bool:
        key = event.key()
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: 8,
            Qt.Key.Key_PageUp: -8,
            Qt.Key.Key_Tab: 1,
            Qt.Key.Key_Backtab: -1,
        }
        if key in steps:
            self._step(steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_choice(self.list.currentIndex())
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            return False
        return True

    def _step(self, rows: int) -> None:
        count = self.model.rowCount()
        if not count:
            return
        row = self.list.currentIndex().row() + rows
        # One step wraps around, a page stops at the ends.
        row = row % count if abs(rows) == 1 else min(max(row, 0), count - 1)
        self.list.setCurrentIndex(self.model.index(row))

    def _on_text(self, text: str) -> None:
        preferred = self._preference
        found = ranked(self._entries, text, lambda entry: preferred.rank(entry.spec))
        self.model.show(found)
        count = self.model.rowCount()
        ordered = len({preferred.rank(entry.spec) for entry in found}) > 1
        self.list.setVisible(bool(count))
        self._enter.setVisible(bool(count))
        self.note.setVisible(not count or ordered)
        if count:
            self.list.setCurrentIndex(self.model.index(0))
            self.note.setText(preferred.reason)
        elif self._entries:
            self.note.setText(tr("No matches for “{text}”.").format(text=text))
        else:
            self.note.setText(tr("No module can be linked here."))
        self._adjust_height(count)

    def _adjust_height(self, count: int) -> None:
        """Fit the height to the rows, and stay where the list was opened."""
        height = 2 * _MARGIN + self.field.sizeHint().height() + _SPACING
        if count:
            height += count * self.list.sizeHintForRow(0) + 4
        if not self.note.isHidden():
            height += self.note.heightForWidth(WIDTH - 2 * _MARGIN) + _SPACING
        self.resize(WIDTH, min(height, HEIGHT))

    def _on_choice(self, index: QModelIndex) -> None:
        entry = self.model.entry(index)
        if entry is None:
            return
        self.hide()
        chosen, closed = self._chosen, self._closed
        chosen(entry)
        closed()

    def _apply_theme(self) -> None:
        colors = theme.current()
        self.setStyleSheet(
            f"#quick-add {{ background: {colors.raised}; border: 1px solid {colors.border};"
            " border-radius: 10px; }"
            f"#quick-add QListView {{ background: {colors.raised}; border: none; }}"
        )


class _Entries(QAbstractListModel):
    """The modules to add, with title, icon, and summary."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._entries: list[QuickAddItem] = []

    def show(self, entries: list[QuickAddItem]) -> None:
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def entry(self, index: _Index) -> QuickAddItem | None:
        return self._entries[index.row()] if index.isValid() else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entry(index)
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.summary
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon(entry.icon, theme.current().pick(entry.spec.category.colors))
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return f"{entry.title}, {entry.category_title}"
        return None
