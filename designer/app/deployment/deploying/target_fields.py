"""The fields of a deployment target: one for each of its options, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QWidget

from designer.app.deployment.deploying.option_fields import OptionField, choice_box
from designer.app.deployment.fields import mark_invalid
from designer.composed_texts import in_language
from designer.deployment.target import DeploymentTarget
from designer.deployment.targets import options_by_name, targets
from designer.texts import tr


class TargetFields(QObject):
    """Rows of a form; those that the target doesn't use are hidden.

    Parameters
    ----------
    form : QFormLayout
        Gets the rows.

    Signals
    -------
    changed
        A value has changed.
    """

    changed = Signal()

    def __init__(self, form: QFormLayout, parent: QObject) -> None:
        super().__init__(parent)
        options = options_by_name(reversed(list(targets().values())))
        self.fields: dict[str, OptionField] = {
            name: OptionField(option) for name, option in options.items()
        }
        self.key = KeyField()
        self._form = form
        self._used: set[str] = set()
        for field in self.fields.values():
            self._add(in_language(field.option.title), field)
            field.changed.connect(self.changed)
        self._add(tr("Key"), self.key)
        self.key.changed.connect(self.changed)

    def show_target(self, target: type[DeploymentTarget], *, files: bool) -> None:
        """Show the fields of a target; with ``files``, those that the files depend on."""
        self._used = {each.name for each in target.options if each.in_files or not files}
        for name, field in self.fields.items():
            self._form.setRowVisible(field, name in self._used)
        self._form.setRowVisible(self.key, target.takes_key and not files)

    def options(self) -> dict[str, Any]:
        """Return the values of the fields that are shown."""
        return {name: field.value() for name, field in self.fields.items() if name in self._used}

    def own_key(self) -> str:
        """Return the key that was entered; empty for a random one."""
        return self.key.text if self._form.isRowVisible(self.key) else ""

    @property
    def lacks_key(self) -> bool:
        """Whether a custom key is selected but not entered."""
        return self._form.isRowVisible(self.key) and self.key.own and not self.key.text

    def mark(self, wrong: str) -> None:
        """Mark the field of the option of this name; empty for none."""
        for name, field in self.fields.items():
            # An empty field isn't wrong yet.
            field.mark(name == wrong and field.value() is not None)
        mark_invalid(self.key.line, wrong == "key" and bool(self.key.text))

    def to_json(self) -> dict[str, Any]:
        """Return the values to store for the next time; never a key."""
        return {
            name: field.value() for name, field in self.fields.items() if field.option.remembered
        }

    def recall(self, plain: Mapping[str, Any]) -> None:
        """Fill the fields with stored values; invalid ones are ignored."""
        for name, field in self.fields.items():
            if field.option.remembered:
                field.set_value(plain.get(name))

    def _add(self, title: str, widget: QWidget) -> None:
        label = QLabel(title)
        label.setBuddy(widget)
        self._form.addRow(label, widget)


class KeyField(QWidget):
    """A random or a custom key.

    Signals
    -------
    changed
        It has changed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = choice_box({"made": tr("Generate a random key"), "own": tr("My own")})
        self.choice.set_spoken_label(tr("Key"))
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName(tr("My own key"))
        self.line.setPlaceholderText(tr("At least 8 letters, digits, or symbols"))
        self.line.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.choice)
        row.addWidget(self.line, 1)
        self.setFocusProxy(self.choice)
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.line.textChanged.connect(self.changed)

    @property
    def own(self) -> bool:
        """Whether the user enters one."""
        return bool(self.choice.currentData() == "own")

    @property
    def text(self) -> str:
        """The user's own key; empty for a random one."""
        return self.line.text().strip() if self.own else ""

    def _on_choice(self) -> None:
        self.line.setVisible(self.own)
        if self.own:
            self.line.setFocus()
        self.changed.emit()
