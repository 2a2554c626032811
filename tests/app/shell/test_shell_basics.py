"""Commands, clipboard, layout, settings: the plain parts of the application."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QKeySequence

from designer.app.document import clipboard
from designer.app.document.path_parameters import stored_path
from designer.app.shell.commands import CONDITIONS
from designer.app.shell.commands.menus import (
    CANVAS,
    GROUP,
    MENU_BAR,
    NODE,
    NOTE,
    SPECIAL,
    SUBMENUS,
    TAB,
    TOOLS,
    TOOLS_END,
    split,
)
from designer.app.shell.settings import RECENT_LIMIT, Settings
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline


def test_every_command_names_menus_that_exist(window):
    menus = {title.replace("&", "") for title in MENU_BAR} | {*SUBMENUS, TOOLS, TOOLS_END}
    menus |= {NODE, GROUP, NOTE, CANVAS, TAB}
    for command in window.commands.all():
        assert {split(position)[0] for position in command.menus} <= menus


def test_every_command_is_in_a_menu_or_the_tool_bar(window):
    def ids(menu):
        for action in menu.actions():
            if action.menu() is not None:
                yield from ids(action.menu())
            else:
                yield action.objectName()

    reachable = {name for action in window.menuBar().actions() for name in ids(action.menu())}
    assert set(window.actions_by_id) - reachable == {"switch_theme"}
    assert window.actions_by_id["switch_theme"] in window.toolbar.actions()


def test_no_two_commands_are_at_the_same_position_of_a_menu(window):
    positions = Counter(position for command in window.commands.all() for position in command.menus)
    positions.update((*SUBMENUS.values(), *SPECIAL.values()))
    assert [position for position, count in positions.items() if count > 1] == []


def test_no_shortcut_is_used_twice(window):
    keys = Counter(
        QKeySequence(key).toString() for command in window.commands.all() for key in command.keys
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_needs_are_conditions_that_are_known(window):
    for command in window.commands.all():
        assert set(command.needs) <= set(CONDITIONS)


def _fragment() -> Pipeline:
    pipeline, first = edits.add_node(Pipeline(), "split_data", parameters={"fraction": 0.7})
    pipeline, second = edits.add_node(pipeline, "train_model")
    return edits.connect(pipeline, Endpoint(first, "first"), Endpoint(second, "dataset"))


def test_a_fragment_goes_through_the_clipboard(qapp):
    fragment = _fragment()
    data = clipboard.to_mime(fragment)
    assert clipboard.from_mime(data) == fragment
    as_text = QMimeData()
    as_text.setText(data.text())
    assert clipboard.from_mime(as_text) == fragment


@pytest.mark.parametrize(
    "text",
    ["", "hello", "{}", "[1, 2]", '{"a": 1}', "{" * 100_000, '{"nodes": 3}', "null", "\ufeff{"],
)
def test_other_text_in_the_clipboard_is_no_fragment(qapp, text):
    data = QMimeData()
    data.setText(text)
    assert clipboard.from_mime(data) is None
    data.setData(pipeline_file.MIME, text.encode())
    assert clipboard.from_mime(data) is None
    assert clipboard.from_mime(None) is None


def test_settings_survive_and_odd_values_count_as_not_set(qapp, tmp_path):
    path = tmp_path / "settings.ini"
    settings = Settings(path)
    settings.theme = "dark"
    for number in range(RECENT_LIMIT + 3):
        settings.add_recent(tmp_path / f"{number}.pipeline.json")
    settings.add_recent(tmp_path / "9.pipeline.json")
    settings.save()
    again = Settings(path)
    assert (again.theme, again.damage) == ("dark", [])
    assert again.recent[0] == tmp_path / "9.pipeline.json"
    assert len(again.recent) == RECENT_LIMIT
    path.write_text("[General]\nrecent=@Invalid()\n")
    again.user_path.write_text('{"theme": "pink", "autosave_seconds": 30}')
    odd = Settings(path)
    assert (odd.theme, odd.autosave_seconds, odd.recent) == ("system", 30, [])
    (damage,) = odd.damage
    assert "theme" in damage
    assert "settings.damaged-1.json" in damage


@pytest.mark.parametrize(
    ("path", "stored"),
    [
        ("/home/a/p/data/x.csv", "data/x.csv"),
        ("/home/a/p/x.csv", "x.csv"),
        ("/home/a/shared/x.csv", "../shared/x.csv"),
        ("/data/x.csv", "/data/x.csv"),
    ],
)
def test_paths_are_stored_relative_to_the_pipeline_where_possible(path, stored):
    assert stored_path(Path(path), Path("/home/a/p")) == stored
