from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline

Command = Callable[..., Result]


def test_a_sound_pipeline(designer: Command, small: tuple[Pipeline, Path]) -> None:
    result = designer("validate", small[1])
    assert result.exit_code == 0, result.output
    assert "is valid" in result.stdout
    result = designer("validate", small[1], "--json")
    assert json.loads(result.stdout) == {"valid": True, "problems": []}


def test_problems_are_all_said(designer: Command, small: tuple[Pipeline, Path]) -> None:
    pipeline, path = small
    pipeline = edits.set_parameter(pipeline, "split_data", "fraction", 7)
    pipeline = edits.set_parameter(pipeline, "dataset", "path", "gone.csv")
    write(pipeline, path)
    result = designer("validate", path)
    assert result.exit_code == 2
    assert "error: dataset.path: File" in result.stdout
    assert "gone.csv" in result.stdout
    assert "error: split_data.fraction: " in result.stdout
    assert "2 errors" in result.stdout
    document = json.loads(designer("validate", "--json", path).stdout)
    assert document["valid"] is False
    assert [list(problem) for problem in document["problems"]] == [
        ["severity", "code", "node", "port", "parameter", "message", "hint"]
    ] * 2
    assert {problem["parameter"] for problem in document["problems"]} == {"path", "fraction"}


def test_warnings_alone_are_fine(designer: Command, small: tuple[Pipeline, Path]) -> None:
    pipeline, path = small
    write(edits.set_disabled(pipeline, "dataset", True), path)
    result = designer("validate", path)
    assert result.exit_code == 0
    assert "warning: split_data.dataset: " in result.stdout


def test_a_registered_dataset_that_is_not_there(
    designer: Command, small: tuple[Pipeline, Path]
) -> None:
    pipeline, path = small
    write(edits.set_parameter(pipeline, "dataset", "path", "dataset:Nowhere"), path)
    result = designer("validate", path)
    assert result.exit_code == 2
    assert "no registered dataset “Nowhere”" in result.stdout


def test_a_file_that_is_no_pipeline(designer: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.pipeline.json"
    path.write_text("{", "utf-8")
    result = designer("validate", path)
    assert result.exit_code == 2
    assert "isn't JSON" in result.stderr
    assert result.stdout == ""
    result = designer("validate", path, "--json")
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)["problems"]
    assert problem["severity"] == "error"
    assert designer("validate", tmp_path / "gone.pipeline.json").exit_code == 2
