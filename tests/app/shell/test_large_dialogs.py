"""Dialogs, the tour, the guide, and results in a font that is larger than usual."""

from __future__ import annotations

import pytest
from dialog_desk import DIALOGS
from layout_desk import SMALL, clipped, overlapping, small_targets
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from run_desk import show, splitting

from designer.app.preferences.dialog import Preferences
from designer.app.tour.callout import Callout

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


def test_no_text_of_a_dialog_is_cut_off(large, window, qtbot):
    show(window, splitting())
    found = {}
    for name, make in DIALOGS.items():
        dialog = make(window)
        with qtbot.waitExposed(dialog):
            dialog.show()
        QApplication.processEvents()
        # The screen of the tests is another one.
        dialog.resize(SMALL)
        QApplication.processEvents()
        if wrong := clipped(dialog) + small_targets(dialog) + overlapping(dialog):
            found[name] = wrong
        least = dialog.layout().totalMinimumSize()
        if least != least.boundedTo(SMALL):
            found[name] = [f"it needs {least}"]
        dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert found == {}


def test_what_can_be_pressed_in_a_dialog_is_large_enough(window, qtbot):
    """In the usual font: with a larger one, everything grows."""
    show(window, splitting())
    found = {}
    for name, make in DIALOGS.items():
        dialog = make(window)
        with qtbot.waitExposed(dialog):
            dialog.show()
        if small := small_targets(dialog):
            found[name] = small
        dialog.close()
        dialog.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert found == {}


def test_no_text_of_the_preferences_is_cut_off(large, window, qtbot):
    found = {}

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, Preferences):
            QTimer.singleShot(20, look)
            return
        for row in range(dialog.sections.count()):
            dialog.sections.setCurrentRow(row)
            QApplication.processEvents()
            if cut := clipped(dialog):
                found[dialog.sections.item(row).text()] = cut
        dialog.reject()

    QTimer.singleShot(0, look)
    window.preferences.preferences()
    assert found == {}


def test_no_text_of_the_tour_is_cut_off(large, window, qtbot):
    window.files.show_start_page()
    window.start_page.tour.click()

    def callouts() -> list[Callout]:
        return [w for w in QApplication.allWidgets() if isinstance(w, Callout) and w.isVisible()]

    qtbot.waitUntil(lambda: len(callouts()) == 1, timeout=60_000)
    (callout,) = callouts()
    qtbot.waitUntil(lambda: clipped(callout) == [])
    window.tour.leave()


def test_the_side_panels_are_wide_enough_for_their_texts(large, window):
    window.window().resize(1280, 720)
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()
    sides = window.workbench.sides
    assert sides["left"].width() > 180
    assert sides["right"].width() > 260
    assert window.canvas.width() > 200
    assert window.width() == 1280


def test_recent_files_have_whole_lines(large, window, tmp_path):
    window.settings.add_recent(tmp_path / "gypsy_queries.pipeline.json")
    window.files.show_start_page()
    QApplication.processEvents()
    (button,) = window.start_page.recent_buttons()
    assert button.height() >= window.fontMetrics().height() + 8
    assert clipped(button) == []
