"""The names of NodeGraphQt that the canvas relies on, private ones among them."""

from __future__ import annotations

import importlib.metadata
import inspect

import pytest
from canvas_desk import pipeline_of

from designer.app.canvas.nodegraph import (
    AbstractNodeItem,
    BaseGraph,
    BaseViewer,
    ModuleNode,
    NodeGraph,
    NodeObject,
    NodeViewer,
)

OVERRIDDEN = {
    NodeGraph: ("_wire_signals",),
    NodeViewer: (
        "scale",
        "get_zoom",
        "all_nodes",
        "_update_scene",
        "_combined_rect",
        "acyclic_check",
        "mousePressEvent",
        "mouseMoveEvent",
        "mouseReleaseEvent",
        "wheelEvent",
        "keyPressEvent",
        "keyReleaseEvent",
        "focusInEvent",
        "focusOutEvent",
        "resizeEvent",
        "contextMenuEvent",
        "dragEnterEvent",
        "dragMoveEvent",
        "dragLeaveEvent",
        "dropEvent",
    ),
    AbstractNodeItem: ("boundingRect", "name", "pre_init", "post_init"),
    NodeObject: ("type_", "model", "view"),
}


def test_the_version_is_the_one_this_was_written_for():
    assert importlib.metadata.version("nodegraphqt") == "0.6.44"


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in OVERRIDDEN.items() for name in names]
)
def test_what_is_overridden_exists_in_the_library(owner, name):
    assert name in vars(owner), f"{owner.__name__}.{name} is gone"


def test_every_event_handler_of_the_library_is_replaced():
    theirs = {
        name
        for name, value in vars(NodeViewer).items()
        if name.endswith("Event") and inspect.isfunction(value) and not name.startswith("scene")
    }
    assert {name for name in theirs if name not in vars(BaseViewer)} == set()
    for name in theirs - {"resizeEvent"}:
        assert getattr(BaseViewer, name) is not getattr(NodeViewer, name)


def test_the_attributes_that_are_touched_exist(desk):
    viewer = desk.canvas.viewer
    assert viewer._search_widget.parent() is viewer
    assert not viewer._search_widget.isVisible()
    assert viewer._ctx_menu_bar.isHidden()
    desk.show(pipeline_of({"dataset": (0, 0)}))
    record = desk.canvas.graph.model.nodes["dataset"]
    assert isinstance(record, ModuleNode)
    assert record.id == record.view.id == "dataset"
    assert record.graph is desk.canvas.graph
    assert record.model._graph_model is desk.canvas.graph.model
    assert desk.canvas.graph.get_node_by_id("dataset") is record
    assert desk.canvas.graph.all_nodes() == [record]
    assert desk.canvas.viewer.all_nodes() == [record.view]
    assert desk.canvas.viewer.get_zoom() == 0.0


def test_the_library_keeps_no_undo_of_its_own(training):
    training.drag(training.port("dataset.dataset"), training.port("split_data:dataset"))
    training.drag(training.card("dataset"), training.at(300, 300))
    assert isinstance(training.canvas.graph, BaseGraph)
    assert training.canvas.graph.undo_stack().count() == 0
    assert training.canvas.viewer.qaction_for_undo() is None


def test_no_shortcut_of_the_library_is_left(desk):
    for menu in desk.canvas.viewer.context_menus().values():
        assert all(action.shortcut().isEmpty() for action in menu.actions())
