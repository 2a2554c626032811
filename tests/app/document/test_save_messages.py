"""What is said of a save that failed goes as soon as it is no longer true."""

from __future__ import annotations

import errno

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from window_desk import CONTROL, SHIFT, add, key

from designer.pipeline import file as pipeline_file


@pytest.fixture
def disk(window, monkeypatch, tmp_path):
    """A disk that can be full, and a changed pipeline on it whose save has failed."""
    write = pipeline_file.write
    full = [False]

    def write_if_there_is_room(pipeline, path):
        if full[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(pipeline, path)

    monkeypatch.setattr(pipeline_file, "write", write_if_there_is_room)
    add(window, "split_data")
    window.document.save(tmp_path / "p.pipeline.json")
    add(window, "join_data")
    full[0] = True
    window.canvas.setFocus()
    key(window, Qt.Key.Key_S, CONTROL)
    assert window.bar.isVisible()
    assert "No space left" in window.bar.text.text()
    full[0] = False
    return full


def test_it_goes_when_saving_works(window, disk):
    key(window, Qt.Key.Key_S, CONTROL)
    assert window.bar.isHidden()
    assert not window.document.dirty


def test_it_does_not_stand_behind_the_next_question_where_to_save(window, disk, monkeypatch):
    seen = []

    def choose(*_: object) -> tuple[str, str]:
        seen.append(window.bar.isVisible())
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    key(window, Qt.Key.Key_S, CONTROL | SHIFT)
    assert seen == [False]
    assert window.document.dirty


def test_it_goes_when_there_is_nothing_left_to_save(window, disk):
    key(window, Qt.Key.Key_Z, CONTROL)
    assert not window.document.dirty
    assert window.bar.isHidden()


def test_it_is_said_again_when_the_disk_is_still_full(window, disk, monkeypatch, tmp_path):
    disk[0] = True
    other = tmp_path / "other.pipeline.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    QTest.mouseClick(window.bar.buttons[0], Qt.MouseButton.LeftButton)
    assert window.bar.isVisible()
    assert "No space left" in window.bar.text.text()
    assert not other.exists()
    assert window.document.dirty
