"""Less motion where the system asks for it, and texts in their own direction."""

from __future__ import annotations

import ctypes
import sys
from types import SimpleNamespace

import pytest
from canvas_desk import pipeline_of
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QProgressBar

from designer.app.canvas import NodeState
from designer.app.shell.motion import reduced_motion, set_length
from designer.pipeline import edits, grouping


@pytest.fixture
def asks(monkeypatch, tmp_path):
    """Let GNOME's settings answer whether things may move."""

    def answer(animations: str) -> None:
        program = tmp_path / "gsettings"
        program.write_text(f"#!/bin/sh\necho {animations}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        reduced_motion.cache_clear()

    yield answer
    reduced_motion.cache_clear()


@pytest.mark.skipif(sys.platform != "linux", reason="GNOME's settings")
@pytest.mark.parametrize(("animations", "moves"), [("true", True), ("false", False)])
def test_nothing_moves_if_the_system_asks_for_less_motion(desk, asks, animations, moves):
    asks(animations)
    desk.show(pipeline_of({"dataset": (300, 200)}))
    desk.canvas.set_states({"dataset": NodeState("running")})
    assert desk.canvas.progress_animation.is_running == moves
    desk.canvas.set_states({})
    assert not desk.canvas.progress_animation.is_running


@pytest.fixture
def bar(qtbot):
    bar = QProgressBar()
    bar.setTextVisible(False)
    qtbot.addWidget(bar)
    bar.resize(200, 20)
    with qtbot.waitExposed(bar):
        bar.show()
    return bar


@pytest.mark.skipif(sys.platform != "linux", reason="GNOME's settings")
def test_a_bar_of_unknown_length_moves_only_if_things_may_move(qtbot, asks, bar):
    asks("true")
    set_length(bar, 0)
    first = bar.grab().toImage()
    qtbot.waitUntil(lambda: bar.grab().toImage() != first)
    asks("false")
    set_length(bar, 0)
    # A bar without a length is what Qt moves.
    assert (bar.minimum(), bar.maximum(), bar.value()) == (0, 1, 0)
    set_length(bar, 4)
    bar.setValue(2)
    assert (bar.maximum(), bar.value()) == (4, 2)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")
@pytest.mark.parametrize(("answer", "reduced"), [("1", True), ("0", False)])
def test_reduced_motion_of_macos_is_read(monkeypatch, tmp_path, answer, reduced):
    program = tmp_path / "defaults"
    program.write_text(
        '#!/bin/sh\n[ "$*" = "read com.apple.universalaccess reduceMotion" ] && echo ' + answer
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(sys, "platform", "darwin")
    reduced_motion.cache_clear()
    assert reduced_motion() == reduced
    monkeypatch.undo()
    reduced_motion.cache_clear()


@pytest.mark.skipif(sys.platform == "win32", reason="stands for Windows' own function")
@pytest.mark.parametrize("animates", [0, 1])
def test_animation_effects_of_windows_are_read(monkeypatch, animates):
    def answer(what: int, size: int, found, how: int) -> bool:
        # SPI_GETCLIENTAREAANIMATION of winuser.h.
        assert what == 0x1042
        found._obj.value = animates
        return True

    user = SimpleNamespace(SystemParametersInfoW=answer)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    reduced_motion.cache_clear()
    assert reduced_motion() == (not animates)
    monkeypatch.undo()
    reduced_motion.cache_clear()


def picture(desk) -> QImage:
    QApplication.processEvents()
    return desk.canvas.viewer.viewport().grab().toImage()


def test_english_reads_from_left_to_right_in_a_window_from_right_to_left(desk):
    pipeline = pipeline_of({"dataset": (300, 200), "split_data": (300, 360)})
    pipeline = edits.set_comment(pipeline, "dataset", "205 cars from 1985.")
    pipeline, _ = edits.add_note(pipeline, "70 % for training.", position=(620, 200))
    pipeline, _ = grouping.group(pipeline, ["split_data"], "1 of 2.")
    desk.show(pipeline)
    before = picture(desk)
    area = desk.canvas.viewer.visible_area()
    desk.canvas.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    desk.canvas.viewer.centerOn(area.center())
    moved = desk.canvas.viewer.visible_area().topLeft() - area.topLeft()
    desk.canvas.viewer.pan(moved.x(), moved.y())
    assert desk.canvas.viewer.visible_area().topLeft() == area.topLeft()
    assert picture(desk) == before
