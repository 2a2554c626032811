"""Selecting, moving, panning and zooming with the mouse."""

from __future__ import annotations

import pytest
from canvas_desk import link, pipeline_of
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from designer.app.canvas import CanvasTarget, LinkTarget, NodeTarget, PortTarget
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
ALT, NONE = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


def wheel(desk, steps: int, modifiers=NONE, at=None) -> None:
    at = at or QPointF(400, 300)
    event = QWheelEvent(
        at,
        QPointF(desk.viewport.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(desk.viewport, event)


def held_move(desk, at: QPoint, modifiers) -> None:
    """A move with keys held, which QTest can't send."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(at),
        QPointF(desk.viewport.mapToGlobal(at)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        modifiers,
    )
    QApplication.sendEvent(desk.viewport, event)


def test_a_click_selects_and_a_click_beside_selects_nothing(training):
    training.click(training.card("dataset"))
    assert training.canvas.selection() == ["dataset"]
    training.click(training.card("split_data"))
    assert training.canvas.selection() == ["split_data"]
    training.click(training.at(-200, 500))
    assert training.canvas.selection() == []
    assert not training.steps


@pytest.mark.parametrize("modifier", [SHIFT, CONTROL])
def test_shift_and_control_add_and_take_away(training, modifier):
    training.click(training.card("dataset"))
    training.click(training.card("split_data"), modifier)
    assert training.canvas.selection() == ["dataset", "split_data"]
    training.click(training.card("dataset"), modifier)
    assert training.canvas.selection() == ["split_data"]


def test_the_selection_is_told_once_for_each_change(training):
    told = []
    training.canvas.selection_changed.connect(told.append)
    training.click(training.card("dataset"))
    training.click(training.card("dataset"))
    training.canvas.select_all()
    training.canvas.select_all()
    assert told == [["dataset"], list(training.pipeline.nodes)]


def test_a_card_moves_to_the_grid_in_one_step(training):
    start = training.card("dataset")
    training.drag(start, start + QPoint(93, 58))
    assert training.pipeline.nodes["dataset"].position == (400.0, 100.0)
    assert training.steps == [("Move “Dataset”", None)]
    training.undo()
    item = training.canvas.graph.nodes["dataset"]
    assert (item.x(), item.y()) == (300.0, 40.0)


def test_alt_releases_the_grid(training):
    start = training.card("dataset")
    training.press(start)
    held_move(training, start + QPoint(20, 20), ALT)
    held_move(training, start + QPoint(93, 58), ALT)
    training.release(start + QPoint(93, 58), ALT)
    assert training.pipeline.nodes["dataset"].position == (393.0, 98.0)


def test_all_selected_cards_move_together_and_keep_their_distances(training):
    training.canvas.select(["dataset", "split_data"])
    start = training.card("split_data")
    training.drag(start, start + QPoint(-60, 41))
    assert training.pipeline.nodes["dataset"].position == (240.0, 80.0)
    assert training.pipeline.nodes["split_data"].position == (240.0, 240.0)
    assert training.steps == [("Move 2 items", None)]


def test_a_click_on_one_of_several_selected_selects_it_alone(training):
    training.canvas.select(["dataset", "split_data"])
    training.click(training.card("dataset"))
    assert training.canvas.selection() == ["dataset"]


def test_links_follow_a_dragged_card(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    item = training.canvas.graph.links[link("dataset.dataset", "split_data.dataset")]
    start = training.card("split_data")
    training.press(start)
    training.move(start + QPoint(30, 0), start + QPoint(100, 40))
    assert item.path().currentPosition() == QPointF(520, 240)
    training.release(start + QPoint(100, 40))


def test_escape_puts_a_dragged_card_back(training):
    start = training.card("dataset")
    training.press(start)
    training.move(start + QPoint(50, 50), start + QPoint(100, 100))
    training.key(Qt.Key.Key_Escape)
    item = training.canvas.graph.nodes["dataset"]
    assert (item.x(), item.y()) == (300.0, 40.0)
    training.release(start + QPoint(100, 100))
    assert not training.steps


def test_a_refused_move_puts_the_card_back(training):
    training.canvas.edited.disconnect(training.apply)
    start = training.card("dataset")
    training.drag(start, start + QPoint(100, 100))
    item = training.canvas.graph.nodes["dataset"]
    assert (item.x(), item.y()) == (300.0, 40.0)


def test_a_shaking_hand_moves_nothing(training):
    start = training.card("dataset")
    training.drag(start, start + QPoint(1, 1), start + QPoint(2, 0))
    assert not training.steps


def test_a_rubber_band_selects_what_it_touches(training):
    training.drag(training.at(-40, 10), training.at(320, 110))
    assert training.canvas.selection() == ["dataset", "linear_regression"]
    training.press(training.at(600, 180), SHIFT)
    training.move(training.at(560, 200), training.at(500, 240))
    training.release(training.at(500, 240), SHIFT)
    assert set(training.canvas.selection()) == {"dataset", "linear_regression", "split_data"}


def test_escape_gives_a_rubber_band_up(training):
    training.canvas.select(["train_model"])
    training.press(training.at(-40, 10))
    training.move(training.at(100, 60), training.at(320, 110))
    assert training.canvas.selection() == ["dataset", "linear_regression"]
    training.key(Qt.Key.Key_Escape)
    assert training.canvas.selection() == ["train_model"]
    training.release(training.at(320, 110))


def test_a_link_is_selected_and_deleted(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    middle = training.at(420, 150)
    training.click(middle)
    assert training.canvas.selected_links() == [link("dataset.dataset", "split_data.dataset")]
    training.key(Qt.Key.Key_Delete)
    assert not training.pipeline.links
    assert training.steps[-1][0] == "Delete link"


def test_double_click_opens_a_node(training, qtbot):
    with qtbot.waitSignal(training.canvas.node_opened) as opened:
        training.double_click(training.card("split_data"))
    assert opened.args == ["split_data", ""]


def test_double_click_opens_an_output(training, qtbot):
    with qtbot.waitSignal(training.canvas.node_opened) as opened:
        training.double_click(training.port("split_data.second"))
    assert opened.args == ["split_data", "second"]


def test_double_click_beside_opens_the_list_of_modules_there(training):
    training.double_click(training.at(-100, 560))
    assert training.canvas.quick_add.isVisible()
    training.type("join")
    training.key(Qt.Key.Key_Return)
    x, y = training.pipeline.nodes["join_data"].position
    assert (abs(x + 120 + 100) <= 10, abs(y + 30 - 560) <= 10) == (True, True)


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.LeftButton])
def test_the_middle_button_or_space_pan(training, button):
    before = training.at(0, 0)
    start = training.card("dataset")
    if button == Qt.MouseButton.LeftButton:
        QTest.keyPress(training.canvas.viewer, Qt.Key.Key_Space)
    QTest.mousePress(training.viewport, button, NONE, start)
    training.move(start + QPoint(30, 10), start + QPoint(80, 50))
    QTest.mouseRelease(training.viewport, button, NONE, start + QPoint(80, 50))
    if button == Qt.MouseButton.LeftButton:
        QTest.keyRelease(training.canvas.viewer, Qt.Key.Key_Space)
    assert training.at(0, 0) - before == QPoint(80, 50)
    assert not training.steps
    assert training.canvas.selection() == []


def test_space_is_forgotten_when_the_focus_goes(training, qtbot):
    QTest.keyPress(training.canvas.viewer, Qt.Key.Key_Space)
    training.canvas.viewer.clearFocus()
    training.click(training.card("dataset"))
    assert training.canvas.selection() == ["dataset"]


def test_the_wheel_scrolls_and_with_control_zooms_about_the_pointer(training):
    canvas = training.canvas
    before = training.at(0, 0)
    wheel(training, -1)
    assert training.at(0, 0).y() < before.y()
    assert training.at(0, 0).x() == before.x()
    wheel(training, -1, SHIFT)
    assert training.at(0, 0).x() < before.x()
    at = QPointF(250, 200)
    held = canvas.viewer.to_scene(at)
    wheel(training, 1, CONTROL, at)
    assert canvas.viewer.zoom() == pytest.approx(1.2)
    moved = canvas.viewer.to_scene(at) - held
    assert moved.manhattanLength() < 2.0


def test_zoom_stays_within_its_limits(training):
    wheel(training, 40, CONTROL)
    assert training.canvas.viewer.zoom() == 3.0
    wheel(training, -80, CONTROL)
    assert training.canvas.viewer.zoom() == pytest.approx(0.2)
    training.canvas.zoom_in()
    assert training.canvas.viewer.zoom() > 0.2
    training.canvas.zoom_reset()
    assert training.canvas.viewer.zoom() == 1.0


def test_pinching_zooms(training):
    device = QPointingDevice.primaryPointingDevice()
    at = QPointF(300, 300)
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture, device, 2, at, at, at, 0.25, QPointF()
    )
    QApplication.sendEvent(training.viewport, event)
    assert training.canvas.viewer.zoom() == pytest.approx(1.25)


def test_fit_shows_everything_even_a_very_large_pipeline(desk):
    places = {f"dataset_{i}": (i % 40 * 300.0, i // 40 * 630.0) for i in range(1, 300)}
    desk.show(pipeline_of(places))
    desk.canvas.fit()
    seen = desk.canvas.viewer.visible_area()
    assert seen.contains(desk.canvas.graph.bounds())
    assert desk.canvas.viewer.zoom() < 0.2
    desk.canvas.zoom_out()
    desk.canvas.zoom_in()
    assert desk.canvas.viewer.zoom() < 0.2


def test_places_far_away_can_be_reached(desk):
    desk.show(pipeline_of({"dataset": (1_000_000.0, -400_000.0)}))
    desk.canvas.center_on("dataset")
    x, y = desk.canvas.view_center()
    assert (x, y) == (pytest.approx(1_000_120, abs=3), pytest.approx(-399_970, abs=3))
    assert desk.canvas.selection() == ["dataset"]


def test_resizing_the_window_keeps_the_picture_in_place(training):
    before = training.at(0, 0)
    training.canvas.resize(700, 500)
    QApplication.processEvents()
    assert training.at(0, 0) == before
    assert training.canvas.viewer.zoom() == 1.0


def menu_at(desk, at: QPoint):
    targets = []
    desk.canvas.menu_requested.connect(lambda target, place: targets.append(target))
    QTest.mousePress(desk.viewport, Qt.MouseButton.RightButton, NONE, at)
    event = QContextMenuEvent(
        QContextMenuEvent.Reason.Mouse, at, desk.viewport.mapToGlobal(at), NONE
    )
    QApplication.sendEvent(desk.viewport, event)
    QTest.mouseRelease(desk.viewport, Qt.MouseButton.RightButton, NONE, at)
    return targets[-1]


def test_a_menu_is_asked_for_with_what_it_is_about(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    assert menu_at(training, training.card("dataset")) == NodeTarget("dataset")
    assert training.canvas.selection() == ["dataset"]
    assert menu_at(training, training.port("split_data.second")) == PortTarget(
        "split_data", "second", True
    )
    assert menu_at(training, training.at(420, 150)) == LinkTarget(
        link("dataset.dataset", "split_data.dataset")
    )
    target = menu_at(training, training.at(-200, 500))
    assert isinstance(target, CanvasTarget)
    assert (target.x, target.y) == (pytest.approx(-200, abs=1), pytest.approx(500, abs=1))


def test_a_menu_on_one_of_several_selected_keeps_the_selection(training):
    training.canvas.select(["dataset", "split_data"])
    menu_at(training, training.card("dataset"))
    assert training.canvas.selection() == ["dataset", "split_data"]


def test_names_of_ports_appear_over_the_card_under_the_pointer(training):
    training.move(training.card("train_model"))
    labels = training.canvas.labels
    assert labels.isVisible()
    assert {label.text for _, label in labels._drawn} == {
        "Untrained model",
        "Dataset",
        "Trained model",
    }
    boxes = [box for box, _ in labels._drawn]
    assert not any(a.intersects(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    training.move(training.at(-200, 500))
    assert not labels.isVisible()


def test_far_away_only_the_port_under_the_pointer_is_named(training):
    training.canvas.viewer.set_zoom_factor(0.4)
    training.move(training.card("train_model"))
    labels = training.canvas.labels
    assert not labels.isVisible()
    training.move(training.port("train_model:dataset"))
    assert [label.text for _, label in labels._drawn] == ["Dataset"]


def test_tooltips_of_ports_name_type_and_columns(training, monkeypatch):
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: shown.append(text))
    training.canvas.set_port_info({Endpoint("dataset", "dataset"): "26 columns: price, <make>"})
    pointer = training.canvas.pointer
    item = training.canvas.graph.nodes["dataset"]
    pointer.tooltip(item.pos() + item.outputs[0].center, QPoint(10, 10))
    assert shown == ["<b>Dataset</b><br>a dataset<br>26 columns: price, &lt;make&gt;"]


def test_what_is_hovered_may_vanish(training):
    training.move(training.card("dataset"))
    training.show(Pipeline())
    training.move(training.at(300, 300))
    assert not training.canvas.labels.isVisible()


def test_a_dragged_pointer_at_the_edge_scrolls(training, qtbot):
    start = training.card("dataset")
    before = training.canvas.viewer.visible_area().right()
    training.press(start)
    training.move(start + QPoint(40, 0), QPoint(training.viewport.width() - 2, start.y()))
    qtbot.waitUntil(lambda: training.canvas.viewer.visible_area().right() > before + 30)
    training.release(QPoint(training.viewport.width() - 2, start.y()))
    assert training.pipeline.nodes["dataset"].position[0] > 700


def test_a_link_being_drawn_is_given_up_when_its_node_vanishes(training):
    start = training.port("dataset.dataset")
    training.press(start)
    training.move(start + QPoint(0, 40))
    training.show(edits.remove(training.pipeline, ["dataset"]))
    assert training.canvas.pointer.gesture is None
    assert not training.canvas.live.isVisible()
    training.release(start)


def test_the_map_moves_the_view(training):
    training.show(edits.move(training.pipeline, {"train_model": (6000.0, 4000.0)}))
    training.canvas.minimap.repaint()
    QTest.mouseClick(
        training.canvas.minimap,
        Qt.MouseButton.LeftButton,
        pos=training.canvas.minimap._to_map(training.canvas.graph.bounds(["train_model"]))
        .center()
        .toPoint(),
    )
    seen = training.canvas.viewer.visible_area()
    assert seen.contains(training.canvas.graph.bounds(["train_model"]))
    training.canvas.set_minimap_visible(False)
    assert not training.canvas.minimap.isVisible()
