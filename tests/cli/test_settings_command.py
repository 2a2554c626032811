"""``designer settings``: what the window's preferences show, on the command line."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from designer.cli.main import main


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))

    def run(*words: str):
        return CliRunner().invoke(main, ["settings", *words])

    return run


def test_a_setting_is_set_shown_and_reset(call):
    assert call("get", "store_limit").output == "20 GB\n"
    assert call("set", "store_limit", "50GB").exit_code == 0
    assert call("get", "store_limit").output == "50 GB\n"
    assert json.loads(call("get", "store_limit", "--json").output)["value"] == 50_000_000_000
    listed = {each["name"]: each for each in json.loads(call("list", "--json").output)}
    assert listed["store_limit"]["value"] == 50_000_000_000
    assert listed["theme"] == {
        "name": "theme",
        "value": "system",
        "default": "system",
        "section": "Appearance",
        "description": "Colors of the window.",
    }
    assert call("reset", "store_limit").exit_code == 0
    assert call("get", "store_limit").output == "20 GB\n"


def test_the_list_names_every_setting(call):
    output = call().output
    assert "text_size" in output
    assert "module_folders" in output


def test_several_folders(call, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    assert call("set", "module_folders", str(tmp_path / "a"), str(tmp_path / "b")).exit_code == 0
    assert call("get", "module_folders").output == f"{tmp_path / 'a'}\n{tmp_path / 'b'}\n"


def test_all_settings_are_reset(call):
    call("set", "theme", "dark")
    call("set", "cores", "2")
    assert call("reset", "--all").exit_code == 0
    assert all(
        each["value"] == each["default"] for each in json.loads(call("list", "--json").output)
    )


@pytest.mark.parametrize(
    "words", [("set", "theme", "pink"), ("get", "nothing"), ("reset",), ("reset", "x", "--all")]
)
def test_wrong_input_has_a_hint_and_status_2(call, words):
    result = call(*words)
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert "Hint: " in result.output


def test_a_damaged_file_is_reported(call, tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "settings.json").write_text("{")
    result = call("get", "theme")
    assert "Follow the system" in result.output
    assert "settings.damaged-1.json" in result.output
