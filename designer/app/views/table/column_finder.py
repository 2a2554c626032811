"""A field that scrolls to a column by a part of its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QLineEdit, QWidget

from designer.app.shell import theme
from designer.app.widgets.fields.line_buttons import add_enter_button, add_icon, let_clear
from designer.app.widgets.text_scale import scaled
from designer.texts import tr

FEWEST = 8
"""Columns from which on the field is worth its room."""


class ColumnFinder(QLineEdit):
    """Lists the columns whose names contain the typed text; Enter selects the first one."""

    chosen = Signal(int)

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = list(names)
        self.setPlaceholderText(tr("Go to column"))
        self.setAccessibleName(tr("Go to a column by its name"))
        self.setToolTip(tr("Go to column (Ctrl+G)"))
        # Beside the text there are an icon and two buttons.
        text = self.fontMetrics().horizontalAdvance(self.placeholderText())
        self.setFixedWidth(text + scaled(120))
        let_clear(self)
        add_icon(self, theme.icon("table", "text_muted"))
        self.setVisible(len(self._names) >= FEWEST)
        completer = QCompleter(QStringListModel(self._names, self), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(12)
        index: Any = QModelIndex
        completer.activated[index].connect(self._on_activated)
        self.setCompleter(completer)
        self.returnPressed.connect(self._enter)
        add_enter_button(
            self,
            theme.icon("chevron-right", "text_muted"),
            tr("Go to the column"),
            self._enter,
        )

    def matches(self, text: str) -> list[int]:
        """Return the columns that fit a text, best first: equal, beginning with it, with it."""
        wanted = text.strip().casefold()
        ranked = []
        for index, name in enumerate(self._names):
            folded = name.casefold()
            if wanted and wanted in folded:
                ranked.append((folded != wanted, not folded.startswith(wanted), index))
        return [index for *_, index in sorted(ranked)]

    def _on_activated(self, index: QModelIndex) -> None:
        self._go(str(index.data()))

    def _enter(self) -> None:
        self._go(self.text())

    def _go(self, text: str) -> None:
        found = self.matches(text)
        if found:
            self.chosen.emit(found[0])
            self.selectAll()
