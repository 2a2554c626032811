"""The list of runs: results looked at again, two runs compared, an error copied."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from window_desk import TABLE

from designer.app.dialogs.run_comparison import RunComparison
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton
NO = Qt.KeyboardModifier.NoModifier


def splitting() -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    pipeline, split = edits.add_node(pipeline, "split_data")
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))


def run(window, qtbot, expected: int) -> None:
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        window.runs.start([], anyway=True)
    count = window.run_list.list.topLevelItemCount
    qtbot.waitUntil(lambda: count() == expected, timeout=LONG)


def set_fraction(window, value: float) -> None:
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", value))


def click(window, row: int, modifiers=Qt.KeyboardModifier.NoModifier, twice=False) -> None:
    tree = window.run_list.list
    place = tree.visualItemRect(tree.topLevelItem(row)).center()
    QTest.mouseClick(tree.viewport(), LEFT, modifiers, place)
    if twice:
        QTest.mouseDClick(tree.viewport(), LEFT, modifiers, place)


@pytest.fixture
def two_runs(window, qtbot, tmp_path):
    """A window with a saved pipeline that has run twice, a quarter and three quarters."""
    window.document.apply("Insert", lambda _: splitting())
    set_fraction(window, 0.25)
    window.document.save(tmp_path / "p.pipeline.json")
    run(window, qtbot, 1)
    set_fraction(window, 0.75)
    run(window, qtbot, 2)
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    return window


def test_runs_of_a_pipeline_without_a_file_are_not_promised(window, qtbot, tmp_path):
    window.document.apply("Insert", lambda _: splitting())
    window.history.refresh()
    assert window.run_list.empty.text().startswith("Save the pipeline")
    window.document.save(tmp_path / "p.pipeline.json")
    assert window.run_list.empty.text().startswith("Runs of this pipeline")


def test_runs_before_the_first_save_are_listed_after_it(window, qtbot, tmp_path, monkeypatch):
    window.document.apply("Insert", lambda _: splitting())
    window.actions_by_id["run"].trigger()
    qtbot.waitUntil(lambda: window.status.run.text().startswith("Completed"), timeout=LONG)
    chosen = str(tmp_path / "p.pipeline.json")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    window.actions_by_id["save"].trigger()
    runs = window.run_list.list
    qtbot.waitUntil(lambda: runs.topLevelItemCount() == 1, timeout=LONG)
    window.files.new()
    window.files.open_path(tmp_path / "p.pipeline.json")
    qtbot.waitUntil(lambda: len(window.controller.results) == 2, timeout=LONG)


def test_results_of_an_earlier_run_are_shown_again(two_runs, qtbot):
    window = two_runs

    def rows() -> int | None:
        output = window.controller.output("split_data", "results_dataset1")
        return output.rows if output else None

    assert rows() == 3
    click(window, 1, twice=True)
    qtbot.waitUntil(lambda: rows() == 1, timeout=LONG)
    assert "Results of the run from" in window.statusBar().currentMessage()
    # It was made with another fraction than the pipeline has now.
    qtbot.waitUntil(
        lambda: (
            window.controller.stale(window.document.pipeline, window.document.base)
            == {"split_data"}
        )
    )
    click(window, 0)
    QTest.keyClick(window.run_list.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows() == 3, timeout=LONG)


def test_two_runs_are_compared(two_runs, qtbot):
    window = two_runs
    assert not window.run_list.compare.isEnabled()
    click(window, 0)
    assert not window.run_list.compare.isEnabled()
    click(window, 1, Qt.KeyboardModifier.ControlModifier)
    assert window.run_list.compare.isEnabled()
    assert not window.run_list.results.isEnabled()
    window.run_list.compare.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    groups = {
        dialog.list.topLevelItem(i).text(0): dialog.list.topLevelItem(i)
        for i in range(dialog.list.topLevelItemCount())
    }
    (row,) = [groups["Parameters"].child(i) for i in range(groups["Parameters"].childCount())]
    # The earlier run stands at the left.
    assert row.text(0).startswith("Split Data: fraction")
    assert (row.text(1), row.text(2)) == ("0.25", "0.75")
    dialog.close()


def test_three_runs_are_compared(two_runs, qtbot):
    window = two_runs
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.4))
    run(window, qtbot, 3)
    for row in range(3):
        click(window, row, Qt.KeyboardModifier.ControlModifier if row else NO)
    window.run_list.compare.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    row = dialog.list.topLevelItem(0).child(0)
    assert [row.text(column) for column in (1, 2, 3)] == ["0.25", "0.75", "0.4"]
    dialog.close()


def test_compared_metrics_keep_their_capitals(window, qtbot, tmp_path):
    table = (
        "Labels,Binary Class Scored Labels,Binary Class Scored Probabilities\n"
        "no,no,0.1\nyes,yes,0.8\nno,no,{}\nyes,no,0.4\n"
    )
    data = {"data": table.format("0.3")}
    pipeline, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters=data)
    pipeline, _ = edits.add_node(pipeline, "evaluate_model")
    pipeline = edits.connect(
        pipeline,
        Endpoint("enter_data_manually", "dataset"),
        Endpoint("evaluate_model", "scored_dataset"),
    )
    window.document.apply("Insert", lambda _: pipeline)
    window.document.save(tmp_path / "p.pipeline.json")
    run(window, qtbot, 1)
    other = table.format("0.5")
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "enter_data_manually", "data", other)
    )
    run(window, qtbot, 2)
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    click(window, 0)
    click(window, 1, Qt.KeyboardModifier.ControlModifier)
    window.run_list.compare.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    metrics = dialog.list.topLevelItem(0)
    assert metrics.text(0) == "Metrics"
    names = {metrics.child(i).text(0): metrics.child(i) for i in range(metrics.childCount())}
    area = names["Evaluate Model: AUC"]
    assert (area.text(1), area.text(2)) == ("1", "0.75")
    assert [area.font(column).bold() for column in (1, 2)] == [True, False]
    loss = names["Evaluate Model: average log loss"]
    assert loss.font(1).bold()
    assert "Evaluate Model: average log loss" in names
    dialog.close()


def test_runs_are_compared_while_a_sample_is_still_made(two_runs, qtbot):
    window = two_runs
    window.run_list.list.selectAll()
    held = threading.Event()
    window.checker.in_background(lambda: held.wait(LONG / 1000), id, with_engine=True)
    try:
        window.run_list.compare.trigger()
        qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG // 2)
    finally:
        held.set()
    window.findChildren(RunComparison)[0].close()


def test_runs_that_do_not_differ_say_so(window, qtbot, tmp_path):
    window.document.apply("Insert", lambda _: splitting())
    window.document.save(tmp_path / "p.pipeline.json")
    run(window, qtbot, 1)
    run(window, qtbot, 2)
    window.navigation.show_panel("runs")
    window.run_list.list.selectAll()
    window.run_list.compare.trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    assert dialog.same.isVisible()
    assert not dialog.list.isVisible()
    dialog.close()


def test_the_error_of_a_run_is_copied(window, qtbot, tmp_path):
    script = "def azureml_main(a=None, b=None):\n    raise ValueError('too many wheels')\n"
    pipeline, _ = edits.add_node(Pipeline(), "execute_python_script", parameters={"script": script})
    window.document.apply("Insert", lambda _: pipeline)
    window.document.save(tmp_path / "p.pipeline.json")
    run(window, qtbot, 1)
    window.navigation.show_panel("runs")
    click(window, 0)
    assert window.run_list.copy_error.isEnabled()
    window.run_list.copy_error.trigger()
    text = QApplication.clipboard().text()
    assert text.startswith("execute_python_script: ")
    assert "too many wheels" in text
    assert "Traceback" not in text


def test_a_run_without_failure_has_no_error_to_copy(two_runs):
    click(two_runs, 0)
    assert not two_runs.run_list.copy_error.isEnabled()
