"""Groups and links by the menus of the window."""

from __future__ import annotations

from designer.app.canvas import GroupTarget
from designer.app.context_menus import context_menu


def _texts(menu) -> list[str]:
    return [action.text().partition("\t")[0] for action in menu.actions() if action.text()]


def _two(window) -> tuple[str, str]:
    window.edits.add_at_center("enter_data_manually")
    window.edits.add_at_center("split_data")
    first, second = window.document.pipeline.nodes
    return first, second


def test_modules_are_grouped_and_freed_by_the_menu(window):
    names = _two(window)
    window.canvas.select(list(names))
    window.actions_by_id["group"].trigger()
    (group,) = window.document.pipeline.groups
    assert set(window.document.pipeline.nodes) == {f"{group}/{name}" for name in names}

    menu = context_menu(window, GroupTarget(0.0, 0.0, group))
    assert {"Ungroup", "Duplicate", "Delete"} <= set(_texts(menu))
    next(action for action in menu.actions() if action.text() == "Ungroup").trigger()
    assert not window.document.pipeline.groups
    assert set(window.document.pipeline.nodes) == set(names)
    window.edits.undo()
    assert list(window.document.pipeline.groups) == [group]


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
