"""The editor of several values of a learner's parameter, which tuning tries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from designer.app.panels.editor import Context, Editor
from designer.app.panels.property_pages import TEXT_MARGIN
from designer.app.panels.value_editors import ChoicesEditor
from designer.app.widgets.fields.number_box import NumberBox
from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.app.widgets.numbers import parse_number, write_number
from designer.texts import tr
from modules.contract import Parameter, RangeToTry, ValuesToTry
from modules.contract.parameter import possible_values

NUMERIC = ("integer", "number")
"""Kinds of parameters that may have a range."""

_WIDE = 20
"""From this ratio of its ends on, a range starts on a logarithmic scale."""


def first_list(parameter: Parameter, value: Any) -> Any:
    """Return the list that a field starts with: that of a range, or the usual values."""
    known = possible_values(value)
    if isinstance(value, Mapping) and "$range" in value:
        try:
            known = parameter.read_search(value).grid()
        except ValueError:
            known = tuple(each for each in known if each is not None)
    elif parameter.sweep:
        known = parameter.sweep
    return ValuesToTry(known).to_json()


def first_range(parameter: Parameter, value: Any) -> Any:
    """Return the range that a field starts with: around the values that it has."""
    known = [each for each in possible_values(value) if _is_number(each)]
    if len(known) < 2 and parameter.sweep:
        known = list(parameter.sweep)
    if len(known) < 2:
        center = known[0] if known and known[0] > 0 else 1
        # Halves of integers would need rounding.
        known = [max(center // 2, 1) if parameter.kind == "integer" else center / 2, center * 2]
        if parameter.maximum is not None:
            known[1] = min(known[1], parameter.maximum)
    low, high = min(known), max(known)
    return RangeToTry(low, high, log=low > 0 and high / low >= _WIDE).to_json()


class SearchEditor(Editor):
    """A list of values, or a range of numbers."""

    def __init__(self, parameter: Parameter, context: Context) -> None:
        super().__init__(parameter, context)
        self._pages = QStackedLayout(self)
        self.values: ChoicesEditor | QLineEdit | QPlainTextEdit
        if parameter.kind in ("choice", "boolean"):
            checks = ChoicesEditor(parameter, context)
            checks.edited.connect(self._emit_list)
            self.values = checks
        elif parameter.kind in NUMERIC:
            self.values = QLineEdit()
            self.values.setPlaceholderText("1, 10, 100")
            on_typed(self.values, lambda _: self._on_numbers())
            self.values.returnPressed.connect(lambda: self.finished.emit())
        else:
            self.values = QPlainTextEdit()
            self.values.setPlaceholderText(tr("One value in each line"))
            self.values.setTabChangesFocus(True)
            self.values.setFixedHeight(72)
            self.values.document().setDocumentMargin(TEXT_MARGIN)
            self.values.textChanged.connect(self._on_lines)
        self.values.setAccessibleName(tr("Values to try: {title}").format(title=parameter.title))
        self._pages.addWidget(self.values)
        self.low = self._number(tr("From"))
        self.high = self._number(tr("Up to"))
        self.points = NumberBox(whole=True, minimum=2, maximum=1_000)
        self.points.edited.connect(self._on_range)
        self.points.setAccessibleName(tr("Points in a grid: {title}").format(title=parameter.title))
        self.points.setToolTip(tr("How many numbers of the range a grid tries"))
        self.log = QCheckBox(tr("Logarithmic"))
        self.log.setAccessibleName(f"{self.log.text()}: {parameter.title}")
        self.log.setToolTip(tr("Try each order of magnitude equally often"))
        self.log.clicked.connect(self._on_range)
        self._pages.addWidget(self._range_page())

    def set_value(self, value: Any) -> None:
        """See base: ``{"$values": ...}`` or ``{"$range": ...}``."""
        fields = value.get("$range")
        if fields is None:
            self._show_list(value.get("$values"))
            self._turn(0)
            return
        fields = fields if isinstance(fields, Mapping) else {}
        shown = {self.low: fields.get("from"), self.high: fields.get("to")}
        shown[self.points] = fields.get("points", RangeToTry.points)
        for box, number in shown.items():
            if box.value() != number:
                box.set_value(number)
        self.log.setChecked(fields.get("log") is True)
        self._turn(1)

    def mark(self, invalid: bool) -> None:
        """See base."""
        if isinstance(self.values, ChoicesEditor):
            self.values.mark(invalid)
        else:
            super().mark(invalid)

    def _turn(self, page: int) -> None:
        """Show a page; a stack is as tall as its tallest page otherwise."""
        self._pages.setCurrentIndex(page)
        shown = self._pages.currentWidget()
        self.setFixedHeight(shown.sizeHint().height())
        self.setFocusProxy(self.low if page else self.values.focusProxy() or self.values)

    def _range_page(self) -> QWidget:
        page = QWidget()
        ends = QHBoxLayout()
        ends.addWidget(self.low, 1)
        ends.addWidget(QLabel("to"))
        ends.addWidget(self.high, 1)
        scale = QHBoxLayout()
        scale.addWidget(self.log, 1)
        scale.addWidget(QLabel(tr("Points")))
        scale.addWidget(self.points)
        self.points.setFixedWidth(72)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(ends)
        column.addLayout(scale)
        return page

    def _number(self, name: str) -> NumberBox:
        box = NumberBox(
            whole=self.parameter.kind == "integer",
            minimum=self.parameter.minimum,
            maximum=self.parameter.maximum,
        )
        box.setAccessibleName(f"{name}: {self.parameter.title}")
        box.edited.connect(self._on_range)
        return box

    def _show_list(self, found: Any) -> None:
        values = list(found) if isinstance(found, (list, tuple)) else []
        if isinstance(self.values, ChoicesEditor):
            self.values.set_value(values)
        elif isinstance(self.values, QLineEdit):
            # Text that is being typed and already means the list stays.
            if self._numbers() != values:
                show_text(self.values, ", ".join(map(write_number, values)))
        elif self.values.toPlainText().splitlines() != values:
            with QSignalBlocker(self.values):
                self.values.setPlainText("\n".join(map(str, values)))

    def _numbers(self) -> list[Any]:
        assert isinstance(self.values, QLineEdit)
        text = self.values.text()
        # Where decimals have a comma, semicolons separate numbers.
        pieces = text.split(";") if ";" in text else re.split(r"[,\s]+", text)
        whole = self.parameter.kind == "integer"
        return [parse_number(piece, whole=whole) for piece in pieces if piece.strip()]

    def _on_numbers(self) -> None:
        self._emit_list(self._numbers())

    def _on_lines(self) -> None:
        assert isinstance(self.values, QPlainTextEdit)
        self._emit_list([line for line in self.values.toPlainText().splitlines() if line.strip()])

    def _emit_list(self, values: Any) -> None:
        self.edited.emit({"$values": values})

    def _on_range(self) -> None:
        fields: dict[str, Any] = {"from": self.low.value(), "to": self.high.value()}
        if self.log.isChecked():
            fields["log"] = True
        if self.points.value() != RangeToTry.points:
            fields["points"] = self.points.value()
        self.edited.emit({"$range": fields})


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
