"""Run configurations: small YAML files, read strictly and without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from designer.scripts.configuration import ScriptConfiguration, check
from designer.scripts.configuration_file import (
    read_configuration,
    split_arguments,
    write_configuration,
)
from designer.scripts.problem import ScriptError


@pytest.fixture
def whole(written, tmp_path) -> ScriptConfiguration:
    (tmp_path / "data.csv").write_text("a\n1\n", "utf-8")
    (tmp_path / "requirements.txt").write_text("", "utf-8")
    return written(
        "raise SystemExit('never run')",
        "--rate", "1e-3", "--data", "${{inputs.data}}", "it's", "中 文", "yes", "",
        environment=str(tmp_path / "requirements.txt"),
        compute="dask:tcp://10.0.0.5:8786",
        experiment="价格",
        inputs={"data": str(tmp_path / "data.csv"), "old": "dataset:prices@3"},
        outputs={"model": "models/best"},
        timeout=90.0,
    )  # fmt: skip


def test_what_is_written_is_read_and_stays_as_it_is(whole, tmp_path):
    file = tmp_path / "runs" / "train.yml"
    file.parent.mkdir()
    write_configuration(whole, file)
    assert read_configuration(file) == whole
    text = file.read_text("utf-8")
    write_configuration(read_configuration(file), file)
    assert file.read_text("utf-8") == text
    # Paths are the file's, so that a repository can be anywhere.
    assert str(tmp_path) not in text
    assert yaml.safe_load(text)["script"] == "../code/train.py"
    assert "价格" in text


def test_a_small_configuration_needs_a_script_only(tmp_path):
    (tmp_path / "train.yml").write_text("script: train.py\narguments: --rate 0.1 'a b'\n")
    found = read_configuration(tmp_path / "train.yml")
    assert found == ScriptConfiguration(tmp_path / "train.py", ("--rate", "0.1", "a b"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scirpt: train.py", "unknown field “scirpt”"),
        ("script: train.py\nscripts: a", "unknown field “scripts”"),
        ("arguments: [a]", "doesn't name a script"),
        ("script: [a]", "doesn't name a script"),
        ("script: a.py\narguments: {a: b}", "isn't a list of texts"),
        ("script: a.py\narguments: [[a]]", "isn't a list of texts"),
        ("script: a.py\narguments: \"it's", "isn't YAML in line"),
        ("script: a.py\narguments: it's", "quote isn't closed"),
        ("script: a.py\ninputs: [a]", "isn't a mapping"),
        ("script: a.py\ninputs: {a: {b: c}}", "isn't a mapping"),
        ("script: a.py\ntimeout: soon", "isn't a number"),
        ("script: a.py\ncompute: [local]", "isn't a text"),
        ("- a", "isn't a run configuration"),
        ("", "isn't a run configuration"),
        ("a: b: c", "isn't YAML in line 1"),
        ("!!python/object/apply:os.system ['touch pwned']", "isn't"),
        ("[" * 20_000, "isn't YAML|nests too deeply"),
    ],
)
def test_a_file_of_another_shape_is_rejected_with_the_reason(tmp_path, monkeypatch, text, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.yml").write_text(text, "utf-8")
    with pytest.raises(ScriptError, match=message):
        read_configuration(tmp_path / "train.yml")
    assert [path.name for path in tmp_path.iterdir()] == ["train.yml"]


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path):
    with pytest.raises(ScriptError, match="There is no configuration"):
        read_configuration(tmp_path / "no.yml")
    (tmp_path / "a.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScriptError, match="UTF-8"):
        read_configuration(tmp_path / "a.yml")
    with pytest.raises(ScriptError, match="can't be read"):
        read_configuration(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"environment": "conda"}, "isn't an environment"),
        ({"environment": "/no/requirements.txt"}, "environment file .* doesn't exist"),
        ({"compute": "gpu"}, "isn't a compute target"),
        ({"compute": "local:4"}, "isn't a compute target"),
        ({"compute": "azureml-v2:"}, "isn't a compute target"),
        ({"inputs": {"data": "/no/such/file"}}, "there is no file or folder"),
        ({"inputs": {"data": "dataset:prices"}}, "no registered dataset “prices”"),
        ({"inputs": {"data": ""}}, "has no path"),
        ({"inputs": {"数据": "/tmp"}}, "can't be the name"),
        ({"outputs": {"a b": "x"}}, "can't be the name"),
        ({"outputs": {"model": ""}}, "has no folder"),
        ({"outputs": {"model": "../up"}}, "isn't inside"),
        ({"outputs": {"model": "/abs"}}, "isn't inside"),
        ({"outputs": {"model": "."}}, "isn't inside"),
        ({"arguments": ("${{inputs.date}}",), "inputs": {"data": "/"}}, "names the input “date”"),
        ({"arguments": ("${{outputs.model}}",)}, "names the output “model”"),
        ({"arguments": ("a\0b",)}, "NUL"),
        ({"timeout": float("nan")}, "time limit"),
    ],
)
def test_what_cannot_run_is_said_before_anything_does(workspace, written, options, message):
    arguments = options.pop("arguments", ())
    with pytest.raises(ScriptError, match=message) as raised:
        check(written("", *arguments, **options), workspace)
    assert raised.value.hint


def test_a_script_that_is_not_there_is_named(workspace, tmp_path):
    for path in (tmp_path / "none.py", tmp_path):
        with pytest.raises(ScriptError, match=r"doesn't exist|is a folder"):
            check(ScriptConfiguration(path), workspace)


def test_arguments_have_the_quotes_of_a_shell():
    assert split_arguments("--a 'b c' \"d\" e\\ f") == ("--a", "b c", "d", "e f")
    with pytest.raises(ScriptError, match="quote"):
        split_arguments("it's")


def test_reading_and_showing_a_foreign_configuration_runs_nothing(whole, tmp_path, workspace):
    from click.testing import CliRunner

    from designer.cli.main import main

    file = Path(tmp_path / "foreign.yml")
    write_configuration(whole, file)
    shown = CliRunner().invoke(
        main, ["script", "show", str(file), "--workspace", str(workspace.folder)]
    )
    assert shown.exit_code == 0
    assert "no registered dataset “prices”" in shown.stderr
    assert workspace.runs() == []
    assert not (workspace.folder / "environments").exists()
