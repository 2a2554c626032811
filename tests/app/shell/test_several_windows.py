"""Several windows of one process: each with its pipeline, undo, and runs; one engine."""

from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QWidget
from run_desk import LONG, run
from window_desk import CONTROL, SHIFT, TABLE, add, close, key, linked, nodes

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""


@pytest.fixture
def pair(window, qtbot):
    """Two windows, the second one opened with the keyboard."""
    key(window, Qt.Key.Key_N, CONTROL | SHIFT)
    first, second = window.windows.all()
    assert first is window
    with qtbot.waitActive(second):
        second.activateWindow()
    yield first, second
    for each in window.windows.all():
        if each is not window:
            close(each)


def to_front(window, qtbot) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()


def saved(path, pipeline: Pipeline | None = None):
    pipeline_file.write(linked() if pipeline is None else pipeline, path)
    return path


def test_another_window_has_its_own_pipeline_and_undo(pair):
    first, second = pair
    add(first, "split_data")
    assert second.windowTitle() == "ModelDesk"
    QTest.mouseClick(second.start_page.new, Qt.MouseButton.LeftButton)
    add(second, "clean_missing_data", "normalize_data")
    assert (nodes(first), len(nodes(second))) == (["split_data"], 2)
    key(second, Qt.Key.Key_Z, CONTROL)
    assert (nodes(first), nodes(second)) == (["split_data"], ["clean_missing_data"])


def test_a_file_that_is_open_comes_to_the_front(pair, qtbot, tmp_path):
    first, second = pair
    path = saved(tmp_path / "one.pipeline.json")
    assert first.files.open_path(path)
    (tmp_path / "folder").mkdir()
    with qtbot.waitActive(first):
        assert second.files.open_path(tmp_path / "folder" / ".." / "one.pipeline.json")
    assert not second.navigation.opened
    to_front(second, qtbot)
    with qtbot.waitActive(first):
        (button,) = second.start_page.recent_buttons()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_file_of_another_window_is_not_overwritten(pair, monkeypatch, qtbot, tmp_path):
    first, second = pair
    path = saved(tmp_path / "one.pipeline.json")
    assert first.files.open_path(path)
    second.files.new()
    add(second, "split_data")
    monkeypatch.setattr(
        "designer.app.document.file_actions.QFileDialog.getSaveFileName",
        lambda *_: (str(path), ""),
    )
    key(second, Qt.Key.Key_S, CONTROL)
    assert "is open in another tab" in second.bar.text.text()
    assert pipeline_file.read(path) == first.document.pipeline
    with qtbot.waitActive(first):
        QTest.mouseClick(second.bar.buttons[1], Qt.MouseButton.LeftButton)


def test_the_menu_lists_the_windows_and_leads_to_them(pair, qtbot, tmp_path):
    first, second = pair
    assert first.files.open_path(saved(tmp_path / "one.pipeline.json"))
    assert second.files.open_path(saved(tmp_path / "a & b.pipeline.json"))
    (menu,) = (m for m in second.menuBar().findChildren(QMenu) if m.title() == "&Window")
    to_front(second, qtbot)
    QTest.keyClick(second, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(menu.isVisible)
    listed = [action for action in menu.actions() if action.isCheckable()]
    assert [action.text() for action in listed] == ["one", "a && b"]
    assert [action.isChecked() for action in listed] == [False, True]
    with qtbot.waitActive(first):
        QTest.mouseClick(
            menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(listed[0]).center()
        )


def answer_in_turn(*words: str) -> list[QWidget]:
    """Press these buttons of the questions that come up; returns the windows that asked."""
    waiting, asked = list(words), []

    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox) and box not in boxes:
            boxes.append(box)
            asked.append(box.parentWidget())
            word = waiting.pop(0)
            next(b for b in box.buttons() if b.text().replace("&", "") == word).click()
        if waiting:
            QTimer.singleShot(20, look)

    boxes: list[QWidget] = []
    QTimer.singleShot(0, look)
    return asked


def test_quit_asks_in_each_window_and_stays_if_one_wants_to(pair, qtbot):
    first, second = pair
    add(first, "split_data")
    second.files.new()
    add(second, "clean_missing_data")
    to_front(second, qtbot)
    asked = answer_in_turn("Discard", "Cancel")
    key(second, Qt.Key.Key_Q, CONTROL)
    assert asked == [second, first]
    assert not first.closed
    assert not second.closed
    assert nodes(second) == ["clean_missing_data"]
    to_front(second, qtbot)
    asked = answer_in_turn("Discard", "Discard")
    key(second, Qt.Key.Key_Q, CONTROL)
    assert asked == [second, first]
    assert first.closed
    assert second.closed


def test_quit_closes_every_window(pair, qtbot):
    first, second = pair
    with qtbot.waitSignal(first.windows.ended):
        key(second, Qt.Key.Key_Q, CONTROL)
    assert first.closed
    assert second.closed


def test_closing_one_window_leaves_the_other_and_its_engine(pair, qtbot):
    first, second = pair
    second.files.new()
    assert first.controller.engine().result().workspace is not None
    key(second, Qt.Key.Key_W, CONTROL | SHIFT)
    assert second.closed
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not shiboken6.isValid(second)
    assert first.windows.all() == [first]
    to_front(first, qtbot)
    first.edits.apply(
        "Add", lambda p: edits.add_node(p, "enter_data_manually", parameters=TABLE)[0]
    )
    assert run(first, qtbot) == "completed"


def test_both_windows_run_at_once(pair, qtbot):
    first, second = pair
    second.files.new()
    for window, seed in ((first, "5"), (second, "6")):
        data = {"data": f"a,b\n1,{seed}\n2,y\n3,x\n"}
        window.edits.apply(
            "Add", lambda p, data=data: edits.add_node(p, "enter_data_manually", parameters=data)[0]
        )
    ends = [window.controller.finished for window in pair]
    with qtbot.waitSignals(ends, timeout=LONG):
        for window in pair:
            window.runs.start([], anyway=True)
        assert first.controller.running
        assert second.controller.running
    for window, seed in ((first, "5"), (second, "6")):
        output = window.controller.output("enter_data_manually", "dataset")
        assert output is not None
        assert output.path.is_dir()
        assert window.controller.run_id != pair[1 - pair.index(window)].controller.run_id
        assert seed in str(window.document.pipeline.nodes["enter_data_manually"].parameters)


def test_work_of_two_windows_that_crashed_is_restored_in_two_windows(window, qtbot):
    for name in ("split_data", "clean_missing_data"):
        file = RecoveryFile(window.recovery_folder)
        text = pipeline_file.dumps(edits.add_node(Pipeline(), name)[0])
        file.write(None, lambda text=text: text).result(timeout=10)
        file.close(keep=True)
    window.files.offer_recovery()
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.bar.isVisible() and len(window.bar.buttons) > 0)
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    first, second = window.windows.all()
    assert sorted(nodes(first) + nodes(second)) == ["clean_missing_data", "split_data"]
    assert first.document.dirty
    assert second.document.dirty
    close(second)
    QApplication.processEvents()
    first.document.undo_stack.setClean()
    first.document.close()
    assert find_recoveries(window.recovery_folder) == []
