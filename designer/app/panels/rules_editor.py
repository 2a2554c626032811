"""The editor of rules: a column, a comparison, and a value each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
)

from designer.app.library.translation import choice_in_language
from designer.app.panels.column_editors import ColumnEditor
from designer.app.panels.editor import Context, Editor, QuietCombo, leave_undo
from designer.app.shell import theme
from designer.app.widgets.fields.typed_text import on_typed, showing
from designer.texts import tr
from modules.contract import Columns, ColumnSelector, Comparison, Parameter, Rules

FIRST = "equals"
"""The comparison of a new rule, and of a rule whose column doesn't support its own."""


class RulesEditor(Editor):
    """A list of rules, with buttons that add and remove them."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        assert isinstance(parameter.marker, Rules)
        self._marker = parameter.marker
        self._value: list[Any] = []
        self.rules: list[RuleEditor] = []
        self.add = QPushButton(theme.icon("add"), tr("Add rule"))
        self.add.clicked.connect(self._add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._list = QVBoxLayout()
        self._list.setSpacing(6)
        layout.addLayout(self._list)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        layout.addLayout(row)
        self.setFocusProxy(self.add)

    def set_value(self, value: Any) -> None:
        """See base. What isn't a rule is left out."""
        rules = value if isinstance(value, list) else []
        self._value = [rule for rule in rules if isinstance(rule, dict)]
        while len(self.rules) > len(self._value):
            gone = self.rules.pop()
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        while len(self.rules) < len(self._value):
            self._append()
        for editor, rule in zip(self.rules, self._value, strict=True):
            editor.set_rule(rule)

    def commit(self) -> None:
        """See base."""
        for editor in self.rules:
            editor.column.commit()

    def refresh(self) -> None:
        """List the columns and their values that are known now."""
        for editor in self.rules:
            editor.refresh()

    def _append(self) -> None:
        index = len(self.rules)
        editor = RuleEditor(index + 1, self._marker, self.context)
        editor.edited.connect(lambda rule: self._replace(index, rule))
        editor.removed.connect(lambda: self._remove(index))
        editor.finished.connect(self.finished)
        self.rules.append(editor)
        self._list.addWidget(editor)
        self.added.emit(editor)

    def _replace(self, index: int, rule: dict[str, str]) -> None:
        self._change([*self._value[:index], rule, *self._value[index + 1 :]])

    def _add(self) -> None:
        self.finished.emit()
        known = [column.name for column in self.context.columns(self._marker.of) or ()]
        names = [str(rule.get("column", "")) for rule in self._value[-1:]] or known[:1] or [""]
        self._change([*self._value, {"column": names[0], "comparison": FIRST, "value": ""}])
        self.finished.emit()
        if len(self.rules) == len(self._value):
            self.rules[-1].column.line.setFocus()
            self.rules[-1].column.line.selectAll()

    def _remove(self, index: int) -> None:
        self.finished.emit()
        self._change([*self._value[:index], *self._value[index + 1 :]])
        self.finished.emit()
        rest = self.rules[min(index, len(self.rules) - 1)].remove if self.rules else self.add
        rest.setFocus()

    def _change(self, rules: list[Any]) -> None:
        # The document shows the new value before this returns.
        self._value = rules
        self.edited.emit(rules)


