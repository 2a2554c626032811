"""A person's own modules, in the folder of the workspace, are in the palette."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.app.shell.main import make_window
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

SOURCE = '''
from __future__ import annotations

from modules.contract import DataTable, module


@module("Double", outputs=("doubled",))
def double(dataset: DataTable, *, column: str = "x") -> DataTable:
    """Twice the numbers of a column."""
    return dataset
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(folder.parent))
    return folder


def test_they_can_be_found_and_added(qtbot, settings, own):
    (own / "double.py").write_text(SOURCE, "utf-8")
    window = make_window(settings)
    qtbot.addWidget(window)
    window.files.new()
    window.modules.add_at_center("double")
    assert "double" in window.document.pipeline.nodes
    assert window.selection.spec_of("double").title == "Double"
    assert window.bar.isHidden()
    window.edits.undo()


def test_what_does_not_load_is_said_and_hinders_nothing(qtbot, settings, own):
    (own / "double.py").write_text(SOURCE, "utf-8")
    (own / "broken.py").write_text("def broken(:\n", "utf-8")
    window = make_window(settings)
    qtbot.addWidget(window)
    assert "broken.py: line 1 isn't Python" in window.bar.text.text()
    assert not window.bar.isHidden()
    assert "double" in window.catalog


def test_it_is_still_said_when_a_pipeline_is_opened_and_until_it_is_closed(
    qtbot, settings, own, tmp_path
):
    (own / "broken.py").write_text("def broken(:\n", "utf-8")
    path = tmp_path / "mine.pipeline.json"
    pipeline_file.write(Pipeline(), path)
    window = make_window(settings)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert window.files.open_path(path)
    assert window.bar.isVisible()
    assert "broken.py" in window.bar.text.text()
    # Something else is said, and after it the warning again.
    assert not window.files.open_path(tmp_path / "absent.pipeline.json")
    assert "absent" in window.bar.text.text()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "broken.py" in window.bar.text.text() and window.bar.isVisible())
    QTest.keyClick(window, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert window.bar.isHidden()
    window.files.new()
    assert window.bar.isHidden()


def test_it_and_an_offer_of_lost_work_are_both_seen(qtbot, settings, own):
    (own / "broken.py").write_text("def broken(:\n", "utf-8")
    window = make_window(settings)
    qtbot.addWidget(window)
    lost = RecoveryFile(window.recovery_folder)
    lost.write(None, lambda: pipeline_file.dumps(Pipeline())).result(timeout=60)
    lost.close(keep=True)
    with qtbot.waitExposed(window):
        window.show()
    window.files.offer_recovery()
    assert "can be restored" in window.bar.text.text()
    window.files.new()
    assert "can be restored" in window.bar.text.text()
    (discard,) = (button for button in window.bar.buttons if button.text() == "Discard")
    QTest.mouseClick(discard, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "broken.py" in window.bar.text.text() and window.bar.isVisible())
    assert find_recoveries(window.recovery_folder) == []
