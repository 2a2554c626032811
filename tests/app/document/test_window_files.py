"""Files in the window: open, save, recovery, start page."""

from __future__ import annotations

import json
import os

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox
from window_desk import CONTROL, add, key, linked, nodes

from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace


def test_a_dropped_data_file_becomes_a_dataset(window, tmp_path):
    file = tmp_path / "cars.csv"
    file.write_text("a\n1\n")
    window.document.save(tmp_path / "p.pipeline.json")
    window.canvas.files_dropped.emit([str(file)], 100.0, 100.0)
    assert window.document.pipeline.nodes["dataset"].parameters == {"path": "cars.csv"}


def test_a_dropped_pipeline_is_opened(window, tmp_path):
    pipeline_file.write(linked(), tmp_path / "p.pipeline.json")
    window.canvas.files_dropped.emit([str(tmp_path / "p.pipeline.json")], 0.0, 0.0)
    assert window.document.path == tmp_path / "p.pipeline.json"
    assert window.windowTitle() == "p – ModelDesk"


def test_save_as_gives_the_file_its_suffix_and_remembers_it(window, monkeypatch, tmp_path):
    add(window, "split_data")
    assert window.windowTitle().startswith("*")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    window.canvas.select([])
    window.canvas.setFocus()
    key(window, Qt.Key.Key_S, CONTROL)
    saved = tmp_path / "mine.pipeline.json"
    assert "split_data" in json.dumps(json.loads(saved.read_text()))
    assert window.windowTitle() == "mine – ModelDesk"
    assert window.settings.recent == [saved]
    assert "mine" in [label.text() for label in window.properties.findChildren(QLabel)]


def test_a_save_that_fails_says_so_and_keeps_the_work(window, tmp_path):
    add(window, "split_data")
    window.document.save(tmp_path / "p.pipeline.json")
    add(window, "join_data")
    (tmp_path / "p.pipeline.json").unlink()
    (tmp_path / "p.pipeline.json").mkdir()
    window.document.keep_own_version()
    assert not window.files.save()
    assert window.bar.isVisible()
    assert [button.text() for button in window.bar.buttons] == ["Save as…"]
    assert len(nodes(window)) == 2
    assert window.document.dirty


@pytest.mark.parametrize(
    "content",
    [b"", b"not json", b"[1]", b"\xff\xfe\x00", b'{"format": "modeldesk-pipeline", "version": 99}'],
)
def test_a_file_that_is_no_pipeline_is_explained_in_one_sentence(window, tmp_path, content):
    add(window, "split_data")
    bad = tmp_path / "bad.pipeline.json"
    bad.write_bytes(content)
    window.document.undo_stack.setClean()
    assert not window.files.open_path(bad)
    assert window.bar.isVisible()
    assert "Traceback" not in window.bar.text.text()
    assert nodes(window) == ["split_data"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
def test_a_pipe_is_explained_and_the_window_goes_on(window, tmp_path):
    add(window, "split_data")
    window.document.undo_stack.setClean()
    pipe = tmp_path / "p.pipeline.json"
    os.mkfifo(pipe)
    assert not window.files.open_path(pipe)
    assert "it is a pipe, not a file. Choose a file." in window.bar.text.text()
    assert nodes(window) == ["split_data"]


def test_a_recent_file_that_is_gone_is_forgotten(window, tmp_path):
    gone = tmp_path / "gone.pipeline.json"
    window.settings.add_recent(gone)
    assert not window.files.open_path(gone)
    assert window.settings.recent == []


def test_changes_are_not_lost_without_asking(window, monkeypatch, tmp_path):
    add(window, "split_data")
    other = tmp_path / "other.pipeline.json"
    pipeline_file.write(linked(), other)
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Cancel)
    assert not window.files.open_path(other)
    assert nodes(window) == ["split_data"]
    assert not window.close()
    monkeypatch.setattr(QMessageBox, "exec", lambda box: QMessageBox.StandardButton.Discard)
    assert window.files.open_path(other)
    assert "enter_data_manually" in nodes(window)


