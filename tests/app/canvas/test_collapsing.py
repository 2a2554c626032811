"""Groups collapsed to one card and expanded again."""

from __future__ import annotations

import pytest
from canvas_desk import Dragged, link, module
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication

from designer.app.canvas import CanvasTarget, GroupTarget, NodeState
from designer.app.canvas.arranging.arrangement import arrangement
from designer.app.canvas.gestures.hit_testing import target_at
from designer.app.canvas.gestures.title_editor import TitleField
from designer.pipeline import edits, file, grouping
from designer.pipeline.problem import Problem

CONTROL = Qt.KeyboardModifier.ControlModifier
MEMBERS = ("prepare/clean_missing", "prepare/split_data")


@pytest.fixture
def folded(grouped):
    grouped.show(grouping.set_group(grouped.pipeline, "prepare", collapsed=True))
    return grouped


def frame(desk, name="prepare"):
    return desk.canvas.graph.frames.items[name]


def card(desk, name="prepare") -> QPoint:
    """A pixel of a collapsed card, beside its arrow."""
    return desk.card(name)


def arrow(desk, name="prepare") -> QPoint:
    center = frame(desk, name).fold_rect().center()
    return desk.at(center.x(), center.y())


def ends(desk, source, target):
    path = desk.canvas.graph.links[link(source, target)].path()
    first, last = path.pointAtPercent(0), path.pointAtPercent(1)
    return (round(first.x()), round(first.y())), (round(last.x()), round(last.y()))


def test_a_click_on_the_arrow_collapses_and_expands_in_a_step_each(grouped):
    before = grouped.pipeline
    grouped.click(arrow(grouped))
    assert grouped.pipeline.groups["prepare"].collapsed
    assert grouped.canvas.selection() == ["prepare"]
    assert not any(grouped.canvas.graph.nodes[name].isVisible() for name in MEMBERS)
    rect = frame(grouped).card_rect()
    assert (rect.left(), rect.top(), rect.width(), rect.height()) == (200, 220, 240, 60)
    grouped.click(arrow(grouped))
    assert all(grouped.canvas.graph.nodes[name].isVisible() for name in MEMBERS)
    assert grouped.pipeline == before
    assert [text for text, _ in grouped.steps] == ["Collapse “Prepare”", "Expand “Prepare”"]
    grouped.undo()
    assert frame(grouped).collapsed
    grouped.undo()
    assert not frame(grouped).collapsed
    assert grouped.canvas.graph.nodes[MEMBERS[0]].isVisible()


def test_the_key_and_a_double_click_expand_and_f2_writes_the_title(grouped):
    grouped.canvas.select([MEMBERS[0]])
    grouped.key(Qt.Key.Key_Period, CONTROL)
    assert frame(grouped).collapsed
    assert grouped.canvas.selection() == ["prepare"]
    grouped.double_click(card(grouped))
    assert not frame(grouped).collapsed
    grouped.key(Qt.Key.Key_Period, CONTROL)
    grouped.key(Qt.Key.Key_Return)
    assert not frame(grouped).collapsed
    grouped.key(Qt.Key.Key_Period, CONTROL)
    grouped.key(Qt.Key.Key_F2)
    assert isinstance(QApplication.focusWidget(), TitleField)
    grouped.type("Ready")
    grouped.key(Qt.Key.Key_Return)
    assert frame(grouped).face.title == "Ready"
    assert frame(grouped).collapsed


def test_the_key_says_what_it_needs(grouped):
    grouped.canvas.select(["dataset"])
    grouped.key(Qt.Key.Key_Period, CONTROL)
    assert not grouped.steps
    assert grouped.messages == ["Select a group, or a module in one, first."]


def test_links_lead_to_the_border_of_the_card_and_inner_ones_are_hidden(folded):
    _, into = ends(folded, "dataset.dataset", "prepare/clean_missing.dataset")
    out, _ = ends(folded, "prepare/split_data.first", "train_model.dataset")
    assert into == (320, 220)
    assert out == (320, 280)
    inner = link("prepare/clean_missing.cleaned", "prepare/split_data.dataset")
    assert not folded.canvas.graph.links[inner].isVisible()
    folded.show(grouping.set_group(folded.pipeline, "prepare", collapsed=False))
    assert folded.canvas.graph.links[inner].isVisible()
    out, _ = ends(folded, "prepare/split_data.first", "train_model.dataset")
    assert out == (280, 360)


