"""Where the texts of fields and buttons are, as they are painted."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.widgets.fields.number_box import DecimalBox, NumberBox, WholeBox

EDGE = 3
"""Pixels of the frame."""


def test_numbers_begin_where_other_text_begins(qtbot, qapp):
    theme.apply(qapp, "light")
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    number = NumberBox(whole=False)
    number.set_value(88)
    whole, decimal = WholeBox(), DecimalBox()
    whole.setValue(88)
    decimal.setDecimals(0)
    decimal.setValue(88)
    text, last = QLineEdit("88"), QLineEdit()
    fields = [number, whole, decimal, text]
    for field in (*fields, last):
        column.addWidget(field)
    page.resize(200, 240)
    page.show()
    # A cursor would be dark, too.
    last.setFocus()
    qtbot.waitUntil(last.hasFocus)
    begins = [_first_ink(field) for field in fields]
    assert max(begins) - min(begins) <= 1
    assert min(begins) > EDGE + 2


def _first_ink(field: QWidget) -> int:
    """Return how many pixels are on the left of the first dark one."""
    picture = field.grab().toImage()
    inside = QRect(QPoint(EDGE, EDGE), picture.rect().bottomRight() - QPoint(EDGE, EDGE))
    for x in range(inside.left(), inside.center().x()):
        column = (picture.pixel(x, y) for y in range(inside.top(), inside.bottom()))
        if any(QColor(pixel).lightness() < 150 for pixel in column):
            return x
    raise AssertionError(f"{field} shows no text.")


def test_the_text_of_a_default_button_fits(qtbot, qapp):
    theme.apply(qapp, "light")
    dialog = QDialog()
    qtbot.addWidget(dialog)
    column = QVBoxLayout(dialog)
    button, wide = QPushButton("Change ID"), QPushButton("Change ID")
    wide.setMinimumWidth(300)
    for each in (button, wide):
        column.addWidget(each, alignment=Qt.AlignmentFlag.AlignLeft)
    column.addWidget(QLineEdit())
    dialog.show()
    dialog.findChild(QLineEdit).setFocus()
    inked = []
    for each in (button, wide):
        each.setDefault(True)
        assert each.isDefault()
        inked.append(_white(each))
    assert inked[0] == inked[1] > 0


def _white(button: QPushButton) -> int:
    """Return how many pixels of a button's text are white."""
    picture = button.grab(button.rect().adjusted(6, 6, -6, -6)).toImage()
    places = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
    return sum(QColor(picture.pixel(x, y)).lightness() > 200 for x, y in places)
