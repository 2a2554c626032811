"""Choosing columns with rules: start with all or none, then include and exclude."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.document.column_labels import KINDS as KIND_LABELS
from designer.app.shell import theme
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract import ColumnRule, Role
from modules.contract.columns import KINDS, Column

BY = (
    ("names", tr("column names")),
    ("indices", tr("column indices")),
    ("types", tr("column types")),
    ("roles", tr("column roles")),
    ("features", tr("all features")),
    ("all", tr("all columns")),
)
"""Kinds of rules with their labels; ``features`` is the role ``feature``."""

ROLES = ("feature", "label", "score", "weight")


class ColumnRules(QWidget):
    """A list of rules; each row is one."""

    changed = Signal()

    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self._columns = [column.name for column in columns]
        self.start = ChoiceBox()
        self.start.addItems([tr("No columns"), tr("All columns")])
        self.start.currentIndexChanged.connect(self.changed)
        self.rows: list[RuleRow] = []
        self.add = QPushButton(tr("Add rule"))
        self.add.setIcon(theme.icon("add"))
        self.add.clicked.connect(self._add_empty)
        begin = QHBoxLayout()
        title = QLabel(tr("Begin with"))
        title.setBuddy(self.start)
        begin.addWidget(title)
        begin.addWidget(self.start)
        begin.addStretch()
        holder = QWidget()
        self._rows = QVBoxLayout(holder)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self._rows.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(holder)
        layout = QVBoxLayout(self)
        layout.addLayout(begin)
        layout.addWidget(area)

    def rules(self) -> tuple[ColumnRule, ...]:
        """Return the rules; rows that aren't filled in are left out."""
        first = (ColumnRule("all"),) if self.start.currentIndex() == 1 else ()
        return first + tuple(rule for row in self.rows if (rule := row.rule()) is not None)

    def set_rules(self, rules: Iterable[ColumnRule]) -> None:
        """Show rules."""
        rules = list(rules)
        for row in list(self.rows):
            self._remove(row)
        begins_with_all = bool(rules) and rules[0] == ColumnRule("all")
        self.start.setCurrentIndex(1 if begins_with_all else 0)
        for rule in rules[1:] if begins_with_all else rules:
            self._add(rule)

    def _add_empty(self) -> None:
        exclude = self.start.currentIndex() == 1
        row = self._add(ColumnRule("names", (), exclude))
        row.names.setFocus()

    def _add(self, rule: ColumnRule) -> RuleRow:
        row = RuleRow(rule, self._columns)
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._rows.insertWidget(len(self.rows) - 1, row)
        self._number()
        self.changed.emit()
        return row

    def _remove(self, row: RuleRow) -> None:
        self.rows.remove(row)
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._number()
        self.changed.emit()

    def _number(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.set_number(number)


class RuleRow(QWidget):
    """One rule: include or exclude, what kind, which."""

    changed = Signal()
    removed = Signal()

    def __init__(self, rule: ColumnRule, columns: list[str]) -> None:
        super().__init__()
        self.action = ChoiceBox()
        self.action.addItems([tr("Include"), tr("Exclude")])
        self.by = ChoiceBox()
        for key, text in BY:
            self.by.addItem(text, key)
        self.names = QLineEdit()
        self.names.setPlaceholderText(tr("Names, with commas between them"))
        self.known = QToolButton()
        self.known.setIcon(theme.icon("list"))
        self.known.setToolTip(tr("Choose from the known columns"))
        self.known.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.known.setEnabled(bool(columns))
        self._menu = QMenu(self.known)
        self._menu.setStyleSheet("QMenu { menu-scrollable: 1; }")
        self._menu.aboutToShow.connect(lambda: self._fill_menu(columns))
        self.known.setMenu(self._menu)
        self.indices = QLineEdit()
        self.indices.setPlaceholderText(tr("For example 1-3,6"))
        self.types = _Choices(("numeric", *KINDS), tr("Choose types"))
        self.roles = _Choices(
            (*ROLES, *(r for r in Role.ALL if r not in ROLES)), tr("Choose roles")
        )
        by_name = QWidget()
        names = QHBoxLayout(by_name)
        names.setContentsMargins(0, 0, 0, 0)
        names.addWidget(self.names)
        names.addWidget(self.known)
        self._values = QStackedWidget()
        self._values.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._pages = {"names": by_name, "indices": self.indices, "types": self.types}
        self._pages |= {"roles": self.roles, "none": QWidget()}
        for page in self._pages.values():
            self._values.addWidget(page)
        self.remove = QToolButton()
        self.remove.setIcon(theme.icon("close"))
        self.remove.setToolTip(tr("Remove this rule"))
        self.remove.clicked.connect(self.removed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.action)
        layout.addWidget(self.by)
        layout.addWidget(self._values, 1)
        layout.addWidget(self.remove)
        self._show(rule)
        self.by.currentIndexChanged.connect(self._on_by)
        self.action.currentIndexChanged.connect(self.changed)
        for line in (self.names, self.indices):
            line.textChanged.connect(self.changed)
        for choices in (self.types, self.roles):
            choices.changed.connect(self.changed)

    def set_number(self, number: int) -> None:
        """Name the fields after the position of the rule, for screen readers."""
        names = {
            self.action: "action",
            self.by: "kind",
            self.names: "names",
            self.known: tr("choose from the known columns"),
            self.indices: "indices",
            self.types: "types",
            self.roles: "roles",
        }
        for widget, name in names.items():
            spoken = f"Rule {number}: {name}"
            if isinstance(widget, ChoiceBox):
                widget.set_spoken_label(spoken)
            else:
                widget.setAccessibleName(spoken)
        self.remove.setAccessibleName(tr("Remove rule {number}").format(number=number))

    def rule(self) -> ColumnRule | None:
        """Return the rule; None while it isn't filled in."""
        by = self.by.currentData()
        exclude = self.action.currentIndex() == 1
        if by == "all":
            return ColumnRule("all", (), exclude)
        if by == "features":
            return ColumnRule("roles", (Role.FEATURE,), exclude)
        if by == "names":
            values = read_names(self.names.text())
        elif by == "indices":
            text = self.indices.text().strip()
            values = (text,) if text else ()
        else:
            values = (self.types if by == "types" else self.roles).values()
        return ColumnRule(by, values, exclude) if values else None

    def _show(self, rule: ColumnRule) -> None:
        self.action.setCurrentIndex(1 if rule.exclude else 0)
        features = rule.by == "roles" and rule.values == (Role.FEATURE,)
        by = "features" if features else rule.by
        self.by.setCurrentIndex([key for key, _ in BY].index(by))
        if rule.by == "names":
            self.names.setText(write_names(rule.values))
        elif rule.by == "indices":
            self.indices.setText(",".join(rule.values))
        elif rule.by == "types":
            self.types.set_values(rule.values)
        elif rule.by == "roles":
            self.roles.set_values(rule.values)
        self._values.setCurrentWidget(self._pages.get(by, self._pages["none"]))

    def _on_by(self) -> None:
        page = self._pages.get(self.by.currentData(), self._pages["none"])
        self._values.setCurrentWidget(page)
        self.changed.emit()

    def _fill_menu(self, columns: list[str]) -> None:
        self._menu.clear()
        chosen = set(read_names(self.names.text()))
        for name in columns:
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(name in chosen)
            action.toggled.connect(lambda on, name=name: self._toggle(name, on))

    def _toggle(self, name: str, on: bool) -> None:
        names = [other for other in read_names(self.names.text()) if other != name]
        self.names.setText(write_names([*names, name] if on else names))


def read_names(text: str) -> tuple[str, ...]:
    """Read names with commas between them; a name with a comma is in quotes."""
    rows = csv.reader(io.StringIO(text.replace("\n", " ")), skipinitialspace=True)
    return tuple(name.strip() for row in rows for name in row if name.strip())


def write_names(names: Iterable[str]) -> str:
    """Write names so that :func:`read_names` reads them back."""
    return ", ".join(
        '"' + name.replace('"', '""') + '"' if "," in name or '"' in name else name
        for name in names
    )


class _Choices(QPushButton):
    """A button with a menu of switches; shows the active ones."""

    changed = Signal()

    def __init__(self, values: Iterable[str], empty: str) -> None:
        super().__init__()
        self._empty = empty
        self.setStyleSheet("text-align: left;")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        menu = QMenu(self)
        self._actions = {}
        for value in dict.fromkeys(values):
            action = menu.addAction(_value_label(value))
            action.setCheckable(True)
            action.toggled.connect(self._on_toggled)
            self._actions[value] = action
        self.setMenu(menu)
        self._on_toggled()

    def values(self) -> tuple[str, ...]:
        """Return the active switches."""
        return tuple(value for value, action in self._actions.items() if action.isChecked())

    def set_values(self, values: Iterable[str]) -> None:
        """Activate exactly these."""
        wanted = set(values)
        for value, action in self._actions.items():
            action.setChecked(value in wanted)

    def _on_toggled(self) -> None:
        self.setText(", ".join(map(_value_label, self.values())) or self._empty)
        self.changed.emit()


def _value_label(value: str) -> str:
    return KIND_LABELS.get(value, in_language(f"{value[:1].upper()}{value[1:]}"))