def test_dragging_the_card_moves_all_members_and_links_in_one_step(folded):
    before = folded.pipeline
    start = card(folded)
    folded.press(start)
    folded.move(start + QPoint(50, 20), start + QPoint(100, 40))
    _, into = ends(folded, "dataset.dataset", "prepare/clean_missing.dataset")
    assert into == (420, 260)
    folded.release(start + QPoint(100, 40))
    places = {name: node.position for name, node in folded.pipeline.nodes.items()}
    assert places[MEMBERS[0]] == (300, 200)
    assert places[MEMBERS[1]] == (300, 340)
    assert [text for text, _ in folded.steps] == ["Move group “Prepare”"]
    folded.undo()
    assert folded.pipeline is before
    _, into = ends(folded, "dataset.dataset", "prepare/clean_missing.dataset")
    assert into == (320, 220)


def test_what_is_hidden_can_not_be_hit(folded):
    graph = folded.canvas.graph
    where = graph.nodes[MEMBERS[1]].card_rect().bottomLeft() + QPointF(20, -10)
    assert isinstance(target_at(folded.canvas, where), CanvasTarget)
    assert not isinstance(target_at(folded.canvas, where), GroupTarget)
    at = frame(folded).card_rect().center()
    assert target_at(folded.canvas, at).id == "prepare"
    folded.canvas.select_all()
    assert not set(folded.canvas.selection()) & set(MEMBERS)
    folded.drag(folded.at(150, 130), folded.at(470, 300))
    assert folded.canvas.selection() == ["prepare"]


def test_a_link_can_not_be_drawn_to_the_card_and_it_is_said_why(folded):
    start = folded.port("linear_regression.untrained_model")
    folded.press(start)
    folded.move(start + QPoint(-20, 20), card(folded))
    assert folded.canvas.bubble.text() == "Expand “Prepare” to link a module in it."
    folded.release(card(folded))
    assert not folded.steps
    assert not folded.canvas.quick_add.isVisible()
    # The end of a link is no place to begin one.
    x, y = frame(folded).gate(link("a.b", "prepare/clean_missing.dataset").target, False)
    folded.drag(folded.at(x, y + 4), folded.at(x + 100, y + 44))
    assert [text for text, _ in folded.steps] == ["Move group “Prepare”"]


def test_a_link_to_the_card_can_be_removed(folded):
    shown = folded.canvas.graph.links[link("dataset.dataset", "prepare/clean_missing.dataset")]
    middle = shown.path().pointAtPercent(0.5)
    folded.click(folded.at(middle.x(), middle.y()))
    folded.key(Qt.Key.Key_Delete)
    assert len(folded.pipeline.links) == 3
    assert not frame(folded).face.inputs


def test_the_card_tells_the_worst_state_of_its_members(folded):
    face = frame(folded).face
    first, second = MEMBERS
    folded.canvas.set_states({first: NodeState("completed", 1.0), second: NodeState("running")})
    assert (face.state.status, face.state.progress) == ("running", 0.5)
    folded.canvas.set_state(second, NodeState("failed", 1.0))
    assert face.state.status == "failed"
    folded.canvas.set_state(first, NodeState("running", progress=0.5))
    assert (face.state.status, face.state.progress) == ("running", 0.25)
    folded.canvas.set_states({name: NodeState("completed", 1.5) for name in MEMBERS})
    assert (face.state.status, face.state.seconds) == ("completed", 3.0)
    folded.canvas.set_states({first: NodeState("completed", 1.5)})
    assert face.state.status == ""


def test_the_card_tells_size_and_problems(folded):
    problem = Problem("error", "No column is chosen.", "Choose one.", MEMBERS[0])
    folded.canvas.set_problems({MEMBERS[0]: [problem], "dataset": [problem]})
    item = frame(folded)
    assert (item.face.title, item.face.subtitle) == ("Prepare", "2 modules")
    assert (item.face.severity, len(item.face.problems)) == ("error", 1)
    assert "No column is chosen." in item.tooltip()
    assert item.spoken() == "Group Prepare, prepare, 2 modules, collapsed"


def test_a_hidden_node_that_a_problem_leads_to_is_shown_by_its_card(folded):
    folded.canvas.center_on(MEMBERS[1])
    assert folded.canvas.selection() == [MEMBERS[1]]
    assert frame(folded).holds_selected
    seen = folded.canvas.viewer.visible_area().center()
    assert frame(folded).card_rect().contains(seen)


