"""Choosing columns: by name from two lists, or with rules, with a live preview."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLabel,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.errors import explained
from designer.app.dialogs.buttons import dialog_buttons
from designer.app.dialogs.column_lists import ColumnLists
from designer.app.dialogs.column_rules import ColumnRules
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.dialog_size import usual_size
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract import ColumnRule, ColumnSelector, ModuleError
from modules.contract.columns import Column

SHOWN = 30
"""How many names the preview lists."""


class ColumnPicker(QDialog):
    """Choose columns.

    Parameters
    ----------
    selector : ColumnSelector
        What is chosen now.
    columns : sequence of Column or None
        The columns of the dataset; None while they are unknown.
    kinds : tuple of str
        Kinds that can be chosen; empty for any.
    """

    def __init__(
        self,
        title: str,
        selector: ColumnSelector,
        columns: Sequence[Column] | None,
        *,
        kinds: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        usual_size(self, 720, 600)
        self._columns = columns
        self._kinds = kinds
        self.lists = ColumnLists(columns or (), kinds)
        self.rules = ColumnRules(columns or ())
        self.tabs = QTabWidget()
        self.tabs.addTab(self.lists, tr("By name"))
        self.tabs.addTab(self.rules, tr("With rules"))
        self.keep_order = QCheckBox(tr("Keep this order and allow a column twice"))
        self.preview = QLabel()
        self.preview.setWordWrap(True)
        self.preview.setTextFormat(Qt.TextFormat.PlainText)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.preview.setMinimumHeight(54)
        heading = QLabel(tr("Resulting columns"))
        heading.setProperty("role", "heading")
        self.buttons = dialog_buttons(self)
        layout = QVBoxLayout(self)
        if columns is None:
            note = QLabel(
                tr(
                    "The columns aren't known yet. Connect a dataset, run the previous "
                    "modules, or type the names."
                )
            )
            note.setWordWrap(True)
            note.setProperty("role", "muted")
            layout.addWidget(note)
        layout.addWidget(self.tabs, 1)
        foot = QVBoxLayout()
        # In line with the lists, which are inside the tabs' frame.
        foot.setContentsMargins(9, 2, 9, 2)
        for widget in (self.keep_order, heading, self.preview):
            foot.addWidget(widget)
        layout.addLayout(foot)
        layout.addWidget(self.buttons)
        self._show(selector)
        self.lists.changed.connect(self._update_preview)
        self.rules.changed.connect(self._update_preview)
        self.keep_order.toggled.connect(self._update_preview)
        self.tabs.currentChanged.connect(self._on_tab)
        self._tab = self.tabs.currentIndex()
        self._update_preview()
        (self.lists.search if self._tab == 0 else self.rules.start).setFocus()

    def selector(self) -> ColumnSelector:
        """Return the choice."""
        if self.tabs.currentIndex() == 0:
            names = self.lists.names()
            by_name = (ColumnRule("names", names),) if names else ()
            return ColumnSelector(by_name, self.keep_order.isChecked())
        return ColumnSelector(self.rules.rules(), self.keep_order.isChecked())

    def _show(self, selector: ColumnSelector) -> None:
        only = selector.rules[0] if len(selector.rules) == 1 else None
        by_name = not selector.rules or (only and only.by == "names" and not only.exclude)
        self.keep_order.setChecked(selector.keep_order)
        self.tabs.setCurrentIndex(0 if by_name else 1)
        if by_name:
            self.lists.set_names(selector.named())
        else:
            self.rules.set_rules(selector.rules)

    def _on_tab(self, index: int) -> None:
        """Copy the selection to the other mode if it can represent it."""
        if index == 1 and self._tab == 0:
            names = self.lists.names()
            if names:
                self.rules.set_rules((ColumnRule("names", names),))
        elif index == 0 and self._columns is not None:
            try:
                chosen = ColumnSelector(self.rules.rules()).resolve(self._columns, allow_empty=True)
            except ModuleError:
                chosen = []
            if chosen:
                self.lists.set_names(chosen)
        self._tab = index
        self._update_preview()

    def _update_preview(self) -> None:
        selector = self.selector()
        role, tip = "muted", ""
        if self._columns is None:
            text = in_language(selector.describe())
        else:
            try:
                names = selector.resolve(self._columns, allow_empty=True)
                wrong = self._wrong_kinds(names)
                listed = ", ".join(names[:SHOWN])
                text = tr("{number} of {count}: {listed}").format(
                    number=len(names), count=len(self._columns), listed=listed
                )
                text += " …" if len(names) > SHOWN else ""
                tip = ", ".join(names)
                if not names:
                    text = tr("No columns")
                elif wrong:
                    listed = ", ".join(f"“{name}”" for name in wrong[:5])
                    role, text = (
                        "warning",
                        tr("{text}\nNot of a suitable type: {listed}.").format(
                            text=text, listed=listed
                        ),
                    )
            except ModuleError as error:
                role, text = "error", explained(error)
        self.preview.setText(text)
        self.preview.setToolTip(plain_tooltip(tip))
        if self.preview.property("role") != role:
            self.preview.setProperty("role", role)
            self.preview.style().unpolish(self.preview)
            self.preview.style().polish(self.preview)

    def _wrong_kinds(self, names: list[str]) -> list[str]:
        if not self._kinds:
            return []
        kind_of = {column.name: column.kind for column in self._columns or ()}
        return [name for name in names if kind_of[name] not in self._kinds]
