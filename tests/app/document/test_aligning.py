"""Selected cards on one line, with equal gaps, and the whole canvas as a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from window_desk import CONTROL, key

from designer.pipeline import edits
from designer.pipeline.model import Pipeline

ALT = Qt.KeyboardModifier.AltModifier
PLACES = {"one": (0.0, 0.0), "two": (300.0, 100.0), "three": (900.0, 260.0)}


@pytest.fixture
def scattered(window):
    pipeline = Pipeline()
    for name, position in PLACES.items():
        pipeline, _ = edits.add_node(pipeline, "split_data", position=position, node_id=name)
    window.document.apply("Build", lambda _: pipeline)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    return window


def positions(window) -> list[tuple[float, float]]:
    return [node.position for node in window.document.pipeline.nodes.values()]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (Qt.Key.Key_Left, [(0, 0), (0, 100), (0, 260)]),
        (Qt.Key.Key_Right, [(900, 0), (900, 100), (900, 260)]),
        (Qt.Key.Key_Up, [(0, 0), (300, 0), (900, 0)]),
        (Qt.Key.Key_Down, [(0, 260), (300, 260), (900, 260)]),
        # All cards have one size: the middle one is halfway.
        (Qt.Key.Key_H, [(0, 0), (450, 100), (900, 260)]),
        (Qt.Key.Key_V, [(0, 0), (300, 130), (900, 260)]),
    ],
)
def test_keys_move_the_cards_in_one_step(scattered, code, expected):
    key(scattered, code, CONTROL | ALT)
    assert positions(scattered) == expected
    scattered.edits.undo()
    assert positions(scattered) == list(PLACES.values())


def test_a_group_moves_as_a_whole(scattered):
    window = scattered
    window.canvas.select(["two", "three"])
    key(window, Qt.Key.Key_G, CONTROL)
    key(window, Qt.Key.Key_Return)
    group = window.canvas.selection()[0]
    window.canvas.select([group, "one"])
    before = dict(window.document.pipeline.nodes)
    window.commands.actions["align_top"].trigger()
    after = window.document.pipeline.nodes
    ways = {
        name: after[name].position[1] - node.position[1]
        for name, node in before.items()
        if name != "one"
    }
    assert len(set(ways.values())) == 1
    tops = [window.canvas.graph.bounds([name]).top() for name in (group, "one")]
    assert tops[0] == pytest.approx(tops[1])


def test_too_few_items_are_refused_with_the_reason(scattered):
    window = scattered
    window.canvas.select(["one"])
    action = window.commands.actions["align_left"]
    window.commands.update()
    assert not action.isEnabled()
    assert "Select two items or more" in action.toolTip()


@pytest.mark.parametrize("name", ["flow.png", "flow.svg", "flow"])
def test_the_whole_canvas_is_saved_as_a_picture(scattered, tmp_path, monkeypatch, name):
    window = scattered
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    window.canvas.zoom_in()
    window.commands.actions["save_picture"].trigger()
    area = window.canvas.graph.bounds()
    # What was selected still is.
    assert set(window.canvas.selection()) == set(PLACES)
    if name.endswith(".svg"):
        root = ElementTree.parse(tmp_path / name).getroot()
        drawn = "".join(root.itertext())
        assert "Split Data" in drawn
        assert float(root.get("viewBox").split()[2]) > area.width()
        return
    image = QImage(str(tmp_path / (name if "." in name else f"{name}.png")))
    assert image.width() > 2 * area.width()
    colors = {image.pixel(x, y) for x in range(0, image.width(), 40) for y in range(0, 200, 8)}
    assert len(colors) > 2


def test_a_folder_that_is_gone_is_named(scattered, tmp_path, monkeypatch):
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "gone" / "a.png"), "")
    )
    scattered.commands.actions["save_picture"].trigger()
    assert "a.png can't be written" in scattered.statusBar().currentMessage()
