"""Groups and links by the menus of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.app.canvas import GroupTarget, NodeTarget
from designer.pipeline import edits


def _texts(menu) -> list[str]:
    return [action.text().partition("\t")[0] for action in menu.actions() if action.text()]


def _two(window) -> tuple[str, str]:
    window.modules.add_at_center("enter_data_manually")
    window.modules.add_at_center("split_data")
    first, second = window.document.pipeline.nodes
    return first, second


def test_modules_are_grouped_and_freed_by_the_menu(window):
    names = _two(window)
    window.canvas.select(list(names))
    window.actions_by_id["group"].trigger()
    (group,) = window.document.pipeline.groups
    assert set(window.document.pipeline.nodes) == {f"{group}/{name}" for name in names}

    menu = window.menus.menu(GroupTarget(0.0, 0.0, group))
    assert {"Ungroup", "Duplicate", "Delete"} <= set(_texts(menu))
    next(action for action in menu.actions() if action.text() == "Ungroup").trigger()
    assert not window.document.pipeline.groups
    assert set(window.document.pipeline.nodes) == set(names)
    window.edits.undo()
    assert list(window.document.pipeline.groups) == [group]


def test_only_what_is_in_a_group_can_be_freed(window):
    names = _two(window)
    window.canvas.select([names[0]])
    menu = window.menus.menu(NodeTarget(names[0]))
    entries = {action.text().partition("\t")[0]: action for action in menu.actions()}
    assert not entries["Ungroup"].isEnabled()
    assert entries["Group"].isEnabled()
    entries["Group"].trigger()
    (inside,) = (name for name in window.document.pipeline.nodes if "/" in name)
    window.canvas.select([inside])
    assert entries["Ungroup"].isEnabled()
    entries["Ungroup"].trigger()
    assert not window.document.pipeline.groups


def test_a_group_is_copied_and_pasted_whole(window):
    window.canvas.select(list(_two(window)))
    window.actions_by_id["group"].trigger()
    (group,) = window.document.pipeline.groups
    window.canvas.select([group])
    window.edits.copy()
    window.edits.paste()
    assert len(window.document.pipeline.groups) == 2
    assert len(window.document.pipeline.nodes) == 4


def test_two_modules_are_linked_by_the_menu(window):
    names = _two(window)
    window.canvas.select(list(names))
    window.actions_by_id["link_selection"].trigger()
    (link,) = window.document.pipeline.links
    assert (link.source.node, link.target.node) == names


def test_results_go_with_a_module_that_is_dragged_into_a_group(window, qtbot):
    window.modules.add_at_center("enter_data_manually")
    (name,) = window.document.pipeline.nodes
    window.edits.apply("Set", lambda p: edits.set_parameter(p, name, "data", "a,b\n1,2\n"))
    window.edits.apply("Add", lambda p: edits.add_group(p, "later", position=(700.0, 100.0)))
    with qtbot.waitSignal(window.controller.finished, timeout=60_000):
        window.runs.run()
    window.canvas.fit()
    viewer, graph = window.canvas.viewer, window.canvas.graph
    start = viewer.to_view(graph.bounds([name]).center()).toPoint()
    end = viewer.to_view(graph.bounds(["later"]).center()).toPoint()
    QTest.mousePress(viewer.viewport(), Qt.MouseButton.LeftButton, pos=start)
    for place in ((start + end) / 2, end):
        QTest.mouseMove(viewer.viewport(), place)
    QTest.mouseRelease(viewer.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert list(window.document.pipeline.nodes) == [f"later/{name}"]
    assert graph.nodes[f"later/{name}"].state.status == "completed"
    window.edits.undo()
    window.runs.refresh()
    assert graph.nodes[name].state.status == "completed"


def test_a_group_is_run_and_left_out_and_freed_by_its_properties(window, qtbot):
    names = _two(window)
    window.edits.apply("Set", lambda p: edits.set_parameter(p, names[0], "data", "a,b\n1,2\n3,4\n"))
    window.canvas.select(list(names))
    window.actions_by_id["link_selection"].trigger()
    window.modules.add_at_center("enter_data_manually")
    window.canvas.select(list(names))
    window.actions_by_id["group"].trigger()
    window.canvas.setFocus()
    assert window.selection.node() is None
    assert window.selection.nodes() == [f"group/{name}" for name in names]
    with qtbot.waitSignal(window.controller.finished, timeout=60_000):
        window.properties.command_requested.emit("run_to_here")
    assert set(window.controller.results) == {f"group/{name}" for name in names}
    window.actions_by_id["toggle_disabled"].trigger()
    nodes = window.document.pipeline.nodes
    assert [name for name in nodes if nodes[name].disabled] == [f"group/{name}" for name in names]
    window.properties.command_requested.emit("ungroup")
    assert not window.document.pipeline.groups
