"""Work of an earlier session: of which file it is, and how that session ended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import LentEngine, add, close, key, linked, nodes

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.app.shell.main_window import MainWindow
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline


@pytest.fixture
def empty_folder(window):
    """The recovery folder of the window, which is the other tests' too."""
    yield window.recovery_folder
    for recovery in find_recoveries(window.recovery_folder):
        recovery.discard()


def test_work_of_a_file_elsewhere_names_its_folder_and_goes_back_there(
    window, empty_folder, tmp_path
):
    mine, other = (tmp_path / name / "churn.pipeline.json" for name in ("mine", "other"))
    for path in (mine, other):
        path.parent.mkdir()
        pipeline_file.write(Pipeline(), path)
    crashed = RecoveryFile(empty_folder)
    crashed.write(mine, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    crashed.close(keep=True)
    assert window.files.open_path(other)
    window.files.offer_recovery()
    assert str(mine.parent) in window.bar.text.text()
    assert "quit unexpectedly" in window.bar.text.text()
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert len(nodes(window)) == 2
    key(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert len(pipeline_file.read(mine).nodes) == 2
    assert not pipeline_file.read(other).nodes


def test_a_session_that_was_told_to_end_did_not_crash(window, empty_folder, engine, samples):
    add(window, "split_data")
    # What SIGTERM and logging out do.
    window.end()
    again = MainWindow(
        window.settings,
        window.catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    again.show()
    again.files.offer_recovery()
    assert "ModelDesk kept the changes" in again.bar.text.text()
    assert "unexpectedly" not in again.bar.text.text()
    QTest.mouseClick(again.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert nodes(again) == ["split_data"]
    close(again)
