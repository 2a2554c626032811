"""Buttons as wide as their panel, whose texts may be longer."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.panels.ports.wide_button import WideButton
from designer.app.shell import theme


@pytest.fixture
def panel(qapp, qtbot):
    theme.apply(qapp, "light")
    panel = QWidget()
    qtbot.addWidget(panel)
    layout = QVBoxLayout(panel)
    made = WideButton("Results dataset1", "  135 × 25")
    made.setIcon(theme.icon("table"))
    layout.addWidget(made)
    panel.resize(600, 80)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_a_text_with_room_is_whole(panel):
    button = panel.findChild(WideButton)
    assert button.shown_text() == button.text()


def test_a_long_text_is_cut_before_the_size_of_the_table(panel, qtbot):
    button = panel.findChild(WideButton)
    panel.resize(190, 80)
    qtbot.waitUntil(lambda: button.width() < 190)
    start, end = button.shown_text().split("…")
    assert start
    assert button.text().startswith(start)
    assert end == "  135 × 25"
    # It is spoken whole, and nothing of it is drawn over the edge.
    assert button.text() == "Results dataset1  135 × 25"
    image = button.grab().toImage()
    edge = {
        image.pixel(image.width() - across, y)
        for across in range(3, 8)
        for y in range(image.height() // 3, image.height() * 2 // 3)
    }
    assert len(edge) == 1
