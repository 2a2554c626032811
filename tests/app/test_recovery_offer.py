"""Work that a crash left behind: when it is offered, and what counts as changed afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, add, key, linked, nodes

from designer.app.recovery import RecoveryFile, left_behind
from designer.pipeline import file as pipeline_file


@pytest.fixture
def crashed(window):
    """A window with work of a crashed session in its recovery folder."""
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    return window


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
    assert left_behind(window.recovery_folder) == []


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
    assert left_behind(window.recovery_folder) == []
    QApplication.processEvents()
    assert window.bar.isHidden()
