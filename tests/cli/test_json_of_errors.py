"""``--json`` prints one document in any case, what goes wrong before there is a result too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOOD = "small.pipeline.json"
UNREADABLE = {
    "broken": ("{", "“broken.pipeline.json” isn't JSON: line 1, column 2."),
    "empty": ("", "“empty.pipeline.json” is empty."),
    "other": ("[]", "“other.pipeline.json” is JSON, but not a pipeline."),
    "newer": (
        '{"format": "modeldesk-pipeline", "version": 2}',
        "“newer.pipeline.json” was written by a newer version of ModelDesk "
        "(format 2; this one reads up to 1).",
    ),
    "shape": (
        '{"format": "modeldesk-pipeline", "version": 1, "nodes": {"a": 5}}',
        "“shape.pipeline.json” can't be read: ",
    ),
    "twice": (
        '{"format": "modeldesk-pipeline", "version": 1, "version": 1}',
        "Duplicate “version” in “twice.pipeline.json”, line",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("command", ["run", "diff"])
def test_a_file_that_is_no_pipeline_is_named(designer, small, command: str, name: str) -> None:
    text, message = UNREADABLE[name]
    folder = small[1].parent
    bad = folder / f"{name}.pipeline.json"
    bad.write_text(text, "utf-8")
    more = (folder / GOOD,) if command == "diff" else ()
    result = designer(command, bad, *more, "--json")
    assert result.exit_code == 2
    said = json.loads(result.stdout)["error"]
    assert said["message"].startswith(message)
    assert f"Error: {said['message']}" in result.stderr
    assert not said["hint"] or f"Hint: {said['hint']}" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("run", "gone.pipeline.json"), 2),
        (("run", GOOD, "--colour"), 2),
        (("run",), 2),
        (("run", GOOD, "--workspace", "file/w"), 2),
        (("show", GOOD, "dataset"), 2),
        (("show", "gone.pipeline.json", "dataset"), 2),
        (("modules", "nothing"), 2),
        (("diff", GOOD, "gone.pipeline.json"), 2),
        (("inference", GOOD, "-o", "out"), 2),
        (("runs", "show", "none"), 2),
        (("datasets", "show", "none"), 2),
    ],
)
def test_an_error_is_a_document_too(
    designer, small, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int
) -> None:
    folder: Path = small[1].parent
    monkeypatch.chdir(folder)
    (folder / "file").touch()
    result = designer(*arguments, "--json")
    assert result.exit_code == status
    document = json.loads(result.stdout)
    assert document["error"]["message"] in result.stderr
    # Without the option the standard output is left alone.
    plain = designer(*arguments)
    assert plain.exit_code == status
    assert plain.stdout == ""
