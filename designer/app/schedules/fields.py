"""Fields with a name for screen readers, as the forms of schedules have them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.fields.number_box import DecimalBox, WholeBox
from designer.app.widgets.form import Form


def form(page: QWidget | None = None) -> Form:
    """Return the layout of a page of fields."""
    made = Form(page) if page is not None else Form()
    made.setVerticalSpacing(10)
    made.setHorizontalSpacing(16)
    return made


def combo(name: str, choices: Mapping[str, str]) -> QComboBox:
    """Return a choice of texts by their values."""
    made = ChoiceBox()
    made.setAccessibleName(name)
    for value, text in choices.items():
        made.addItem(text, value)
    return made


def line(name: str, example: str) -> QLineEdit:
    """Return a line with an example while it is empty."""
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(example)
    return field


def decimal(name: str, low: float, high: float, digits: int, unit: str = "") -> DecimalBox:
    """Return a field for a number, with its unit."""
    box = DecimalBox()
    box.setAccessibleName(name)
    box.setDecimals(digits)
    box.setRange(low, high)
    box.setSingleStep(1 if high > 100 else 0.01)
    box.setSuffix(unit)
    return box


def percent(name: str, low: float, high: float) -> DecimalBox:
    """Return a field for a share."""
    box = decimal(name, low, high, 1, " %")
    box.setSingleStep(5 if high == 90 else 1)
    return box


def whole(name: str, low: int, high: int, unit: str = "") -> QSpinBox:
    """Return a field for an integer, with its unit."""
    box = WholeBox()
    box.setAccessibleName(name)
    box.setRange(low, high)
    box.setSuffix(unit)
    return box
