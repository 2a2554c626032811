"""The pipeline as code beside the canvas."""

from __future__ import annotations

import json
import threading

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from run_desk import LONG, open_foreign, run, splitting
from window_desk import TABLE, LentEngine, close, key

from designer.app.code import exporter
from designer.app.code.code_panel import BROKEN, EMPTY
from designer.app.code.preview import preview
from designer.app.shell.main_window import MainWindow
from designer.app.shell.settings import Settings
from designer.export import TARGETS
from designer.pipeline import edits, grouping
from designer.pipeline.model import Pipeline

LEFT = Qt.MouseButton.LeftButton
SHOWN = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def wait_for(window, qtbot, words: str) -> None:
    """Wait until the code contains words."""
    qtbot.waitUntil(lambda: words in window.code.view.toPlainText(), timeout=LONG)


def wait_until_idle(window, qtbot) -> None:
    panel = window.code
    qtbot.waitUntil(lambda: not panel._busy and not panel._timer.isActive(), timeout=LONG)


def opened(window, qtbot, pipeline: Pipeline | None = None):
    window.document.apply("Insert", lambda _: pipeline or splitting())
    window.canvas.fit()
    key(window, Qt.Key.Key_C, SHOWN)
    wait_for(window, qtbot, "split_data(")
    return window.code


def click_card(window, name: str) -> None:
    viewer = window.canvas.viewer
    at = viewer.mapFromScene(window.canvas.graph.bounds([name]).center())
    QTest.mouseClick(viewer.viewport(), LEFT, pos=at)
    QApplication.processEvents()


def lit(window) -> list[str]:
    return [mark.cursor.block().text() for mark in window.code.view.extraSelections()]


def click_line(window, words: str) -> None:
    view = window.code.view
    found = view.document().find(words)
    assert not found.isNull()
    view.go_to_line(found.blockNumber() + 1)
    QTest.mouseClick(view.viewport(), LEFT, pos=view.cursorRect().center())
    QApplication.processEvents()


def press(button) -> None:
    QTest.mouseClick(button, LEFT)
    QApplication.processEvents()


def toggle(box) -> None:
    QTest.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    QApplication.processEvents()


def save_as(window, qtbot, monkeypatch, path) -> str:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with qtbot.waitSignal(window.code.saved, timeout=LONG):
        press(window.code.save_button)
    return path.read_text("utf-8")


def test_the_command_shows_what_the_command_line_writes(window, qtbot):
    assert not window.code.isVisible()
    panel = opened(window, qtbot)
    assert panel.view.hasFocus()
    script = TARGETS["python"].script(
        window.document.pipeline,
        window.catalog,
        file=window.document.base / "Untitled.pipeline.json",
        workspace=window.workspace,
    )
    assert panel.view.toPlainText() == script.text
    assert panel.problems.isHidden()
    assert window.properties.isVisible()
    key(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    assert not panel.isVisible()


def test_a_selected_card_lights_up_its_lines(window, qtbot):
    opened(window, qtbot)
    click_card(window, "split_data")
    assert [line.rpartition(" = ")[2] for line in lit(window)] == ["split_data(data)"]
    click_card(window, "enter_data_manually")
    assert lit(window)[0].startswith("ENTER_DATA_MANUALLY_DATA = ")
    assert lit(window)[-1] == "    data = enter_data_manually(data=ENTER_DATA_MANUALLY_DATA)"
    window.canvas.select([])
    assert lit(window) == []


def test_a_line_selects_its_card_by_mouse_and_keyboard(window, qtbot):
    panel = opened(window, qtbot)
    click_line(window, "split_data(data")
    assert window.canvas.selection() == ["split_data"]
    found = panel.view.document().find("data = enter_data")
    panel.view.go_to_line(found.blockNumber() + 1)
    panel.view.setFocus()
    key(window, Qt.Key.Key_Return)
    assert window.canvas.selection() == ["enter_data_manually"]
    # A line of no card.
    click_line(window, "import argparse")
    assert window.canvas.selection() == ["enter_data_manually"]


def test_a_function_selects_its_group_and_lines_in_it_their_cards(window, qtbot):
    pipeline, group = grouping.group(splitting(), ["split_data"])
    opened(window, qtbot, pipeline)
    click_line(window, "def group(")
    assert window.canvas.selection() == [group]
    click_line(window, "= split_data(")
    assert window.canvas.selection() == [f"{group}/split_data"]


def test_the_code_follows_edits_and_undo(window, qtbot):
    panel = opened(window, qtbot)
    panel.view.go_to_line(12)
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.25))
    wait_for(window, qtbot, "fraction=0.25")
    assert panel.view.textCursor().blockNumber() == 11
    window.document.undo_stack.undo()
    qtbot.waitUntil(lambda: "fraction" not in panel.view.toPlainText(), timeout=LONG)
    window.document.apply("Rename", lambda p: edits.rename_node(p, "split_data", "halves"))
    wait_for(window, qtbot, "halves")


