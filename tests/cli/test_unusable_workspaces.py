"""A workspace that can't be used is wrong input, whichever command is given it."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(
    "command",
    [("run", "{file}"), ("datasets", "add", "{folder}/prices.csv"), ("models", "list")],
    ids=lambda command: command[0],
)
def test_a_folder_that_can_not_be_made_is_status_two(
    designer, small, tmp_path, command, monkeypatch
):
    monkeypatch.delenv("MODELDESK_TRACKING", raising=False)
    _, file = small
    (tmp_path / "taken").write_text("mine", "utf-8")
    place = tmp_path / "taken" / "w"
    words = [word.format(file=file, folder=tmp_path) for word in command]
    result = designer(*words, "--workspace", place)
    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: The workspace “{place}” can't be used: not a directory.\n"
        "Hint: Choose another folder for it, one that you may write to.\n"
    )
    said = designer(*words, "--workspace", place, "--json")
    if "--json" not in said.stderr:
        assert said.exit_code == 2
        assert json.loads(said.stdout)["error"]["hint"].startswith("Choose another folder")
