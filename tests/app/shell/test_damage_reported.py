"""Records that can't be read: the window opens, names them, and shows the rest."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import close

from designer.app.document.recovery import RecoveryFile
from designer.app.shell.main import make_window
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace


def test_damaged_settings_and_datasets_are_named_at_the_start(qtbot, settings, tmp_path):
    workspace = Workspace(Path(os.environ["MODELDESK_WORKSPACE"]))
    (tmp_path / "data.csv").write_text("a\n1\n", "utf-8")
    for name in ("left", "right"):
        workspace.register_dataset(name, tmp_path / "data.csv")
    (workspace.datasets_folder / "left" / "1" / "dataset.json").write_text("[" * 100_000, "utf-8")
    (workspace.folder / "workspace.json").write_text("{", "utf-8")
    window = make_window(settings)
    window.show()
    shown = [window.bar.text.text()]
    window.bar.hide()
    qtbot.waitUntil(window.bar.isVisible)
    shown.append(window.bar.text.text())
    assert any("workspace.json” is damaged" in text for text in shown)
    assert any("dataset.json” is damaged" in text for text in shown)
    assert [each.name for each in window.datasets.all()] == ["right"]
    close(window)
    assert (workspace.folder / "workspace.json").read_text("utf-8") == "{"


def test_a_damaged_recovery_file_is_named_and_can_be_deleted(window, qtbot):
    folder = window.recovery_folder
    good = RecoveryFile(folder)
    good.write(None, lambda: pipeline_file.dumps(Pipeline())).result(timeout=10)
    good.close(keep=True)
    bad = folder / "bad.recovery.json"
    bad.write_text("[" * 100_000, "utf-8")
    window.files.offer_recovery()
    assert "can be restored" in window.bar.text.text()
    QTest.mouseClick(window.bar.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "bad.recovery.json" in window.bar.text.text())
    assert "can't be restored" in window.bar.text.text()
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert not bad.exists()


def test_damaged_values_of_a_file_are_named_when_it_is_opened(window, tmp_path):
    path = tmp_path / "a.pipeline.json"
    pipeline_file.write(Pipeline(), path)
    assert window.files.open_path(path)
    window.memory.set("target", "x")
    # Tests before this one may have left values of other files in the workspace.
    files = (window.workspace.folder / "files").glob("*.json")
    (memory,) = (each for each in files if str(path) in each.read_text("utf-8"))
    memory.write_text('{"values": 1}', "utf-8")
    assert window.files.open_path(path)
    assert str(memory) in window.bar.text.text()
    memory.unlink()
