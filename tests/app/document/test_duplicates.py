"""Copies by Ctrl+D and modules of the palette: beside what is there, on nothing, and selected."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from window_desk import CONTROL, key, linked, nodes

from designer.app.canvas.items.geometry import GRID
from designer.pipeline import edits, grouping
from designer.pipeline.model import Pipeline


def show(window, pipeline: Pipeline) -> None:
    window.document.apply("Insert", lambda _: pipeline)
    window.canvas.fit()
    QApplication.processEvents()


def duplicate(window, *ids: str) -> list[str]:
    """Press Ctrl+D with these selected; return what is selected then."""
    window.canvas.select(ids)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_D, CONTROL)
    return window.canvas.selection()


def overlaps(window) -> list[tuple[str, str]]:
    """Return the pairs of cards and notes that lie on each other."""
    graph = window.canvas.graph
    items = {**graph.nodes, **graph.notes}
    return [
        (one, other)
        for one, other in itertools.combinations(items, 2)
        if items[one].card_rect().intersects(items[other].card_rect())
    ]


@pytest.mark.long
def test_copies_hide_nothing_however_many_there_are(window):
    show(window, linked())
    for _ in range(6):
        (copy,) = duplicate(window, "split_data")
        assert copy != "split_data"
    assert len(nodes(window)) == 8
    assert overlaps(window) == []


def test_modules_added_from_the_palette_hide_nothing(window, qtbot):
    show(window, linked())
    palette = window.palette_panel
    for count in range(1, 7):
        window.canvas.select([])
        palette.search.setFocus()
        palette.search.clear()
        qtbot.keyClicks(palette.search, "bins")
        key(window, Qt.Key.Key_Return)
        assert len(nodes(window)) == 2 + count
        (added,) = window.canvas.selection()
        card = window.canvas.graph.nodes[added].card_rect()
        assert window.canvas.viewer.visible_area().contains(card)
    assert overlaps(window) == []


def test_modules_that_are_searched_for_hide_nothing(window, qtbot):
    show(window, linked())
    for count in range(1, 4):
        window.canvas.select([])
        window.canvas.setFocus()
        key(window, Qt.Key.Key_Tab)
        qtbot.keyClicks(QApplication.focusWidget(), "clip")
        key(window, Qt.Key.Key_Return)
        assert len(nodes(window)) == 2 + count
    assert overlaps(window) == []


def test_a_module_added_on_the_frame_of_a_group_is_in_it(window):
    pipeline = linked()
    pipeline = edits.move(pipeline, dict(zip(pipeline.nodes, [(0, 0), (0, 400)], strict=True)))
    show(window, grouping.group(pipeline, list(pipeline.nodes))[0])
    (name,) = window.document.pipeline.groups
    window.modules.add_at_center("clip_values")
    assert len(nodes(window)) == 3
    assert all(node.startswith(f"{name}/") for node in nodes(window))
    assert overlaps(window) == []


def test_a_copy_comes_right_beside_its_original_where_that_is_free(window):
    show(window, linked())
    (copy,) = duplicate(window, "split_data")
    original, made = (window.document.pipeline.nodes[name] for name in ("split_data", copy))
    assert made.position[1] == original.position[1]
    assert made.position[0] > original.position[0]
    assert made.position[0] % GRID == original.position[0] % GRID
    # It is seen without scrolling.
    card = window.canvas.graph.nodes[copy].card_rect()
    assert window.canvas.viewer.visible_area().contains(card)


def test_several_cards_and_a_note_keep_their_places_to_each_other(window):
    pipeline, note = edits.add_note(linked(), "Mind the gap", position=(290, 40))
    pipeline, _ = edits.add_node(pipeline, "join_data", position=(560, 100))
    show(window, pipeline)
    chosen = ["enter_data_manually", "split_data", note]
    copies = duplicate(window, *chosen)
    assert len(copies) == 3
    assert overlaps(window) == []
    now = window.document.pipeline
    places = {**now.nodes, **now.notes}
    ways = {
        (
            places[copy].position[0] - places[name].position[0],
            places[copy].position[1] - places[name].position[1],
        )
        for name, copy in zip(sorted(chosen), sorted(copies), strict=True)
    }
    assert len(ways) == 1


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_copied_out_of_a_group_lies_on_no_frame(window, whole):
    pipeline, group = grouping.group(linked(), ["enter_data_manually", "split_data"])
    show(window, pipeline)
    inside = next(name for name in pipeline.nodes if name.endswith("split_data"))
    copies = duplicate(window, group if whole else inside)
    assert copies
    assert group not in copies
    frame = window.canvas.graph.frames.items[group].card_rect()
    assert not window.canvas.graph.bounds(copies).intersects(frame)
    assert overlaps(window) == []
