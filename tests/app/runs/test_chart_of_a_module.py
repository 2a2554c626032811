"""Create Chart in the window: added, set, and run by mouse and keys, its result a picture."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QToolButton
from run_desk import LONG, handle_of, scripting, show
from window_desk import key

from designer.app.views.report_view import ReportView
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

LEFT = Qt.MouseButton.LeftButton
CARS = "weight,power,length,make\n" + "\n".join(
    f"{1000 + 40 * car},{90 + car},{3 + car / 10},{'audi' if car % 2 else 'bmw'}"
    for car in range(20)
)


def choose(window, name: str, text: str) -> None:
    """Choose a column of a field with the keyboard."""
    window.properties.fields[name].editor.box.setFocus()
    QTest.keyClicks(QApplication.focusWidget(), text)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    QApplication.processEvents()


def double_click(window, node: str) -> None:
    viewer = window.canvas.viewer
    at = viewer.to_view(window.canvas.graph.bounds([node]).center()).toPoint()
    QTest.mouseClick(viewer.viewport(), LEFT, pos=at)
    QTest.mouseDClick(viewer.viewport(), LEFT, pos=at)


def test_a_chart_is_the_result_of_a_module(window, qtbot, tmp_path, monkeypatch):
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": CARS})
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        window.document.apply("Build", lambda _: pipeline)
    window.canvas.select([data])
    window.canvas.setFocus()
    for letter in "create chart":
        QTest.keyClicks(QApplication.focusWidget(), letter)
        QApplication.processEvents()
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        key(window, Qt.Key.Key_Return)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    with qtbot.waitActive(window):
        window.activateWindow()
    for field, column in (
        ("x", "weight"),
        ("y", "power"),
        ("color", "make"),
        ("size", "length"),
    ):
        choose(window, field, column)
    node = window.document.pipeline.nodes["create_chart"]
    assert {name: node.parameters[name] for name in ("x", "y", "color", "size")} == {
        "x": ["weight"],
        "y": ["power"],
        "color": ["make"],
        "size": ["length"],
    }
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        key(window, Qt.Key.Key_F5)
    double_click(window, "create_chart")
    qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
    (result,) = window.runs.result_windows()
    qtbot.waitUntil(lambda: bool(result.findChildren(ReportView)), timeout=LONG)
    (view,) = result.findChildren(ReportView)
    (pane,) = view.charts
    audi, bmw = pane.chart.chart.series
    assert (audi.name, bmw.name) == ("audi", "bmw")
    assert audi.x == tuple(1000.0 + 40 * car for car in range(1, 20, 2))
    assert audi.sizes[-1] == 1
    file = tmp_path / "cars.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    (save,) = (b for b in pane.findChildren(QToolButton) if "Save" in b.accessibleName())
    QTest.mouseClick(save, LEFT)
    assert QImage(str(file)).width() > 300


REPORTING = """
import time
from pathlib import Path
from modules.contract import report_progress

def azureml_main(a=None, b=None):
    report_progress(0.4, "tree 40 of 100")
    while not Path({path!r}).exists():
        time.sleep(0.01)
    return (a,)
"""


def test_the_status_bar_shows_what_a_step_reports(window, qtbot, tmp_path):
    go_on = tmp_path / "go on"
    show(window, scripting(REPORTING.format(path=str(go_on))))
    key(window, Qt.Key.Key_F5)
    handle_of(window, qtbot)
    shown = window.status.run
    qtbot.waitUntil(
        lambda: shown.text().startswith(
            "Running, 1 of 2 done, Execute Python Script: tree 40 of 100, "
        ),
        timeout=LONG,
    )
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        go_on.touch()
    assert shown.text().startswith("Completed in ")
