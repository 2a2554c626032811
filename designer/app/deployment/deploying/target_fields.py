"""The fields of a target: sizes, the workspace in Azure, the key. Others are not shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from designer.app.deployment.fields import FileField, mark_invalid
from designer.app.runs.compute_target import SIGN_INS, ComputeTarget
from designer.app.widgets.number_box import DecimalBox

MACHINES = (
    "Standard_DS1_v2",
    "Standard_DS2_v2",
    "Standard_DS3_v2",
    "Standard_DS4_v2",
    "Standard_F2s_v2",
    "Standard_F4s_v2",
    "Standard_F8s_v2",
    "Standard_E2s_v3",
    "Standard_E4s_v3",
)
"""Azure's machines that an endpoint often runs on; others can be typed."""

USUAL = "Standard_DS3_v2"

Spin = TypeVar("Spin", bound=QAbstractSpinBox)


class TargetFields(QObject):
    """Rows of a form; those that the target does not use are hidden.

    Parameters
    ----------
    form : QFormLayout
        Gets the rows.
    compute_target : ComputeTarget
        Where pipelines run; its workspace and sign-in are suggested.

    Signals
    -------
    changed
        Something is another value.
    """

    changed = Signal()

    def __init__(self, form: QFormLayout, compute_target: ComputeTarget, parent: QObject) -> None:
        super().__init__(parent)
        self.config = FileField(
            "config.json of the workspace", "Workspaces (*.json);;All files (*)"
        )
        self.config.line.setPlaceholderText("Its config.json")
        self.config.line.setText(compute_target.config)
        self.sign_in = _choice(SIGN_INS, compute_target.sign_in)
        self.cluster = QLineEdit()
        self.cluster.setPlaceholderText("As it is called in the workspace")
        self.instance_type = QComboBox()
        self.instance_type.setEditable(True)
        self.instance_type.addItems(list(MACHINES))
        self.instance_type.setCurrentText(USUAL)
        self.cores = _number(0.1, 128, 1, " cores")
        self.memory = _number(0.1, 4096, 2, " GB")
        self.instances = _inset(QSpinBox())
        self.instances.setRange(1, 500)
        self.port = _inset(QSpinBox())
        self.port.setRange(0, 65535)
        self.port.setSpecialValueText("Any free port")
        self.key = KeyField()
        self._form = form
        self._size = _size_row(self.cores, self.memory)
        self._rows: dict[str, tuple[str, QWidget]] = {
            "config": ("Workspace", self.config),
            "sign_in": ("Sign in", self.sign_in),
            "cluster": ("Cluster", self.cluster),
            "instance_type": ("Instance type", self.instance_type),
            "cores": ("Size", self._size),
            "instances": ("Instances", self.instances),
            "port": ("Port", self.port),
            "key": ("Key", self.key),
        }
        for title, widget in self._rows.values():
            label = QLabel(title)
            label.setBuddy(widget)
            form.addRow(label, widget)
            if not widget.accessibleName():
                widget.setAccessibleName(title)
        self.cores.setAccessibleName("Cores")
        self.memory.setAccessibleName("Memory")
        self._used: frozenset[str] = frozenset()
        for signal in (
            self.config.changed,
            self.sign_in.currentIndexChanged,
            self.cluster.textChanged,
            self.instance_type.currentTextChanged,
            self.cores.valueChanged,
            self.memory.valueChanged,
            self.instances.valueChanged,
            self.port.valueChanged,
            self.key.changed,
        ):
            signal.connect(lambda *_: self.changed.emit())

    def show_uses(self, used: frozenset[str]) -> None:
        """Show the fields that a target uses."""
        self._used = used
        for name, (_, widget) in self._rows.items():
            self._form.setRowVisible(widget, name in used)

    def options(self) -> dict[str, Any]:
        """Return what the fields that are shown say, as the fields of ``TargetOptions``."""
        said: dict[str, Any] = {
            "config": self.config.path if self.config.text else None,
            "sign_in": self.sign_in.currentData(),
            "cluster": self.cluster.text().strip() or None,
            "instance_type": self.instance_type.currentText().strip(),
            "cores": self.cores.value(),
            "memory": self.memory.value(),
            "instances": self.instances.value(),
            "port": self.port.value() or None,
        }
        return {name: value for name, value in said.items() if name in self._used}

    def own_key(self) -> str:
        """Return the key that the person chose; empty for one that is made."""
        return self.key.text if "key" in self._used else ""

    def mark(self, sentence: str) -> None:
        """Mark the field that a sentence about the options is about."""
        shown = {name: bool(sentence) and word in sentence for name, word in _ABOUT.items()}
        # What is not filled in yet is not wrong yet.
        mark_invalid(self.config.line, shown["config"] and bool(self.config.text))
        mark_invalid(self.cluster, shown["cluster"] and bool(self.cluster.text()))
        mark_invalid(self.instance_type, shown["instance_type"])
        mark_invalid(self.key.line, shown["key"] and bool(self.key.text))

    def to_json(self) -> dict[str, Any]:
        """Return what is worth remembering for the next time; never a key."""
        return {
            "cluster": self.cluster.text().strip(),
            "instance_type": self.instance_type.currentText().strip(),
            "cores": self.cores.value(),
            "memory": self.memory.value(),
            "instances": self.instances.value(),
            "config": self.config.text,
            "sign_in": self.sign_in.currentData(),
        }

    def recall(self, plain: Mapping[str, Any]) -> None:
        """Fill the fields with what was remembered; what can't be understood is let pass."""
        for name, line in (("cluster", self.cluster), ("config", self.config.line)):
            if isinstance(plain.get(name), str) and plain[name]:
                line.setText(plain[name])
        if isinstance(plain.get("instance_type"), str):
            self.instance_type.setCurrentText(plain["instance_type"])
        if plain.get("sign_in") in SIGN_INS:
            self.sign_in.setCurrentIndex(self.sign_in.findData(plain["sign_in"]))
        for name, field in (("cores", self.cores), ("memory", self.memory)):
            if isinstance(plain.get(name), (int, float)):
                field.setValue(float(plain[name]))
        if isinstance(plain.get("instances"), int):
            self.instances.setValue(plain["instances"])