def test_it_is_written_outside_of_the_window_and_only_when_seen(window, qtbot, monkeypatch):
    threads: list[threading.Thread] = []

    def spied(*arguments):
        threads.append(threading.current_thread())
        return preview(*arguments)

    monkeypatch.setattr(exporter, "preview", spied)
    window.document.apply("Insert", lambda _: splitting())
    wait_until_idle(window, qtbot)
    assert threads == []
    key(window, Qt.Key.Key_C, SHOWN)
    wait_for(window, qtbot, "split_data(")
    assert len(threads) == 1
    assert threading.main_thread() not in threads
    # Many changes at once are one.
    for number in range(20):
        window.document.apply(
            "Set", lambda p, n=number: edits.set_parameter(p, "split_data", "seed", n + 1)
        )
    wait_for(window, qtbot, "seed=20")
    wait_until_idle(window, qtbot)
    assert len(threads) == 2
    key(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    window.document.undo_stack.undo()
    wait_until_idle(window, qtbot)
    assert len(threads) == 2


def test_the_kind_of_code_and_its_options_are_remembered(window, qtbot, engine, catalog):
    panel = opened(window, qtbot)
    panel.target.setFocus()
    assert panel.with_results.isChecked()
    key(window, Qt.Key.Key_End)
    wait_for(window, qtbot, "# %% [markdown]")
    assert not panel.with_results.isChecked()
    toggle(panel.with_results)
    wait_for(window, qtbot, "save(value")
    toggle(panel.with_layout)
    wait_for(window, qtbot, "# split_data @ 0 150")
    panel.target.setFocus()
    key(window, Qt.Key.Key_Home)
    wait_for(window, qtbot, "def main(")
    assert panel.with_results.isChecked()
    assert panel.with_layout.isChecked()
    toggle(panel.with_results)
    qtbot.waitUntil(lambda: "--results" not in panel.view.toPlainText(), timeout=LONG)

    window.workbench.upper.setSizes([150, 430])
    kept = window.workbench.upper.sizes()
    window.document.undo_stack.setClean()
    window.close()
    again = MainWindow(
        Settings(window.settings.path),
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
    )
    try:
        again.window().resize(window.window().size())
        with qtbot.waitExposed(again):
            again.show()
        again.files.new()
        again.document.apply("Insert", lambda _: splitting())
        assert again.code.isVisible()
        wait_for(again, qtbot, "# split_data @ 0 150")
        assert "--results" not in again.code.view.toPlainText()
        assert again.workbench.upper.sizes() == pytest.approx(kept, abs=2)
    finally:
        close(again)


def test_copy_and_save(window, qtbot, monkeypatch, tmp_path):
    panel = opened(window, qtbot)
    press(panel.copy_button)
    assert QApplication.clipboard().text() == panel.view.toPlainText()
    text = save_as(window, qtbot, monkeypatch, tmp_path / "made.py")
    assert text == panel.view.toPlainText()
    assert "made.py" in window.statusBar().currentMessage()
    # Without an extension, the usual one is added.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "other"), ""))
    with qtbot.waitSignal(panel.saved, timeout=LONG):
        press(panel.save_button)
    assert (tmp_path / "other.py").exists()


def test_paths_are_relative_to_where_the_code_is_saved(window, qtbot, monkeypatch, tmp_path):
    (tmp_path / "data.csv").write_text("a,b\n1,2\n", "utf-8")
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "data.csv"})
    file = tmp_path / "mine.pipeline.json"
    window.document.apply("Insert", lambda _: pipeline)
    window.document.save(file)
    key(window, Qt.Key.Key_C, SHOWN)
    wait_for(window, qtbot, "FOLDER = Path(__file__).resolve().parent\n")
    (tmp_path / "deep").mkdir()
    text = save_as(window, qtbot, monkeypatch, tmp_path / "deep" / "mine.py")
    assert 'FOLDER = (Path(__file__).resolve().parent / "..").resolve()' in text


def test_what_prevents_saving_is_shown(window, qtbot, monkeypatch, tmp_path):
    panel = opened(window, qtbot)
    window.document.save(tmp_path / "mine.pipeline.json")
    for path, words in (
        (tmp_path / "mine.pipeline.json", "would overwrite the pipeline"),
        (tmp_path / "gone" / "mine.py", "gone"),
    ):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, to=path: (str(to), ""))
        with qtbot.waitSignal(panel.failed, timeout=LONG) as failed:
            press(panel.save_button)
        assert words in failed.args[0]
    assert window.document.path.read_text("utf-8").startswith("{")


