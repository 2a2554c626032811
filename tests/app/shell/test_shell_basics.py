"""Commands, clipboard, layout, settings: the plain parts of the application."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QKeySequence

from designer.app.document import clipboard
from designer.app.document.path_parameters import stored_path
from designer.app.shell import commands
from designer.app.shell.settings import RECENT_LIMIT, Settings
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline


def _ids(entries):
    for entry in entries:
        if isinstance(entry, tuple):
            yield from _ids(entry[1])
        elif entry not in (None, commands.RECENT, commands.OUTPUTS):
            yield entry


def test_every_menu_names_commands_that_exist():
    tables = [entries for _, entries in commands.MENUS]
    tables += [
        commands.TOOLBAR,
        commands.NODE_MENU,
        commands.NOTE_MENU,
        commands.LINK_MENU,
        commands.CANVAS_MENU,
    ]
    for entries in tables:
        assert set(_ids(entries)) <= set(commands.BY_ID) | {commands.PLACE}


def test_every_command_is_in_a_menu_or_the_tool_bar():
    reachable = {name for _, entries in commands.MENUS for name in _ids(entries)}
    assert set(commands.BY_ID) - reachable <= {"switch_theme"}


def test_no_shortcut_is_used_twice(qapp):
    keys = Counter(
        QKeySequence(key).toString() for command in commands.COMMANDS for key in command.keys
    )
    assert [key for key, count in keys.items() if count > 1] == []
    assert "" not in keys


def test_needs_are_conditions_that_are_known():
    for command in commands.COMMANDS:
        assert set(command.needs) <= set(commands.CONDITIONS)


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
    settings.cores = 3
    settings.workspace = tmp_path
    for number in range(RECENT_LIMIT + 3):
        settings.add_recent(tmp_path / f"{number}.pipeline.json")
    settings.add_recent(tmp_path / "9.pipeline.json")
    settings.save()
    again = Settings(path)
    assert (again.theme, again.cores, again.workspace) == ("dark", 3, tmp_path)
    assert again.recent[0] == tmp_path / "9.pipeline.json"
    assert len(again.recent) == RECENT_LIMIT
    path.write_text("[General]\ntheme=pink\ncores=many\nstore_limit_gb=-5\nrecent=@Invalid()\n")
    odd = Settings(path)
    assert (odd.theme, odd.cores, odd.store_limit_gb, odd.recent) == ("system", None, 1, [])


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
