"""Where new cards come, and that they can be seen."""

from __future__ import annotations

from math import dist

import pytest
from canvas_desk import Desk, Dragged, link, module, pipeline_of
from PySide6.QtCore import QMimeData, QPoint, QRectF, Qt, QUrl
from PySide6.QtWidgets import QApplication

from designer.pipeline import edits, grouping


def whole(desk: Desk, name: str) -> bool:
    """Whether a card is in view, with its ports."""
    area = desk.canvas.graph.bounds([name]).adjusted(-8, -8, 8, 8)
    return desk.canvas.viewer.visible_area().contains(area)


def corner(desk: Desk):
    return desk.canvas.viewer.visible_area().topLeft()


def files(*paths) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


@pytest.mark.parametrize("place", [(895, 300), (-95, 300), (400, 675), (400, -75), (895, 675)])
def test_a_card_dropped_at_the_border_comes_into_view(desk, place):
    before = corner(desk)
    Dragged(desk, module("split_data")).drop(*place)
    assert whole(desk, "split_data")
    away = corner(desk) - before
    # No further than the card stuck out, with a margin.
    assert abs(away.x()) <= 120 + 60
    assert abs(away.y()) <= 30 + 60
    assert (away.x() == 0) == (place[0] == 400)
    assert (away.y() == 0) == (place[1] == 300)


def test_nothing_scrolls_for_a_card_that_is_in_view(desk):
    before = corner(desk)
    Dragged(desk, module("split_data")).drop(760, 300)
    assert whole(desk, "split_data")
    assert corner(desk) == before


def test_a_card_added_by_keys_below_the_view_comes_into_view(desk):
    desk.show(pipeline_of({"dataset": (300, 580)}))
    desk.canvas.select(["dataset"])
    desk.canvas.open_quick_add("split data")
    desk.key(Qt.Key.Key_Return)
    assert link("dataset.dataset", "split_data.dataset") in desk.pipeline.links
    assert whole(desk, "split_data")


def test_a_card_chosen_for_a_link_drawn_to_the_border_comes_into_view(desk):
    desk.show(pipeline_of({"dataset": (300, 500)}))
    desk.drag(desk.port("dataset.dataset"), desk.at(880, 660))
    desk.type("split data")
    desk.key(Qt.Key.Key_Return)
    assert desk.pipeline.links
    assert whole(desk, "split_data")


def test_what_is_larger_than_the_view_shows_its_top_left(desk):
    desk.show(pipeline_of({"dataset": (2000, 2000), "split_data": (4000, 4000)}))
    desk.canvas.present(["dataset", "split_data"])
    assert whole(desk, "dataset")


def test_a_file_held_over_a_frame_shows_that_it_comes_into_the_group(grouped, tmp_path):
    table, other = tmp_path / "cars.csv", tmp_path / "other.pipeline.json"
    frame = grouped.canvas.graph.frames.items["prepare"]
    held = Dragged(grouped, files(table))
    assert held.over(320, 268)
    assert frame.goal
    assert grouped.canvas.ghost.isVisible()
    assert grouped.canvas.bubble.text() == "Into “Prepare”"
    assert held.over(700, 60)
    assert not frame.goal
    assert not grouped.canvas.bubble.isVisible()
    held.drop(700, 60)
    assert not grouped.canvas.ghost.isVisible()
    # A pipeline is opened, wherever it is dropped.
    assert Dragged(grouped, files(table, other)).over(320, 268)
    assert not frame.goal
    assert not grouped.canvas.ghost.isVisible()


def test_new_cards_side_by_side_lie_on_no_card(desk):
    desk.show(pipeline_of({"dataset": (440, 260)}))
    places = desk.canvas.positions_at(300, 290, 3)
    assert places[0] == (180, 260)
    cards = [QRectF(*place, 240, 60) for place in [*places, (440, 260)]]
    assert not any(a.intersects(b) for i, a in enumerate(cards) for b in cards[i + 1 :])


def lengths(desk, gates: dict[str, tuple[float, float]]) -> float:
    """How far the ports outside are from where links to the group end."""
    graph = desk.canvas.graph
    total = 0.0
    for each in desk.pipeline.links:
        ends = [(each.source, True), (each.target, False)]
        inside = [str(end) for end, _ in ends if end.node.startswith("prepare/")]
        if len(inside) == 1:
            outer = next(end for end in ends if not end[0].node.startswith("prepare/"))
            place = graph.nodes[outer[0].node].end_of(outer[0].port, outer[1])
            total += dist(place, gates[inside[0]])
    return total


@pytest.mark.parametrize("left", [0, 300, 600])
def test_links_to_a_collapsed_group_are_short(desk, left):
    """Shorter than to a card at the top left of the frame, wherever what is linked stands."""
    places = {
        "dataset": (left, 0),
        "clean_missing": (0, 160),
        "split_data": (600, 300),
        "split_data_2": (left, 480),
    }
    pipeline = pipeline_of(
        places,
        ("dataset.dataset", "clean_missing.dataset"),
        ("clean_missing.cleaned", "split_data.dataset"),
        ("split_data.first", "split_data_2.dataset"),
    )
    pipeline, name = grouping.group(pipeline, ["clean_missing", "split_data"], "Prepare")
    desk.show(grouping.set_group(pipeline, name, collapsed=True))
    item = desk.canvas.graph.frames.items[name]
    assert item.card_rect().center().toTuple() == (420, 250)
    gates = {}
    for each in desk.pipeline.links:
        for end, is_output in ((each.source, True), (each.target, False)):
            if end.node.startswith("prepare/"):
                gates[str(end)] = item.gate(end, is_output)
    shift = item.card_rect().left(), item.card_rect().top() - 160
    at_corner = {end: (x - shift[0], y - shift[1]) for end, (x, y) in gates.items()}
    if left:
        assert lengths(desk, gates) < lengths(desk, at_corner)
    # Never by more than what the middle is away.
    assert lengths(desk, gates) <= lengths(desk, at_corner) + 2 * shift[0]


def test_the_card_of_a_group_collapsed_at_the_border_comes_into_view(grouped):
    grouped.canvas.viewer.centerOn(400, -200)
    QApplication.processEvents()
    center = grouped.canvas.graph.frames.items["prepare"].fold_rect().center()
    at = grouped.at(center.x(), center.y())
    assert grouped.viewport.rect().contains(at)
    grouped.click(at)
    assert grouped.canvas.graph.frames.items["prepare"].collapsed
    assert whole(grouped, "prepare")


def test_a_group_keeps_its_place_through_collapsing_dragging_and_expanding(grouped):
    before = grouped.canvas.graph.frames.items["prepare"].card_rect()
    grouped.canvas.select(["prepare"])
    grouped.canvas.fold_selection()
    start = grouped.card("prepare")
    grouped.drag(start, start + QPoint(100, 60))
    grouped.canvas.fold_selection()
    after = grouped.canvas.graph.frames.items["prepare"].card_rect()
    assert after == before.translated(100, 60)


def test_the_card_of_a_collapsed_group_lies_on_the_grid(grouped):
    pipeline, _ = edits.add_node(
        grouped.pipeline, "split_data", position=(340, 220), group="prepare"
    )
    grouped.show(grouping.set_group(pipeline, "prepare", collapsed=True))
    rect = grouped.canvas.graph.frames.items["prepare"].card_rect()
    assert (rect.left() % 20, rect.top() % 20) == (0, 0)