def test_a_notebook_is_saved_with_the_results_that_are_valid(window, qtbot, monkeypatch, tmp_path):
    panel = opened(window, qtbot)
    assert run(window, qtbot) == "completed"
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "seed", 7))
    panel.target.setFocus()
    key(window, Qt.Key.Key_End)
    wait_for(window, qtbot, "seed=7")
    cells = json.loads(save_as(window, qtbot, monkeypatch, tmp_path / "made.ipynb"))["cells"]
    outputs = {cell["id"]: cell["outputs"] for cell in cells if cell["cell_type"] == "code"}
    (output,) = outputs["enter_data_manually"]
    assert "4 rows, 2 columns" in "".join(output["data"]["text/plain"])
    assert outputs["split_data"] == []


def test_code_without_modeldesk_is_written_in_another_process(window, qtbot, monkeypatch):
    panel = opened(window, qtbot)
    here = []
    monkeypatch.setattr(exporter, "preview", preview)
    monkeypatch.setattr("designer.export.standalone.script.draft", here.append)
    panel.target.setFocus()
    key(window, Qt.Key.Key_Down)
    wait_for(window, qtbot, "which it doesn't need")
    assert here == []
    click_card(window, "split_data")
    assert lit(window)
    panel.with_results.setFocus()
    key(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: "--results" not in panel.view.toPlainText(), timeout=LONG)


def test_an_empty_pipeline_asks_for_a_module(window, qtbot):
    key(window, Qt.Key.Key_C, SHOWN)
    panel = window.code
    assert panel.isVisible()
    assert panel.message.text() == EMPTY
    assert not panel.save_button.isEnabled()
    assert not panel.copy_button.isEnabled()
    window.modules.add_at_center("enter_data_manually")
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "enter_data_manually", "data", TABLE["data"])
    )
    wait_for(window, qtbot, "enter_data_manually(")
    assert panel.message.isHidden()
    window.document.undo_stack.setClean()
    window.files.new()
    qtbot.waitUntil(lambda: not panel.message.isHidden(), timeout=LONG)
    assert panel.message.text() == EMPTY


def test_problems_are_shown_with_their_card_and_lead_to_it(window, qtbot):
    panel = opened(window, qtbot)
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 7))
    qtbot.waitUntil(lambda: panel.problems.isVisible(), timeout=LONG)
    assert panel.message.text() == BROKEN
    assert panel.view.isHidden()
    assert not panel.save_button.isEnabled()
    rows = panel.problems.list
    item = rows.topLevelItem(0)
    assert item.text(2).startswith("split_data")
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(item).center())
    assert window.canvas.selection() == ["split_data"]
    # Return leads to the parameter; the list took the focus from the code.
    assert rows.hasFocus()
    key(window, Qt.Key.Key_Return)
    assert window.properties.isAncestorOf(QApplication.focusWidget())
    window.document.undo_stack.undo()
    wait_for(window, qtbot, "split_data(")
    assert panel.problems.isHidden()


def test_warnings_are_shown_below_the_code(window, qtbot):
    pipeline = edits.set_disabled(splitting(), ["split_data"], True)
    window.document.apply("Insert", lambda _: pipeline)
    key(window, Qt.Key.Key_C, SHOWN)
    wait_for(window, qtbot, "enter_data_manually(")
    (problem,) = window.code.problems.problems()
    assert problem.severity == "warning"
    assert window.code.problems.isVisible()
    assert window.code.view.isVisible()


def test_files_of_a_pipeline_from_others_are_not_looked_at(window, qtbot, tmp_path):
    outside = tmp_path / "elsewhere" / "gone.csv"
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": str(outside)})
    (tmp_path / "project").mkdir()
    open_foreign(window, pipeline, tmp_path / "project" / "p.pipeline.json")
    key(window, Qt.Key.Key_C, SHOWN)
    # Whether the file exists isn't known.
    wait_for(window, qtbot, "gone.csv")
    window.agreements.adopt()
    window.checker.check_now()
    qtbot.waitUntil(lambda: window.code.view.isHidden(), timeout=LONG)
    assert window.code.message.text() == BROKEN


def test_the_cursor_may_be_anywhere(window, qtbot):
    panel = opened(window, qtbot)
    panel.view.moveCursor(QTextCursor.MoveOperation.End)
    panel.view.setFocus()
    key(window, Qt.Key.Key_Return)
    assert window.canvas.selection() == []