def test_a_change_on_disk_is_offered(window, qtbot, tmp_path):
    path = tmp_path / "p.pipeline.json"
    pipeline_file.write(Pipeline(), path)
    window.files.open_path(path)
    pipeline_file.write(linked(), path)
    qtbot.waitUntil(lambda: window.bar.isVisible(), timeout=10_000)
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert len(nodes(window)) == 2
    assert not window.bar.isVisible()


def test_work_of_a_crashed_session_is_offered_and_restored(window, tmp_path):
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    window.files.offer_recovery()
    assert [button.text() for button in window.bar.buttons] == ["Restore", "Discard"]
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert len(nodes(window)) == 2
    assert window.document.dirty
    assert find_recoveries(window.recovery_folder) == []


def test_work_of_a_crashed_session_can_be_discarded(window):
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: pipeline_file.dumps(linked())).result(timeout=10)
    file.close(keep=True)
    window.files.offer_recovery()
    QTest.mouseClick(window.bar.buttons[1], Qt.MouseButton.LeftButton)
    assert find_recoveries(window.recovery_folder) == []
    assert not window.bar.isVisible()


def test_the_start_page_lists_samples_and_recent_files(qtbot, qapp, tmp_path, catalog, settings):
    from window_desk import close

    from designer.app.shell.main_window import MainWindow

    folder = tmp_path / "samples"
    folder.mkdir()
    pipeline_file.write(
        edits.set_description(linked(), "Splits some data."), folder / "split_it.pipeline.json"
    )
    (folder / "broken.pipeline.json").write_text("{")
    settings.add_recent(tmp_path / "mine.pipeline.json")
    window = MainWindow(settings, catalog, workspace=Workspace(tmp_path / "w"), samples=folder)
    with qtbot.waitExposed(window):
        window.show()
    page = window.start_page
    assert page.isVisible()
    assert [card.text() for card in page.gallery.cards] == ["Split it"]
    assert len(page.recent_buttons()) == 1
    QTest.mouseClick(page.gallery.cards[0], Qt.MouseButton.LeftButton)
    assert window.document.path == folder / "split_it.pipeline.json"
    assert not page.isVisible()
    window.files.show_start_page()
    assert page.isVisible()
    QTest.mouseClick(window.status.back, Qt.MouseButton.LeftButton)
    assert not page.isVisible()
    close(window)


@pytest.mark.parametrize("code", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_start_page_is_used_by_keyboard(window, qtbot, samples, code):
    window.actions_by_id["show_start_page"].trigger()
    QApplication.processEvents()
    assert QApplication.focusWidget() is window.start_page.new
    key(window, code)
    assert window.navigation.editing


def test_return_opens_the_recent_file_that_has_the_focus(window, tmp_path):
    path = tmp_path / "p.pipeline.json"
    pipeline_file.write(linked(), path)
    window.settings.add_recent(path)
    window.actions_by_id["show_start_page"].trigger()
    for _ in range(3):
        key(window, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.start_page.recent_buttons()[0]
    key(window, Qt.Key.Key_Return)
    assert window.document.path == path


def test_a_sample_is_saved_elsewhere_and_stays_as_it_is(window, monkeypatch, samples, tmp_path):
    (samples / "data").mkdir()
    (samples / "data" / "cars.csv").write_text("a\n1\n")
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "data/cars.csv"})
    sample = samples / "cars.pipeline.json"
    pipeline_file.write(pipeline, sample)
    before = sample.read_bytes()
    window.files.open_path(sample)
    add(window, "split_data")
    offered = []

    def choose(parent, title, start, *_):
        offered.append(start)
        return str(tmp_path / "own" / "mine"), ""

    (tmp_path / "own").mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    assert window.files.save()
    assert sample.read_bytes() == before
    assert len(offered) == 1
    assert not offered[0].startswith(str(samples))
    saved = pipeline_file.read(tmp_path / "own" / "mine.pipeline.json")
    data = tmp_path / "own" / saved.nodes["dataset"].parameters["path"]
    assert data.resolve() == (samples / "data" / "cars.csv").resolve()
    # From now on it is a file like any other.
    add(window, "join_data")
    assert window.files.save()
    assert len(offered) == 1