class KeyField(QWidget):
    """A key that is made, or one's own.

    Signals
    -------
    changed
        It is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = _choice({"made": "Generate a random key", "own": "My own"}, "made")
        self.choice.setAccessibleName("Key")
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setAccessibleName("My own key")
        self.line.setPlaceholderText("At least 8 letters, digits or signs")
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
        """Whether the person gives one."""
        return bool(self.choice.currentData() == "own")

    @property
    def text(self) -> str:
        """The person's own key; empty for one that is made."""
        return self.line.text().strip() if self.own else ""

    def _on_choice(self) -> None:
        self.line.setVisible(self.own)
        if self.own:
            self.line.setFocus()
        self.changed.emit()


_ABOUT = {"config": "config", "cluster": "cluster", "instance_type": "machine", "key": "key"}
"""A word of the sentences about each field."""


def _choice(words: Mapping[str, str], chosen: str) -> QComboBox:
    combo = QComboBox()
    for key, text in words.items():
        combo.addItem(text, key)
    combo.setCurrentIndex(max(combo.findData(chosen), 0))
    return combo


def _number(least: float, most: float, value: float, unit: str) -> DecimalBox:
    field = DecimalBox()
    field.setRange(least, most)
    field.setDecimals(1)
    field.setSingleStep(0.5)
    field.setValue(value)
    field.setSuffix(unit)
    return field


def _inset(field: Spin) -> Spin:
    """Let a number begin where texts do."""
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    return field


def _size_row(*fields: QWidget) -> QWidget:
    whole = QWidget()
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for field in fields:
        row.addWidget(field, 1)
    whole.setFocusProxy(fields[0])
    return whole
