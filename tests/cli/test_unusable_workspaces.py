"""A workspace that can't be used is wrong input, whichever command is given it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from permissions import binding_permissions

from designer.pipeline.file import write
from designer.pipeline.model import Node, Pipeline

WHY = {
    "in a file": "not a directory",
    "in circles": "too many levels of symbolic links",
    "locked": "permission denied",
}
LISTS = (
    ("runs",),
    ("runs", "list"),
    ("runs", "show", "latest"),
    ("runs", "compare", "latest", "latest"),
    ("runs", "record"),
    ("runs", "server"),
    ("show", "x.pipeline.json", "a"),
    ("datasets",),
    ("datasets", "show", "x"),
    ("datasets", "delete", "x"),
    ("endpoints", "list"),
    ("score", "x", "--data", "x.csv", "-o", "y.csv"),
    ("inference", "x.pipeline.json", "-o", "y.pipeline.json"),
    ("models", "register", "x.pipeline.json", "train", "--name", "x"),
)


@pytest.fixture(params=WHY)
def unusable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Yield a workspace that can't be looked into, and why."""
    place = tmp_path / "w"
    binding: AbstractContextManager[None] = nullcontext()
    if request.param == "in a file":
        place.write_text("mine", "utf-8")
        place = place / "inside"
    elif request.param == "in circles":
        place.symlink_to(place)
    else:
        place.mkdir(mode=0)
        binding = binding_permissions()
    with binding:
        yield place, WHY[request.param]
    if request.param == "locked":
        place.chmod(0o700)


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
        "Hint: Choose another folder that you can write to.\n"
    )
    said = designer(*words, "--workspace", place, "--json")
    if "--json" not in said.stderr:
        assert said.exit_code == 2
        assert json.loads(said.stdout)["error"]["hint"].startswith("Choose another folder")


@pytest.mark.skipif(os.name == "nt", reason="words of the operating system")
@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_what_can_not_be_looked_into_is_not_shown_as_empty(
    designer, unusable, command, tmp_path, monkeypatch
):
    place, why = unusable
    monkeypatch.chdir(tmp_path)
    write(Pipeline(nodes={"a": Node("a", "enter_data_manually")}), Path("x.pipeline.json"))
    result = designer(*command, "--workspace", place)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"Error: The workspace “{place}” can't be used: {why}.")
    assert "Hint: " in result.stderr
    said = designer(*command, "--workspace", place, "--json")
    assert said.exit_code == 2
    assert why in json.loads(said.stdout)["error"]["message"]


@pytest.mark.skipif(os.name == "nt", reason="words of the operating system")
def test_commands_that_can_do_without_say_that_own_modules_are_not_known(
    designer, small, unusable, tmp_path
):
    place, why = unusable
    words = f"Your own modules can't be read. {place / 'modules'}: {why.capitalize()}."
    target = ("--to", "azureml-v2", "-o", tmp_path / "compiled")
    for command in (("validate", small[1]), ("modules",), ("compile", small[1], *target)):
        result = designer(*command, "--workspace", place)
        assert result.exit_code == 0, result.output
        assert words in result.stderr
    listed = designer("modules", "--json", "--workspace", place)
    assert "split_data" in {each["id"] for each in json.loads(listed.stdout)}


@pytest.mark.skipif(os.name == "nt", reason="words of the operating system")
def test_a_pipeline_of_registered_datasets_needs_the_workspace(designer, unusable, tmp_path):
    place, why = unusable
    path = tmp_path / "registered.pipeline.json"
    write(Pipeline(nodes={"a": Node("a", "dataset", parameters={"path": "dataset:x"})}), path)
    target = ("--to", "azureml-v2", "-o", tmp_path / "compiled")
    for command in (("validate", path), ("run", path), ("compile", path, *target)):
        result = designer(*command, "--workspace", place)
        assert result.exit_code == 2
        assert f"The workspace “{place}” can't be used: {why}." in result.stderr


def test_own_modules_that_are_a_file_are_told(designer, small, tmp_path):
    place = tmp_path / "w"
    place.mkdir()
    (place / "modules").write_text("mine", "utf-8")
    result = designer("validate", small[1], "--workspace", place)
    assert result.exit_code == 0
    assert "Your own modules can't be read." in result.stderr


def test_one_that_is_not_there_yet_is_empty(designer, small, tmp_path):
    place = tmp_path / "new"
    for command in (("runs",), ("datasets",), ("modules",), ("validate", small[1])):
        result = designer(*command, "--workspace", place)
        assert (result.exit_code, result.stderr) == (0, "")
    assert not place.exists()