class RuleEditor(QFrame):
    """One rule.

    Signals
    -------
    edited : dict
        The rule, at every change.
    finished
        The rule is complete, although the focus may stay.
    removed
        The user wants to be rid of it.
    """

    edited = Signal(dict)
    finished = Signal()
    removed = Signal()

    def __init__(self, number: int, marker: Rules, context: Context) -> None:
        super().__init__()
        self._marker, self._context = marker, context
        self._rule: dict[str, str] = {}
        self._offered = ""
        self._row = -1
        title = tr("rule {number}").format(number=number)
        self.column = ColumnEditor(
            Parameter(
                "column",
                tr("Column of {title}").format(title=title),
                "columns",
                ColumnSelector,
                required=True,
                marker=Columns(of=marker.of, single=True),
            ),
            context,
        )
        self.column.box.set_spoken_label(tr("Column of {title}").format(title=title))
        self.column.edited.connect(self._on_column)
        self.column.finished.connect(self.finished)
        self.remove = QToolButton()
        self.remove.setIcon(theme.icon("delete", "text_muted"))
        self.remove.setToolTip(tr("Remove rule"))
        self.remove.setAccessibleName(tr("Remove {title}").format(title=title))
        self.remove.setAutoRaise(True)
        self.remove.clicked.connect(self.removed)
        self.comparison = QuietCombo()
        self.comparison.set_spoken_label(tr("Comparison of {title}").format(title=title))
        self.comparison.activated.connect(self._on_comparison)
        self.value = QuietCombo()
        self.value.set_spoken_label(tr("Value of {title}").format(title=title))
        self.value.setEditable(True)
        self.value.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.value.lineEdit()
        assert line is not None
        self.line = line
        leave_undo(line)
        on_typed(line, self._on_value)
        line.returnPressed.connect(self.finished)
        self.value.currentIndexChanged.connect(self._on_row)
        self.value.textActivated.connect(self._on_chosen)
        self.value.about_to_open.connect(self._offer)
        self._fill(marker.comparisons)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for widgets in ((self.column, self.remove), (self.comparison, self.value)):
            row = QHBoxLayout()
            row.setSpacing(4)
            row.addWidget(widgets[0], 1)
            row.addWidget(widgets[1], 0 if widgets[1] is self.remove else 1)
            layout.addLayout(row)

    def set_rule(self, rule: dict[str, str]) -> None:
        """Show a rule without emitting ``edited``."""
        self._rule = rule
        name = str(rule.get("column", ""))
        self.column.set_value([name] if name else [])
        self._show_comparison()
        text = str(rule.get("value", ""))
        if self.line.text() != text:
            with showing(self.line):
                self.value.setEditText(text)
            self.line.setCursorPosition(0)
        self._ask()

    def refresh(self) -> None:
        """List the columns and their values that are known now."""
        self.column.refresh()
        self._show_comparison()
        self._offered = ""
        self._ask()

    def _show_comparison(self) -> None:
        current = self._rule.get("comparison", FIRST)
        kind = self._kind()
        self._fill(
            each
            for each in self._marker.comparisons
            if not kind or not each.kinds or kind in each.kinds or each.name == current
        )
        known = self._comparison(current)
        self.comparison.setCurrentIndex(self.comparison.findData(known.name))
        self.value.setEnabled(known.values != "none")
        self.line.setPlaceholderText(
            {"one": tr("Value"), "several": tr("Values, separated by commas"), "none": ""}[
                known.values
            ]
        )

    def _fill(self, comparisons: Iterable[Comparison]) -> None:
        names = [each.name for each in comparisons]
        if names != [self.comparison.itemData(i) for i in range(self.comparison.count())]:
            self.comparison.clear()
            for name in names:
                self.comparison.addItem(_capital(choice_in_language(name, names)), name)

    def _kind(self, name: str = "") -> str:
        name = name or self._rule.get("column", "")
        known = self._context.columns(self._marker.of) or ()
        return next((column.kind for column in known if column.name == name), "")

    def _comparison(self, name: str) -> Comparison:
        known = (each for each in self._marker.comparisons if each.name == name)
        return next(known, self._marker.comparisons[0])

    def _on_column(self, names: Any) -> None:
        name = names[0] if names else ""
        rule = {**self._rule, "column": name}
        kind, kinds = self._kind(name), self._comparison(rule.get("comparison", FIRST)).kinds
        if kind and kinds and kind not in kinds:
            rule["comparison"] = FIRST
        self._emit(rule)

    def _on_comparison(self, index: int) -> None:
        self._emit({**self._rule, "comparison": self.comparison.itemData(index)})
        self.finished.emit()

    def _on_value(self, text: str) -> None:
        # A value chosen from the list comes as text first: `_on_chosen` adds it to the others.
        if self.value.currentIndex() == self._row:
            self._emit({**self._rule, "value": text})

    def _on_row(self, row: int) -> None:
        self._row = row

    def _on_chosen(self, text: str) -> None:
        """Use a value of the list; add it to others if there can be several."""
        before = self._rule.get("value", "").rstrip().rstrip(",")
        several = self._comparison(self._rule.get("comparison", FIRST)).values == "several"
        if several and before:
            known = text in (each.strip() for each in before.split(","))
            text = before if known else f"{before}, {text}"
        self._emit({**self._rule, "value": text})
        with showing(self.line):
            # So that each choice is another row than the one before.
            self.value.setCurrentIndex(-1)
            self.value.setEditText(text)
        self.finished.emit()

    def _emit(self, rule: dict[str, str]) -> None:
        if self._comparison(rule.get("comparison", FIRST)).values == "none":
            rule.pop("value", None)
        else:
            rule.setdefault("value", "")
        self.edited.emit(rule)

    def _offer(self) -> None:
        self._offered = ""
        self._ask()

    def _ask(self) -> None:
        """Ask for the values of the column, once for each column."""
        name = self._rule.get("column", "")
        if name and name != self._offered:
            self._offered = name
            self._context.values(self._marker.of, name, lambda found: self._list(name, found))

    def _list(self, name: str, values: list[str]) -> None:
        shown = [self.value.itemText(index) for index in range(self.value.count())]
        if name != self._rule.get("column") or values == shown:
            return
        text, position = self.line.text(), self.line.cursorPosition()
        with QSignalBlocker(self.value), showing(self.line):
            self.value.clear()
            self.value.addItems(values)
            # From an empty field the arrow key goes to the first one.
            self.value.setCurrentIndex(self.value.findText(text))
            self.value.setEditText(text)
            self._row = self.value.currentIndex()
        self.line.setCursorPosition(position)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
