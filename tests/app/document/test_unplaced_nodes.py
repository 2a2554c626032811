"""Files that say of some nodes or of none where they stand."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key

from designer.pipeline import file as pipeline_file

SOURCE = {"module": "enter_data_manually", "parameters": {"data": "a,b\n1,x\n"}}
SPLIT = {"module": "split_data"}
LINKS = [
    {"from": "data.dataset", "to": "first.dataset"},
    {"from": "first.first_output", "to": "second.dataset"},
]


def text_of(nodes, **more) -> str:
    head = {"format": pipeline_file.FORMAT, "version": pipeline_file.VERSION, "links": LINKS}
    return json.dumps({**head, "nodes": nodes, **more})


def at(node, x, y):
    return {**node, "position": [x, y]}


@pytest.fixture
def opened(window, tmp_path):
    """Open a pipeline from text, as another program has written it."""

    def open_text(text: str):
        path = tmp_path / f"odd{pipeline_file.SUFFIX}"
        path.write_text(text, "utf-8")
        assert window.files.open_path(path)
        QApplication.processEvents()
        return window.document.pipeline

    return open_text


def cards(window) -> dict[str, object]:
    items = {**window.canvas.graph.nodes, **window.canvas.graph.notes}
    return {name: window.canvas.graph.bounds([name]) for name in items}


def apart(window) -> bool:
    return not any(a.intersects(b) for a, b in combinations(cards(window).values(), 2))


def test_a_file_without_places_opens_as_arrange_would_lay_it_out(window, opened):
    text = text_of({"data": SOURCE, "first": SPLIT, "second": SPLIT})
    pipeline = opened(text)
    assert apart(window)
    tops = [pipeline.nodes[name].position[1] for name in ("data", "first", "second")]
    assert tops == sorted(set(tops)), "links do not lead down"
    places = {name: node.position for name, node in pipeline.nodes.items()}
    window.canvas.setFocus()
    key(window, Qt.Key.Key_L, CONTROL)
    assert {name: n.position for name, n in window.document.pipeline.nodes.items()} == places


def test_to_be_laid_out_is_no_change_and_the_same_each_time(window, opened):
    text = text_of({"data": SOURCE, "first": SPLIT, "second": SPLIT})
    first = opened(text)
    assert not window.document.dirty
    assert not window.windowTitle().startswith("*")
    assert not window.actions_by_id["undo"].isEnabled()
    assert window.document.path.read_text("utf-8") == text
    window.files.new()
    assert opened(text) == first


def test_saving_keeps_the_places(window, opened):
    opened(text_of({"data": SOURCE, "first": SPLIT, "second": SPLIT}))
    shown = window.document.pipeline
    assert window.files.save()
    assert pipeline_file.read(window.document.path) == shown


def test_a_few_without_a_place_stand_free_beside_the_rest(window, opened):
    nodes = {"data": at(SOURCE, 0, 0), "first": SPLIT, "second": at(SPLIT, 0, 140)}
    notes = {"said": {"text": "Where?"}, "there": {"text": "Here", "position": [300, 0]}}
    pipeline = opened(text_of(nodes, notes=notes))
    assert pipeline.nodes["data"].position == (0, 0)
    assert pipeline.nodes["second"].position == (0, 140)
    assert pipeline.notes["there"].position == (300, 0)
    assert apart(window)
    assert not window.document.dirty


def test_a_node_that_is_at_the_corner_stays_there(window, opened):
    nodes = {"data": at(SOURCE, 0, 0), "first": at(SPLIT, 0, 0), "second": at(SPLIT, 0, 0)}
    places = {node.position for node in opened(text_of(nodes)).nodes.values()}
    assert places == {(0, 0)}


def test_a_node_of_a_group_comes_beside_the_others_in_it_and_the_frame_over_no_card(window, opened):
    # At the right of the group there is a card, so that there is room only below.
    groups = {"part": {"title": "Part", "nodes": {"in": at(SPLIT, 0, 0), "new": SPLIT}}}
    nodes = {"data": at(SOURCE, 300, 0), "first": at(SPLIT, 600, 0), "second": SPLIT}
    opened(text_of(nodes, groups=groups))
    assert apart(window)
    frame = window.canvas.graph.frames.items["part"]
    outside = ("data", "first", "second")
    around = frame.mapRectToScene(frame.boundingRect())
    assert not any(around.intersects(cards(window)[name]) for name in outside)


def test_a_group_without_places_stays_together(window, opened):
    groups = {"part": {"title": "Part", "nodes": {"one": SPLIT, "two": SPLIT}}}
    nodes = {"data": at(SOURCE, 0, 0), "first": at(SPLIT, 0, 140), "second": at(SPLIT, 0, 280)}
    opened(text_of(nodes, groups=groups))
    assert apart(window)
    frame = window.canvas.graph.frames.items["part"]
    around = frame.mapRectToScene(frame.boundingRect())
    assert not any(around.intersects(cards(window)[name]) for name in nodes)


def test_notes_alone_do_not_lie_on_each_other(window, opened):
    head = {"format": pipeline_file.FORMAT, "version": pipeline_file.VERSION}
    opened(json.dumps({**head, "notes": {"one": {"text": "1"}, "two": {"text": "2"}}}))
    assert len(cards(window)) == 2
    assert apart(window)


def test_what_another_program_writes_without_places_is_laid_out_at_reload(window, opened):
    opened(text_of({"data": at(SOURCE, 0, 0), "first": SPLIT, "second": SPLIT}))
    window.document.path.write_text(
        text_of({"data": SOURCE, "first": SPLIT, "second": SPLIT}), "utf-8"
    )
    window.document.reload()
    QApplication.processEvents()
    assert apart(window)
    assert not window.document.dirty


def test_pasted_text_without_places_is_laid_out(window):
    data = QMimeData()
    data.setText(text_of({"data": SOURCE, "first": SPLIT, "second": SPLIT}))
    QApplication.clipboard().setMimeData(data)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_V, CONTROL)
    assert len(cards(window)) == 3
    assert apart(window)
