"""Edits that follow each other without a pause: they are in the recovery file all the same."""

from __future__ import annotations

import json
import runpy
import sys
import threading
from pathlib import Path

import pytest
from modal_desk import in_dialog
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtTest import QTest
from window_desk import add

from designer.app.dialogs.code_dialog import CodeDialog
from designer.app.document.document import Document
from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def kept_nodes(folder: Path) -> int:
    """Return how many nodes the recovery file in a folder has."""
    for path in folder.glob("*.recovery.json"):
        return len(pipeline_file.loads(json.loads(path.read_text("utf-8"))["pipeline"]).nodes)
    return 0


def test_edits_without_a_pause_are_autosaved(qapp, qtbot, tmp_path):
    document = Document(recovery_folder=tmp_path, autosave_seconds=0.5)
    timer = QTimer()
    timer.timeout.connect(
        lambda: document.apply("Add", lambda p: edits.add_node(p, "split_data")[0])
    )
    # Far more often than it autosaves, and never resting.
    timer.start(20)
    qtbot.waitUntil(lambda: kept_nodes(tmp_path) > 0, timeout=20_000)
    first = kept_nodes(tmp_path)
    qtbot.waitUntil(lambda: kept_nodes(tmp_path) > first, timeout=20_000)
    timer.stop()
    document.close()


def test_a_slow_disk_gets_the_latest_state_and_not_every_one(tmp_path):
    recovery = RecoveryFile(tmp_path)
    gate, entered, written = threading.Event(), threading.Event(), []

    def first() -> str:
        entered.set()
        assert gate.wait(30)
        return "0"

    recovery.write(None, first)
    assert entered.wait(30)
    for number in range(1, 100):
        recovery.write(None, lambda number=number: written.append(number) or str(number))
    gate.set()
    recovery.close(keep=True)
    (found,) = find_recoveries(tmp_path)
    assert found.text == "99"
    assert written == [99]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_script_in_the_larger_window_is_kept_while_it_is_typed(window, answer, accepted):
    script = "execute_python_script"
    add(window, script)
    window.document.undo_stack.setClean()
    window.canvas.select([script])
    before = window.document.pipeline
    seen = []

    def write(dialog: CodeDialog) -> None:
        QTest.keyClicks(dialog.code, "x = 1")
        seen.append(window.document.pipeline.nodes[script].parameters["script"])
        if accepted:
            dialog.accept()
        else:
            answer("Discard")
            QTest.keyClick(dialog, Qt.Key.Key_Escape)

    in_dialog(CodeDialog, write)
    QTest.mouseClick(window.properties.fields["script"].editor.larger, Qt.MouseButton.LeftButton)
    assert "x = 1" in seen[0]
    assert (window.document.pipeline == before) is not accepted
    assert window.document.dirty is accepted
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.window().findChildren(CodeDialog) == []


@pytest.mark.long
def test_a_disk_that_cant_be_written_is_reported_once_and_again_when_it_can(window, qtbot):
    folder = window.recovery_folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A file in place of the folder: nobody can write there, root included.
    folder.rename(folder.with_name("elsewhere")) if folder.exists() else None
    folder.write_text("")
    add(window, "split_data")
    qtbot.waitUntil(lambda: "can't be stored for recovery" in window.bar.text.text())
    assert window.bar.isVisible()
    folder.unlink()
    add(window, "split_data")
    qtbot.waitUntil(lambda: kept_nodes(folder) == 2)
    qtbot.waitUntil(window.bar.isHidden)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_a_window_killed_while_it_is_edited_offers_its_work(tmp_path):
    kills = runpy.run_path(str(BENCHMARKS / "kills.py"))

    def enough(edits: list[dict]) -> bool:
        return len(edits) > 5 and bool(kept_nodes(tmp_path / "recovery"))

    edits, _ = kills["edit_and_kill"](tmp_path, 1, (0.05, 0.3), enough)
    kept = kills["left_behind"](tmp_path)
    assert kept in {each["digest"] for each in edits}
    shown = kills["restored"](tmp_path)
    assert "quit unexpectedly" in shown["offered"]
    assert shown["digest"] == kept
    assert shown["dirty"]
    # What was restored and then left was neither lost nor offered twice.
    assert kills["left_behind"](tmp_path) == ""
