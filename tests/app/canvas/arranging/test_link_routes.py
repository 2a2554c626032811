"""On the canvas: links avoid cards when at rest, and follow cards that are dragged."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from designer.app.canvas import Canvas, layout
from designer.catalog import load_catalog
from designer.pipeline import edits, grouping
from designer.pipeline import file as pipeline_file

ROOT = Path(__file__).resolve().parents[4]
sys.path.append(str(ROOT / "benchmarks"))

from _large_pipelines import CATALOG as LARGE  # noqa: E402
from _large_pipelines import PIPELINES  # noqa: E402

SAMPLES = sorted(ROOT.glob("samples/*.pipeline.json"))
BLOCKED = link("dataset.dataset", "split_data.dataset")


def passes(item, rect: QRectF) -> bool:
    """Whether the line that Qt draws goes over a rectangle."""
    path = item.path()
    length = max(path.length(), 1.0)
    inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    steps = int(length / 4.0) + 1
    return any(inner.contains(path.pointAtPercent(step / steps)) for step in range(steps + 1))


def behind_cards(canvas: Canvas) -> list[tuple[str, str]]:
    """Links with the shown cards that they pass without belonging to them."""
    graph = canvas.graph
    frames = graph.frames.items
    cards = {name: item for name, item in graph.nodes.items() if item.isVisible()}
    cards |= {name: item for name, item in frames.items() if item.collapsed and item.isVisible()}
    found = []
    for one, item in graph.links.items():
        if not item.isVisible():
            continue
        own = (one.source.node, one.target.node)
        area = item.path().boundingRect()
        for name, card in cards.items():
            if name in own or any(end.startswith(f"{name}/") for end in own):
                continue
            if area.intersects(card.card_rect()) and passes(item, card.card_rect()):
                found.append((str(one), name))
    return found


@pytest.fixture
def blocked(desk):
    """A link with a card in between."""
    desk.show(
        pipeline_of(
            {"dataset": (200, 0), "join_data": (200, 180), "split_data": (200, 400)},
            ("dataset.dataset", "split_data.dataset"),
        )
    )
    return desk


def test_a_link_goes_around_a_card_and_back_when_that_is_gone(blocked):
    assert behind_cards(blocked.canvas) == []
    around = blocked.canvas.graph.links[BLOCKED].path()
    blocked.show(edits.remove(blocked.pipeline, ["join_data"]))
    assert blocked.canvas.graph.links[BLOCKED].path().boundingRect().width() == 0
    assert around.boundingRect().width() > 120


def test_a_link_is_seen_across_a_note_that_lies_between_its_cards(desk):
    """The shortest way around a wide note is straight across it: one piece without a bend."""
    pipeline = pipeline_of(
        {"dataset": (200, 0), "split_data": (200, 150)}, ("dataset.dataset", "split_data.dataset")
    )
    pipeline, _ = edits.add_note(pipeline, "", position=(160, 70), size=(320, 70))
    desk.show(pipeline)
    (item,) = desk.canvas.graph.links.values()
    x1, y1, _, y2 = item.ends
    drawn = item.path().boundingRect()
    assert (drawn.top(), drawn.bottom()) == (y1, y2)
    assert item.is_near(QPointF(x1, (y1 + y2) / 2), 4)


def test_a_card_dragged_onto_a_link_is_avoided_once_it_is_dropped(desk):
    desk.show(
        pipeline_of(
            {"dataset": (200, 0), "join_data": (560, 180), "split_data": (200, 400)},
            ("dataset.dataset", "split_data.dataset"),
        )
    )
    desk.drag(desk.card("join_data"), desk.card("join_data") + QPoint(-360, 0))
    assert desk.pipeline.nodes["join_data"].position[0] < 300
    assert behind_cards(desk.canvas) == []


def test_a_dragged_card_takes_its_links_along_and_they_settle(blocked):
    start = blocked.card("split_data")
    blocked.press(start)
    blocked.move(start + QPoint(40, 0), start + QPoint(60, 0))
    shown = blocked.canvas.graph.links[BLOCKED]
    end = shown.path().currentPosition()
    port = blocked.canvas.graph.nodes["split_data"]
    assert (end.x(), end.y()) == (port.x() + 120, port.y())
    blocked.release(start + QPoint(60, 0))
    assert behind_cards(blocked.canvas) == []


@pytest.mark.parametrize("ending", ["escape", "back"])
def test_a_drag_without_a_change_leaves_the_link_as_it_was(blocked, ending):
    before = blocked.canvas.graph.links[BLOCKED].path()
    start = blocked.card("split_data")
    blocked.press(start)
    blocked.move(start + QPoint(40, 0), start + QPoint(80, 20))
    assert blocked.canvas.graph.links[BLOCKED].path() != before
    if ending == "escape":
        blocked.key(Qt.Key.Key_Escape)
    else:
        blocked.move(start)
    blocked.release(start)
    assert blocked.canvas.graph.links[BLOCKED].path() == before
    assert blocked.steps == []


def test_a_routed_link_is_taken_where_it_is_drawn(blocked):
    shown = blocked.canvas.graph.links[BLOCKED]
    lane = shown.path().pointAtPercent(0.5)
    blocked.click(blocked.at(lane.x(), lane.y()))
    assert blocked.canvas.graph.selected_links == {BLOCKED}


def test_undo_and_a_fresh_canvas_draw_the_same(blocked, qtbot):
    before = {one: item.path() for one, item in blocked.canvas.graph.links.items()}
    start = blocked.pipeline
    blocked.show(edits.move(start, {"join_data": (500.0, 180.0)}))
    blocked.show(edits.move(start, {"split_data": (500.0, 500.0)}))
    blocked.show(start)
    assert {one: item.path() for one, item in blocked.canvas.graph.links.items()} == before


def test_the_card_of_a_collapsed_group_is_avoided(blocked):
    pipeline, name = grouping.group(blocked.pipeline, ["join_data"], "Aside")
    blocked.show(grouping.set_group(pipeline, name, collapsed=True))
    assert behind_cards(blocked.canvas) == []


def shown(qtbot, pipeline, catalog) -> Canvas:
    canvas = Canvas(catalog)
    qtbot.addWidget(canvas)
    canvas.resize(1000, 700)
    canvas.show_pipeline(layout(pipeline, catalog)(pipeline))
    QApplication.processEvents()
    return canvas


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.long] * (name == "tangled")) for name in PIPELINES],
)
def test_large_pipelines_have_no_link_behind_a_card(qapp, qtbot, name):
    assert behind_cards(shown(qtbot, PIPELINES[name](), LARGE)) == []


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_samples_have_no_link_behind_a_card(qapp, qtbot, path):
    assert behind_cards(shown(qtbot, pipeline_file.read(path), load_catalog())) == []


@pytest.mark.parametrize("name", [*PIPELINES])
def test_arranging_a_large_pipeline_again_changes_nothing(name):
    pipeline = PIPELINES[name]()
    once = layout(pipeline, LARGE)(pipeline)
    assert layout(once, LARGE)(once) == once
