"""``designer compile``: what it writes, what it says, and what it never touches."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Pipeline, PipelineParameter

Command = Callable[..., Result]
Small = tuple[Pipeline, Path]
BOTH = pytest.mark.parametrize("target", ["azureml-v1", "azureml-v2"])


@pytest.fixture
def bound(small: Small) -> Path:
    """The small pipeline, with its fraction bound to a pipeline parameter."""
    pipeline, path = small
    pipeline = edits.add_parameter(pipeline, PipelineParameter("part", "number", 0.7))
    write(edits.bind_parameter(pipeline, "split_data", "fraction", "part"), path)
    return path


@BOTH
def test_it_says_what_to_do_next(
    target: str, designer: Command, small: Small, tmp_path: Path
) -> None:
    result = designer("compile", small[1], "--to", target, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "2 steps" in result.stdout
    assert {"azureml-v1": "python pipeline.py", "azureml-v2": "az ml job create"}[
        target
    ] in result.stdout
    assert len(result.output.splitlines()) == 1
    start = {"azureml-v1": "pipeline.py", "azureml-v2": "pipeline.yml"}[target]
    assert (tmp_path / "out" / start).is_file()
    assert (tmp_path / "out" / "snapshot" / "modules" / "step.py").is_file()
    assert (tmp_path / "out" / "environment" / "conda.yml").is_file()


def test_compute_image_and_parameters(designer: Command, bound: Path, tmp_path: Path) -> None:
    more = tmp_path / "more.json"
    more.write_text('{"part": 0.4}', "utf-8")
    options = ["--compute", "big-cluster", "--image", "example/python:1"]
    for name, given, expected in (
        ("plain", [], 0.7),
        ("one", ["--param", "part=0.6"], 0.6),
        ("file", ["--param", more], 0.4),
        ("both", ["--param", more, "--param", "part=0.3"], 0.3),
    ):
        out = tmp_path / name
        result = designer("compile", bound, "--to", "azureml-v2", "-o", out, *options, *given)
        assert result.exit_code == 0, result.output
        job = yaml.safe_load((out / "pipeline.yml").read_text("utf-8"))
        assert job["inputs"] == {"part": expected}
        assert job["settings"]["default_compute"] == "azureml:big-cluster"
        component = yaml.safe_load((out / "components" / "split_data.yml").read_text("utf-8"))
        assert component["environment"]["image"] == "example/python:1"


@BOTH
def test_a_pipeline_with_problems(
    target: str, designer: Command, small: Small, tmp_path: Path
) -> None:
    pipeline, path = small
    pipeline = edits.set_parameter(pipeline, "split_data", "fraction", 7)
    write(edits.set_parameter(pipeline, "dataset", "path", "gone.csv"), path)
    before = sorted(tmp_path.iterdir())
    result = designer("compile", path, "--to", target, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "dataset.path: File: there is no file “gone.csv”." in result.stderr
    assert "split_data.fraction: " in result.stderr
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("part", "isn't of the form NAME=VALUE"),
        ("part.json", "no file “part.json”"),
        ("prat=1", "Did you mean “part”?"),
        ("part=much", "is of type number"),
        ("part=7", "from 0 to 1"),
    ],
)
def test_wrong_parameters(
    given: str, said: str, designer: Command, bound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = designer("compile", bound, "--to", "azureml-v2", "-o", out, "--param", given)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not out.exists()


def test_files_of_parameters_that_are_none(designer: Command, bound: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for text, said in (("{", "isn't JSON"), ("[1]", "one JSON object"), ('{"part": "x"}', "type")):
        (tmp_path / "given.json").write_text(text, "utf-8")
        options = ["--to", "azureml-v2", "-o", out, "--param", tmp_path / "given.json"]
        result = designer("compile", bound, *options)
        assert result.exit_code == 2
        assert said in result.stderr
    assert not out.exists()


def test_a_text_that_a_shell_would_take_apart(
    designer: Command, small: Small, tmp_path: Path
) -> None:
    pipeline, path = small
    pipeline = edits.add_parameter(pipeline, PipelineParameter("name", "text", "comma"))
    pipeline, node = edits.add_node(pipeline, "export_data", parameters={"path": "a.csv"})
    pipeline = edits.bind_parameter(pipeline, node, "header", "name")
    out = tmp_path / "out"
    pipeline = edits.remove(pipeline, [node])
    pipeline = edits.bind_parameter(pipeline, "dataset", "encoding", "name")
    write(pipeline, path)
    options = ["--to", "azureml-v2", "-o", out, "--param", "name=$(rm -r x)"]
    result = designer("compile", path, *options)
    assert result.exit_code == 2
    assert "can't be passed to a job" in result.stderr
    assert not out.exists()


def test_a_compute_target_that_is_none(designer: Command, small: Small, tmp_path: Path) -> None:
    options = ["--to", "azureml-v1", "-o", tmp_path / "out", "--compute", "no such/thing"]
    result = designer("compile", small[1], *options)
    assert result.exit_code == 2
    assert "“no such/thing” can't be the name" in result.stderr


class TestTheFolder:
    def test_what_holds_other_things_is_refused_and_untouched(
        self, designer: Command, small: Small, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        (out / "data").mkdir(parents=True)
        (out / "data" / "mine.csv").write_text("mine", "utf-8")
        options = ["compile", small[1], "--to", "azureml-v2", "-o", out]
        result = designer(*options)
        assert result.exit_code == 2
        assert "contains other files" in result.stderr
        assert "--force" in result.stderr
        assert [path.name for path in out.rglob("*")] == ["data", "mine.csv"]
        assert designer(*options, "--force").exit_code == 0
        assert (out / "data" / "mine.csv").read_text("utf-8") == "mine"
        assert (out / "pipeline.yml").is_file()

    def test_an_earlier_compilation_is_written_anew(
        self, designer: Command, small: Small, tmp_path: Path
    ) -> None:
        out = tmp_path / "out"
        assert designer("compile", small[1], "--to", "azureml-v2", "-o", out).exit_code == 0
        (out / "config.json").write_text("{}", "utf-8")
        (out / "snapshot" / "old.py").write_text("", "utf-8")
        assert designer("compile", small[1], "--to", "azureml-v1", "-o", out).exit_code == 0
        assert {path.name for path in out.iterdir()} == {
            "config.json", "data", "environment", "graph.json", "modeldesk.json", "parameters",
            "pipeline.py", "snapshot",
        }  # fmt: skip
        assert not (out / "snapshot" / "old.py").exists()
        assert json.loads((out / "modeldesk.json").read_text("utf-8"))["compiled"] == "azureml-v1"

    def test_an_empty_one_is_used(self, designer: Command, small: Small, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        result = designer("compile", small[1], "--to", "azureml-v2", "-o", tmp_path / "out")
        assert result.exit_code == 0
        assert {path.name for path in tmp_path.iterdir()} == {
            "out", "prices.csv", "small.pipeline.json",
        }  # fmt: skip

    def test_a_file_is_no_folder(self, designer: Command, small: Small, tmp_path: Path) -> None:
        result = designer("compile", small[1], "--to", "azureml-v2", "-o", small[1])
        assert result.exit_code == 2
        assert "is a file" in result.stderr

    def test_nothing_half_written_when_the_disk_fails(
        self, designer: Command, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("designer.packaging.environment.conda_file", full)
        before = sorted(tmp_path.iterdir())
        result = designer("compile", small[1], "--to", "azureml-v2", "-o", tmp_path / "out")
        assert result.exit_code != 0
        assert "No space left" in result.output
        assert sorted(tmp_path.iterdir()) == before
