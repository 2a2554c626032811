"""Pasting: at the pointer, otherwise beside what was copied, and never on top of anything."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from window_desk import CONTROL, key, linked, nodes

from designer.pipeline import edits, grouping


@pytest.fixture
def copied(window):
    """Two linked cards were copied by keys; the pointer is on the panel beside the canvas."""
    window.document.apply("Insert", lambda _: linked())
    window.canvas.viewer.centerOn(120, 230)
    point_beside(window)
    window.canvas.setFocus()
    key(window, Qt.Key.Key_A, CONTROL)
    key(window, Qt.Key.Key_C, CONTROL)
    return window


def point_beside(window) -> None:
    QTest.mouseMove(window.properties, QPoint(20, 20))
    QApplication.processEvents()


def point_at(window, x: float, y: float) -> QPoint:
    """Move the pointer to a scene position in view."""
    viewer = window.canvas.viewer
    at = viewer.to_view(QPointF(x, y)).toPoint()
    assert viewer.viewport().rect().contains(at)
    QTest.mouseMove(viewer.viewport(), at)
    QApplication.processEvents()
    return at


def paste(window) -> list[str]:
    """Paste by keys; returns the new nodes and notes."""
    before = {*window.document.pipeline.nodes, *window.document.pipeline.notes}
    key(window, Qt.Key.Key_V, CONTROL)
    after = (*window.document.pipeline.nodes, *window.document.pipeline.notes)
    return [name for name in after if name not in before]


def middle(window, names) -> tuple[float, float]:
    center = window.canvas.graph.bounds(names).center()
    return center.x(), center.y()


def overlapping(window) -> list[tuple[str, str]]:
    graph = window.canvas.graph
    items = {name: item.card_rect() for name, item in (graph.nodes | graph.notes).items()}
    pairs = itertools.combinations(items, 2)
    return [(one, two) for one, two in pairs if items[one].intersects(items[two])]


def test_it_is_pasted_at_the_pointer(copied):
    there = (200.0, 380.0)
    point_at(copied, *there)
    new = paste(copied)
    assert len(new) == 2
    assert middle(copied, new) == pytest.approx(there, abs=20)
    assert copied.canvas.selection() == new
    assert not overlapping(copied)


def test_with_the_pointer_on_the_originals_it_is_pasted_beside_them(copied):
    point_at(copied, *middle(copied, nodes(copied)))
    paste(copied)
    assert not overlapping(copied)


def test_with_the_pointer_elsewhere_it_is_pasted_beside_the_originals(copied):
    originals = copied.canvas.graph.bounds(nodes(copied))
    new = paste(copied)
    assert not overlapping(copied)
    beside = copied.canvas.graph.bounds(new)
    gaps = (beside.left() - originals.right(), beside.top() - originals.bottom())
    assert 0 < max(gaps) <= 60
    assert copied.canvas.viewer.visible_area().contains(beside)


def test_pasting_many_times_puts_nothing_on_top_of_anything(copied):
    point_at(copied, *middle(copied, nodes(copied)))
    for _ in range(6):
        paste(copied)
    assert len(nodes(copied)) == 14
    assert not overlapping(copied)


def test_what_was_cut_comes_back_to_where_it_was(copied):
    before = {name: node.position for name, node in copied.document.pipeline.nodes.items()}
    key(copied, Qt.Key.Key_X, CONTROL)
    paste(copied)
    assert {n: node.position for n, node in copied.document.pipeline.nodes.items()} == before


def test_another_part_of_the_canvas_gets_it_in_the_middle_of_the_view(copied):
    copied.canvas.viewer.centerOn(5000, 5000)
    new = paste(copied)
    assert middle(copied, new) == pytest.approx((5000, 5000), abs=30)


def test_the_menu_of_the_canvas_pastes_where_it_was_opened(copied):
    viewport = copied.canvas.viewer.viewport()
    there = (200.0, 380.0)
    at = point_at(copied, *there)
    QTest.mouseClick(viewport, Qt.MouseButton.RightButton, pos=at)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(viewport, QContextMenuEvent(reason, at, viewport.mapToGlobal(at)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    (action,) = (each for each in menu.actions() if each.text().startswith("Paste"))
    before = set(nodes(copied))
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
    new = [name for name in nodes(copied) if name not in before]
    assert middle(copied, new) == pytest.approx(there, abs=20)


def test_on_the_frame_of_a_group_it_is_pasted_into_the_group(copied):
    def group(pipeline):
        pipeline, one = edits.add_node(pipeline, "join_data", position=(500, 0))
        pipeline, two = edits.add_node(pipeline, "join_data", position=(900, 300))
        return grouping.group(pipeline, [one, two], "Mine")[0]

    copied.document.apply("Group", group)
    copied.canvas.fit()
    point_at(copied, 600, 250)
    new = paste(copied)
    assert [name.rpartition("/")[0] for name in new] == ["mine", "mine"]
    assert copied.canvas.selection() == new
    assert not overlapping(copied)
    key(copied, Qt.Key.Key_Z, CONTROL)
    assert len(nodes(copied)) == 4


def test_a_group_is_pasted_beside_the_frame_of_the_original(copied):
    window = copied
    window.document.apply("Group", lambda p: grouping.group(p, list(p.nodes), "Mine")[0])
    window.canvas.select(["mine"])
    key(window, Qt.Key.Key_C, CONTROL)
    paste(window)
    one, two = (item.card_rect() for item in window.canvas.graph.frames.items.values())
    assert not one.intersects(two)


def test_a_pasted_note_is_not_on_a_card(copied):
    window = copied
    window.document.apply("Note", lambda p: edits.add_note(p, position=(400, 0))[0])
    (note,) = window.document.pipeline.notes
    window.canvas.select([note])
    key(window, Qt.Key.Key_C, CONTROL)
    point_at(window, *middle(window, ["split_data"]))
    paste(window)
    assert not overlapping(window)
