"""Fields for numbers with arrows, the same in every language of the system."""

from __future__ import annotations

import math
import sys

from PySide6.QtCore import QDynamicPropertyChangeEvent, QEvent, QLocale, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox, QWidget

from designer.app.widgets.fields.typed_text import on_typed, show_text
from designer.app.widgets.numbers import parse_number, write_number

_NUMBER = "value"
"""The property in which assistive technology reads and sets the number."""

_INDENT = 9
"""Pixels from the edge of the line to its text."""


class NumberBox(QAbstractSpinBox):
    """Like Qt's spin boxes, but text that isn't a number is kept for the user to fix.

    Parameters
    ----------
    whole : bool
        Steps are integers.
    minimum, maximum : float, optional
        The arrows stay within these limits.

    Signals
    -------
    edited : object
        The number, the text if it isn't one, or None for an empty field.
    """

    edited = Signal(object)

    def __init__(
        self,
        *,
        whole: bool,
        minimum: float | None = None,
        maximum: float | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._whole = whole
        self._minimum = minimum
        self._maximum = maximum
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        _set_text_apart(self)
        on_typed(self.lineEdit(), lambda _: self._on_typed())
        self.editingFinished.connect(self._show_as_read)
        # Qt's accessible object of a spin box reads and sets these properties.
        self.setProperty("minimum", -sys.float_info.max if minimum is None else float(minimum))
        self.setProperty("maximum", sys.float_info.max if maximum is None else float(maximum))

    def value(self) -> int | float | str | None:
        """Return the number, the text if it isn't one, or None."""
        text = self.lineEdit().text().strip()
        if not text:
            return None
        return parse_number(text, whole=self._whole)

    def set_value(self, value: object) -> None:
        """Show a value; None empties the field."""
        show_text(self.lineEdit(), "" if value is None else write_number(value))
        self._note_number()

    def stepBy(self, steps: int) -> None:
        """Go up or down by sensible steps."""
        value = self.value()
        if not isinstance(value, (int, float)):
            value = self._start()
        else:
            value = self._rounded(value + steps * self._step(value))
        value = self._within(value)
        self.set_value(value)
        self.lineEdit().selectAll()
        self.edited.emit(value)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """See Qt."""
        flags = QAbstractSpinBox.StepEnabledFlag
        value = self.value()
        if not isinstance(value, (int, float)):
            return flags.StepUpEnabled | flags.StepDownEnabled
        up = self._maximum is None or value < self._maximum
        down = self._minimum is None or value > self._minimum
        result = flags.StepNone
        if up:
            result |= flags.StepUpEnabled
        if down:
            result |= flags.StepDownEnabled
        return result

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept any text: errors are shown under the field."""
        return QValidator.State.Acceptable, text, position

    def event(self, event: QEvent) -> bool:
        """Use a number that assistive technology has set."""
        if isinstance(event, QDynamicPropertyChangeEvent) and event.propertyName() == _NUMBER:
            number = self.property(_NUMBER)
            if number is not None and number != self._number():
                whole = self._whole and float(number).is_integer()
                self.set_value(int(number) if whole else float(number))
                self.edited.emit(self.value())
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the number only in the focused field, otherwise scroll the panel."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _on_typed(self) -> None:
        self._note_number()
        self.edited.emit(self.value())

    def _note_number(self) -> None:
        self.setProperty(_NUMBER, self._number())

    def _number(self) -> float | None:
        value = self.value()
        largest = sys.float_info.max
        if isinstance(value, (int, float)) and -largest <= value <= largest:
            return float(value)
        return None

    def _show_as_read(self) -> None:
        """Show how a number with a comma was interpreted."""
        value = self.value()
        text = self.lineEdit().text()
        if isinstance(value, (int, float)) and any(sign in text for sign in ",'’ "):
            self.set_value(value)

    def _start(self) -> int | float:
        return self._minimum if self._minimum is not None else 0

    def _step(self, value: float) -> float:
        """A tenth of the magnitude: 0.01 at 0.5, 1 at 20, 100 at 1500."""
        bounded = self._minimum is not None and self._maximum is not None
        if not self._whole and bounded:
            width = self._maximum - self._minimum  # type: ignore[operator]
            if 0 < width <= 1:
                return width / 20
        if not value:
            return 1 if self._whole else 0.1
        step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
        return max(1, round(step)) if self._whole else step

    def _rounded(self, value: float) -> int | float:
        return round(value) if self._whole else float(f"{value:.10g}")

    def _within(self, value: int | float) -> int | float:
        if self._minimum is not None and value < self._minimum:
            value = self._minimum
        if self._maximum is not None and value > self._maximum:
            value = self._maximum
        return int(value) if self._whole else float(value)


class WholeBox(QSpinBox):
    """Like Qt's, with its text where that of other fields begins."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _set_text_apart(self)


class DecimalBox(QDoubleSpinBox):
    """Like Qt's, with a decimal point in every language; a comma that is typed becomes one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        plain = QLocale.c()
        plain.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
        self.setLocale(plain)
        _set_text_apart(self)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """See Qt."""
        state, written, at = super().validate(text.replace(",", "."), position)
        return state, written, at


def _set_text_apart(box: QAbstractSpinBox) -> None:
    """Begin the text of a number field where that of other fields begins.

    Style sheets have no effect on the line of a spin box.
    """
    box.lineEdit().setTextMargins(_INDENT, 0, _INDENT, 0)
