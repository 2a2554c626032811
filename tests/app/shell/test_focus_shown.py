"""The focus that keys have brought is shown once: by the ring of the theme, not by another."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QRadioButton, QVBoxLayout, QWidget

from designer.app.shell import theme
from designer.app.shell.start_page import _recent_button

INDICATOR = 18
"""Pixels that the box or circle takes at the left."""


def reached(qtbot, widget: QWidget) -> list[str]:
    """The colours in a row above the letters, right of the indicator, after Tab led there."""
    page = QWidget()
    column = QVBoxLayout(page)
    before = QPushButton("Before")
    for each in (before, widget):
        column.addWidget(each)
    qtbot.addWidget(page)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    before.setFocus()
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert widget.hasFocus()
    picture = widget.grab().toImage()
    row = round(3 * picture.devicePixelRatio())
    return [
        picture.pixelColor(x, row).name()
        for x in range(INDICATOR, round(widget.sizeHint().width()) - 4)
    ]


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: QCheckBox("ace"),
        lambda: QRadioButton("ace"),
        lambda: _recent_button("ace", "/sea"),
    ],
)
def test_no_second_frame_is_drawn_around_the_words(qapp, qtbot, name, make):
    theme.apply(qapp, name)
    try:
        assert len(set(reached(qtbot, make()))) == 1
    finally:
        theme.apply(qapp, "light")
