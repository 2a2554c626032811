"""The window in a font that is one and a half times, or twice, as large."""

from __future__ import annotations

import pytest
from layout_desk import USUAL_PIXELS, clipped, small_targets
from PySide6.QtWidgets import QApplication, QLabel
from run_desk import show, splitting

from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START


def test_no_text_is_cut_off_on_any_page(large, window, qtbot):
    show(window, splitting())
    window.canvas.select(["split_data"])
    for page in (EDITING, START, DEPLOYMENT, SCHEDULES):
        window.navigation.show(page)
        # What is learned from a sample may come in between.
        qtbot.waitUntil(lambda: not clipped(window))


def test_titles_and_the_canvas_follow_the_font(large, window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    labels = window.properties.page.findChildren(QLabel)
    title = next(label for label in labels if label.text() == "Split Data")
    assert title.fontInfo().pixelSize() == round(USUAL_PIXELS * large)
    window.canvas.zoom_reset()
    assert window.canvas.viewer.zoom() == pytest.approx(round(USUAL_PIXELS * large) / USUAL_PIXELS)
    assert window.status.zoom.text() == "100 %"


def test_what_can_be_pressed_is_large_enough(window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    assert small_targets(window) == []
