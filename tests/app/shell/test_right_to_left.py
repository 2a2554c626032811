"""The window from right to left."""

from __future__ import annotations

import pytest
from focus_desk import stops
from layout_desk import clipped, overlapping
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget
from run_desk import LONG, run, show, splitting

from designer.app.dialogs.column_picker import ColumnPicker
from designer.app.dialogs.information import ModuleHelp, Shortcuts
from designer.app.shell.navigation import DEPLOYMENT, EDITING, SCHEDULES, START
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture(autouse=True)
def from_right_to_left(qapp):
    """Set the direction of languages such as Arabic."""
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_the_palette_is_on_the_right_and_the_properties_on_the_left(window):
    show(window, splitting())
    window.canvas.select(["split_data"])
    QApplication.processEvents()

    def left(widget):
        return widget.mapTo(window, QPoint(0, 0)).x()

    assert left(window.properties) < left(window.canvas) < left(window.palette_panel)


@pytest.mark.parametrize("page", [EDITING, START, DEPLOYMENT, SCHEDULES])
def test_nothing_overlaps_on_any_page(window, qtbot, page):
    show(window, splitting())
    window.canvas.select(["split_data"])
    window.navigation.show(page)
    qtbot.waitUntil(lambda: overlapping(window) + clipped(window) == [], timeout=20_000)


def test_a_result_has_no_overlaps(window, qtbot):
    show(window, splitting())
    run(window, qtbot)
    window.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (result,) = window.runs.result_windows()
    qtbot.waitUntil(lambda: len(stops(result)) > 3, timeout=LONG)
    qtbot.waitUntil(lambda: overlapping(result) + clipped(result) == [], timeout=20_000)


def test_dialogs_have_no_overlaps(window, qtbot):
    columns = [Column("age", "integer"), Column("גיל", "number")]
    rules = ColumnSelector((ColumnRule("all"), ColumnRule("names", ("age",), True)))
    picker = ColumnPicker("Columns", rules, columns, parent=window)
    spec = window.catalog["split_data"]
    for dialog in (picker, Shortcuts(window.commands, window), ModuleHelp(spec, None, window)):
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        assert overlapping(dialog) + clipped(dialog) == []
        dialog.close()


def test_what_lies_on_another_is_found(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    first, second = QLabel("first"), QLabel("second")
    row.addWidget(first)
    row.addWidget(second)
    page.show()
    assert overlapping(page) == []
    first.move(second.pos())
    assert len(overlapping(page)) == 1
