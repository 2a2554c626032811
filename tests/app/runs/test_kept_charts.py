"""The chart of a result is kept with the pipeline."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from run_desk import LONG, run, show, splitting

from designer.app.views.charts.table_chart_page import TableChartPage
from designer.pipeline import file as pipeline_file
from designer.pipeline.charts import chart_of

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


def open_charts(window, qtbot) -> TableChartPage:
    """Open the result of Split Data and click on its tab."""
    window.runs.show_output("split_data", "results_dataset1")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (result,) = window.runs.result_windows()
    result.resize(1000, 700)
    view = result.focusProxy()
    qtbot.waitUntil(lambda: not view.reading, timeout=LONG)
    bar = view.view.tabs.tabBar()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=bar.tabRect(1).center())
    page = view.view.findChild(TableChartPage)
    qtbot.waitUntil(lambda: not page.drawing, timeout=LONG)
    return page


def kept(window) -> object:
    return chart_of(window.document.pipeline.nodes["split_data"], "results_dataset1")


def test_a_chart_is_kept_undone_and_found_again(window, qtbot, tmp_path):
    show(window, splitting())
    run(window, qtbot)
    window.document.undo_stack.setClean()
    page = open_charts(window, qtbot)
    begins_with = page.form.settings()
    assert kept(window) is None
    assert not window.document.dirty
    page.form.kind.setFocus()
    QTest.keyClick(page.form.kind, Qt.Key.Key_End)
    assert page.form.kind.currentText() == "Pair plot"
    assert kept(window) == {"kind": "pairs"}
    assert window.document.undo_stack.undoText() == "Chart: Pair plot"
    assert "split_data" not in window.controller.stale(
        window.document.pipeline, window.document.base
    )
    window.document.undo_stack.undo()
    assert kept(window) is None
    assert page.form.settings() == begins_with
    window.document.undo_stack.redo()
    assert page.form.kind.currentText() == "Pair plot"
    file = tmp_path / "kept.pipeline.json"
    window.document.save(file)
    found = pipeline_file.read(file).nodes["split_data"]
    assert chart_of(found, "results_dataset1") == {"kind": "pairs"}
    window.runs.result_windows()[0].close()
    assert open_charts(window, qtbot).form.kind.currentText() == "Pair plot"