def test_deleting_the_card_deletes_what_is_in_it(folded):
    folded.click(card(folded))
    folded.key(Qt.Key.Key_Delete)
    assert not set(folded.pipeline.nodes) & set(MEMBERS)
    assert len(folded.pipeline.nodes) == 4
    folded.undo()
    assert frame(folded).collapsed
    assert not folded.canvas.graph.nodes[MEMBERS[0]].isVisible()


def test_nothing_is_dropped_into_a_collapsed_group(folded):
    folded.drag(folded.card("linear_regression"), card(folded))
    assert "linear_regression" in folded.pipeline.nodes
    Dragged(folded, module("join_data")).drop(300, 250)
    assert "join_data" in folded.pipeline.nodes


def test_groups_within_each_other(grouped):
    pipeline, outer = grouping.group(grouped.pipeline, ["prepare", "dataset"], "Outer")
    inner = f"{outer}/prepare"
    grouped.show(grouping.set_group(pipeline, inner, collapsed=True))
    around = frame(grouped, outer).card_rect()
    assert around.contains(frame(grouped, inner).card_rect())
    assert around.bottom() == 220 + 60 + 20
    grouped.show(grouping.set_group(grouped.pipeline, outer, collapsed=True))
    assert not frame(grouped, inner).isVisible()
    assert not grouped.canvas.graph.nodes[f"{outer}/dataset"].isVisible()
    out, _ = ends(grouped, f"{inner}/split_data.first", "train_model.dataset")
    assert out == (280, 200)
    grouped.show(grouping.set_group(grouped.pipeline, outer, collapsed=False))
    assert frame(grouped, inner).isVisible()
    assert not grouped.canvas.graph.nodes[f"{inner}/split_data"].isVisible()
    grouped.show(grouping.ungroup(grouped.pipeline, inner)[0])
    assert all(item.isVisible() for item in grouped.canvas.graph.nodes.values())
    assert all(item.isVisible() for item in grouped.canvas.graph.links.values())


def test_a_file_keeps_it_and_the_canvas_opens_it_so(desk, grouped):
    text = file.dumps(grouping.set_group(grouped.pipeline, "prepare", collapsed=True))
    desk.show(file.loads(text))
    assert frame(desk).collapsed
    assert not desk.canvas.graph.nodes[MEMBERS[0]].isVisible()


def test_a_copy_of_a_collapsed_group_is_collapsed(folded):
    fragment = edits.extract(folded.pipeline, ["prepare"])
    folded.show(edits.insert(folded.pipeline, fragment, (400.0, 0.0))[0])
    assert frame(folded, "prepare_2").collapsed
    assert frame(folded, "prepare_2").card_rect().left() == 600


def test_a_collapsed_group_is_arranged_as_one_card(folded):
    catalog = folded.canvas.catalog
    places = arrangement(folded.pipeline, catalog)
    folded.show(edits.move(folded.pipeline, places))
    graph = folded.canvas.graph
    seen = [graph.bounds([name]) for name in graph.seen()]
    for index, one in enumerate(seen):
        assert not any(one.intersects(other) for other in seen[index + 1 :])
    assert graph.bounds(["train_model"]).top() - graph.bounds(["prepare"]).bottom() <= 100


def test_tab_stops_once_at_a_collapsed_group(folded):
    folded.canvas.select(["dataset"])
    stops = []
    for _ in range(4):
        folded.key(Qt.Key.Key_Tab)
        stops += folded.canvas.selection()
    assert stops == ["linear_regression", "prepare", "split_data_2", "train_model"]


def test_an_empty_group_collapses_where_it_lies(desk):
    pipeline = edits.add_group(desk.pipeline, "later", title="Later", position=(100, 100))
    desk.show(grouping.set_group(pipeline, "later", collapsed=True))
    assert frame(desk, "later").card_rect().topLeft().toTuple() == (100, 100)
    assert frame(desk, "later").face.subtitle == "0 modules"
    start = card(desk, "later")
    desk.drag(start, start + QPoint(40, 40))
    assert desk.pipeline.groups["later"].position == (140, 140)


def test_it_is_painted_near_and_from_afar(folded):
    place = folded.at(380, 232)
    outside = folded.at(480, 232)
    picture = folded.canvas.grab().toImage()
    assert picture.pixelColor(place).name() != picture.pixelColor(outside).name()
    folded.canvas.viewer.set_zoom_factor(0.22)
    rect = frame(folded).card_rect().center()
    picture = folded.canvas.grab().toImage()
    assert picture.pixelColor(folded.at(rect.x(), rect.y())) != picture.pixelColor(2, 2)
