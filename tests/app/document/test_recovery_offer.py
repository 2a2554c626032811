"""Work that a crash left behind: when it is offered, and what counts as changed afterwards."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, add, key, linked, nodes

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline


@pytest.fixture
def crashed(window):
    """A window with work of a crashed session in its recovery folder."""
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    yield window
    # The folder is the other tests' too.
    for recovery in find_recoveries(window.recovery_folder):
        recovery.discard()


def press(window, words: str) -> None:
    (button,) = (button for button in window.bar.buttons if button.text() == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("other", ["new", "open"])
def test_what_comes_after_a_restored_pipeline_is_not_changed(crashed, answer, tmp_path, other):
    window = crashed
    pipeline_file.write(linked(), tmp_path / "other.pipeline.json")
    window.files.offer_recovery()
    press(window, "Restore")
    assert window.windowTitle().startswith("*")
    asked = answer("Discard")
    if other == "new":
        key(window, Qt.Key.Key_N, CONTROL)
    else:
        assert window.files.open_path(tmp_path / "other.pipeline.json")
    assert len(asked) == 1
    assert not window.windowTitle().startswith("*")
    # A change counts, and a change taken back does not.
    add(window, "split_data")
    assert window.windowTitle().startswith("*")
    window.actions_by_id["undo"].trigger()
    assert not window.windowTitle().startswith("*")
    window.end()
    assert find_recoveries(window.recovery_folder) == []


def test_the_error_of_a_file_is_told_before_work_is_offered(crashed, qtbot, tmp_path):
    window = crashed
    (tmp_path / "iris.csv").write_text("a\n1\n")
    assert not window.files.open_path(tmp_path / "iris.csv")
    error = window.bar.text.text()
    assert "iris.csv" in error
    window.files.offer_recovery()
    assert window.bar.text.text() == error
    key(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.bar.isVisible() and "restored" in window.bar.text.text())
    press(window, "Restore")
    assert len(nodes(window)) == 2


def test_work_is_still_offered_after_another_file_was_opened(crashed, qtbot, tmp_path):
    window = crashed
    pipeline_file.write(linked(), tmp_path / "other.pipeline.json")
    assert not window.files.open_path(tmp_path / "absent.pipeline.json")
    window.files.offer_recovery()
    assert window.files.open_path(tmp_path / "other.pipeline.json")
    qtbot.waitUntil(lambda: "restored" in window.bar.text.text() and window.bar.isVisible())
    press(window, "Discard")
    assert find_recoveries(window.recovery_folder) == []
    QApplication.processEvents()
    assert window.bar.isHidden()


def test_a_damaged_entry_is_named_and_the_pipeline_restored(crashed):
    (file,) = crashed.recovery_folder.glob("*.recovery.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {"saved_at": "now", "path": 7}))
    crashed.files.offer_recovery()
    assert f"“path” and “saved_at” in “{file}” can't be read" in crashed.bar.text.text()
    press(crashed, "Restore")
    assert len(nodes(crashed)) == 2


@pytest.mark.parametrize("other", ["new", "open"])
def test_an_offer_stays_when_another_pipeline_is_opened_beneath_it(crashed, tmp_path, other):
    window = crashed
    window.files.offer_recovery()
    pipeline_file.write(Pipeline(), tmp_path / "other.pipeline.json")
    if other == "new":
        key(window, Qt.Key.Key_N, CONTROL)
    else:
        assert window.files.open_path(tmp_path / "other.pipeline.json")
    QApplication.processEvents()
    assert window.bar.isVisible()
    assert nodes(window) == []
    press(window, "Restore")
    assert len(nodes(window)) == 2


def test_an_offer_comes_back_after_a_message_that_took_its_place(crashed, qtbot, tmp_path):
    window = crashed
    window.files.offer_recovery()
    assert not window.files.open_path(tmp_path / "absent.pipeline.json")
    assert "absent" in window.bar.text.text()
    key(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.bar.isVisible() and "restored" in window.bar.text.text())


def test_an_offer_that_is_closed_is_kept_for_the_next_start(crashed, qtbot):
    window = crashed
    window.files.offer_recovery()
    key(window, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.bar.isHidden()
    assert len(find_recoveries(window.recovery_folder)) == 1


def test_all_that_was_lost_is_offered_one_after_the_other(crashed, qtbot):
    window = crashed
    second = RecoveryFile(window.recovery_folder)
    named = window.recovery_folder / "second.pipeline.json"
    second.write(named, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    second.close(keep=True)
    window.files.offer_recovery()
    assert "second.pipeline.json" in window.bar.text.text()
    press(window, "Discard")
    qtbot.waitUntil(lambda: window.bar.isVisible() and "never saved" in window.bar.text.text())
    press(window, "Discard")
    assert find_recoveries(window.recovery_folder) == []
