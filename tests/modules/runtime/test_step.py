"""The step program and the function that it shares with the engine's workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.runtime import step
from modules.values import storage

ROOT = Path(__file__).parents[3]
OWN = '''
import sys
from modules.contract import DataTable, ModuleError, module, report_progress, warn

@module("Doubled", outputs=("doubled", "rest"))
def doubled(table: DataTable, other: DataTable | None = None, *, factor: int = 2,
            how: str = "") -> tuple[DataTable, DataTable | None]:
    """Multiply x."""
    if how == "fail":
        raise ModuleError("too-bad", "Too bad.", "Do better.", column="x")
    if how == "exit":
        sys.exit(4)
    if how == "nothing":
        return None, None
    warn("Doubling.")
    report_progress(0.5, "half")
    print("working")
    return DataTable(table.frame.assign(x=table.frame["x"] * factor)), other
'''


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "doubled.py"
    path.write_text(OWN)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "in"
    storage.save(DataTable(pd.DataFrame({"x": [1, 2, 3]})), path)
    return path


def call(tmp_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "modules.step", *map(str, arguments)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.long
def test_a_step_turns_folders_into_folders(tmp_path, folder):
    (tmp_path / "parameters.json").write_text(json.dumps({"fraction": 0.5, "randomized": False}))
    out = tmp_path / "out"
    out.mkdir()
    (out / "old").write_text("from before")
    done = call(
        tmp_path,
        "split_data",
        *("--parameters", "parameters.json", "--set", "fraction=0.67", "--threads", "1"),
        *("--input", f"dataset={folder}"),
        *("--output", f"results_dataset1={out}", "--output", f"results_dataset2={tmp_path / 'o2'}"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert storage.load(out).frame["x"].tolist() == [1, 2]
    assert storage.load(tmp_path / "o2").frame["x"].tolist() == [3]
    assert not (out / "old").exists()
    assert not (tmp_path / "error.json").exists()


def test_a_persons_own_module_and_an_absent_output(tmp_path, own, folder):
    done = call(
        tmp_path,
        own,
        *("--set", "factor=5", "--input", f"table={folder}"),
        *("--output", f"doubled={tmp_path / 'o1'}", "--output", f"rest={tmp_path / 'o2'}"),
    )
    assert done.returncode == 0
    assert done.stdout == "working\n"
    assert done.stderr == "Warning: Doubling.\n"
    assert storage.load(tmp_path / "o1").frame["x"].tolist() == [5, 10, 15]
    # A blob store keeps no empty folder.
    assert [path.name for path in (tmp_path / "o2").iterdir()] == ["absent.txt"]


def test_a_failure_is_status_one_and_an_error_file(tmp_path, own, folder):
    done = call(tmp_path, own, "--set", "how=fail", "--input", f"table={folder}")
    assert done.returncode == 1
    error = json.loads((tmp_path / "error.json").read_text())
    assert error == {"code": "too-bad", "message": "Too bad.", "hint": "Do better.", "column": "x"}
    assert done.stderr.endswith("Too bad.\n")
    done = call(tmp_path, own, "--set", "how=exit", "--input", f"table={folder}", "--error", "e")
    assert done.returncode == 1
    assert json.loads((tmp_path / "e").read_text())["code"] == "exit"


def test_the_later_of_two_values_counts_wherever_it_is(tmp_path, folder):
    (tmp_path / "half.json").write_text(json.dumps({"fraction": 0.34, "randomized": False}))
    rows = []
    for given in (
        ["--parameters", "half.json", "--set", "fraction=0.67"],
        ["--set", "fraction=0.67", "--parameters", "half.json"],
    ):
        outputs = ["--output", f"results_dataset1={tmp_path / 'first'}"]
        done = call(tmp_path, "split_data", *given, "--input", f"dataset={folder}", *outputs)
        assert done.returncode == 0, done.stderr
        rows.append(len(storage.load(tmp_path / "first").frame))
    assert rows == [2, 1]


def test_a_file_inside_the_folder_of_a_parameter(tmp_path):
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "my rows.csv").write_text("a,b\n1,2\n")
    words = ["dataset", "--set", "path=mounted", "--inside", "path=my rows.csv"]
    done = call(tmp_path, *words, "--output", "dataset=out")
    assert done.returncode == 0, done.stderr
    assert storage.load(tmp_path / "out").frame["b"].tolist() == [2]
    wrong = call(tmp_path, "dataset", "--inside", "path", "--output", "dataset=out")
    assert (wrong.returncode, wrong.stderr) == (2, "--inside must be NAME=FILE, not “path”.\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no_such_module"], "Module “no_such_module” doesn't exist"),
        (["modules.no_such.thing"], "can't be imported"),
        (["nothing.py"], "File “nothing.py” doesn't exist"),
        (["split_data"], "The input “dataset” is missing"),
        (["split_data", "--input", "dataset"], "PORT=DIR"),
        (
            ["split_data", "--input", "dataset=nowhere"],
            "Folder “nowhere” for the input “dataset” doesn't exist",
        ),
        (["split_data", "--input", "data=."], "no input “data”"),
        (["split_data", "--output", "data=."], "no output “data”"),
        (["split_data", "--set", "fraction=2"], "2 isn't a number from 0 to 1"),
        (["split_data", "--set", "colour=2"], "no parameter “colour”"),
        (["split_data", "--set", "fraction"], "NAME=VALUE"),
        (["split_data", "--parameters", "broken.json"], "isn't JSON"),
        (["split_data", "--parameters", "list.json"], "one JSON object"),
        (["split_data", "--parameters", "absent.json"], "absent.json"),
    ],
)
def test_a_wrong_call_is_said_in_one_sentence(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "list.json").write_text("[]")
    assert step.main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_an_input_that_is_no_value_fails_the_step(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("no value")
    assert step.main(["split_data", "--input", "dataset=other"]) == 1
    assert json.loads((tmp_path / "error.json").read_text())["code"] == "value-missing"


def test_an_empty_folder_is_an_absent_value(tmp_path, own, folder, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    inputs = ["--input", f"table={folder}", "--input", "other=empty"]
    assert step.main([str(own), *inputs, "--output", "rest=rest"]) == 0
    assert [path.name for path in (tmp_path / "rest").iterdir()] == ["absent.txt"]
    # What one step has written so is read so by the next, where it is optional.
    inputs = ["--input", f"table={folder}", "--input", "other=rest"]
    assert step.main([str(own), *inputs, "--output", "rest=rest2"]) == 0
    error = ["--error", "outputs/error.json"]
    assert step.main(["split_data", "--input", "dataset=rest", *error]) == 1
    assert step.main(["split_data", "--input", "dataset=empty", *error]) == 1
    assert json.loads((tmp_path / "outputs" / "error.json").read_text())["code"] == "input-missing"


def test_running_a_step_tells_progress_and_warnings_and_checks_outputs(own):
    spec = step.load_specification("user_modules.doubled_test.doubled", own)
    table = DataTable(pd.DataFrame({"x": [1]}))
    progress: list[object] = []
    warnings: list[str] = []
    outputs = step.run_step(
        spec,
        {},
        {"table": table},
        on_progress=lambda fraction, text: progress.append((fraction, text)),
        on_warning=warnings.append,
    )
    assert set(outputs) == {"doubled"}
    assert (progress, warnings) == ([(0.5, "half")], ["Doubling."])
    for inputs, parameters, code in (
        ({}, {}, "input-missing"),
        ({"table": table}, {"factor": "x"}, "parameter-wrong"),
        ({"table": table}, {"how": "nothing"}, "output-wrong"),
    ):
        with pytest.raises(step.StepFailed) as caught:
            step.run_step(spec, parameters, inputs)
        assert caught.value.error["code"] == code
        assert "Traceback" in caught.value.details


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("3", "integer", 3),
        ("3", "text", "3"),
        ("0.5", "number", 0.5),
        ("True", "boolean", True),
        ("no", "boolean", False),
        ("rows", "choice", "rows"),
        ("price", "columns", ["price"]),
        ("price, make", "columns", ["price", "make"]),
        ('["price"]', "columns", ["price"]),
        ("abc", "integer", "abc"),
        ('{"a": 1}', "data", {"a": 1}),
    ],
)
def test_text_on_a_command_line_becomes_plain_json(text, kind, value):
    assert step.parse_value(text, kind) == value


def test_errors_become_one_sentence():
    long = step.error_of(ValueError("x" * 5000))
    assert len(long["message"]) < 1200
    assert step.error_of(ModuleError("a-b", "No.")) == {"code": "a-b", "message": "No."}
    assert "'price' wasn't found" in step.error_of(KeyError("price"))["message"]
    assert "No such file" in step.error_of(FileNotFoundError(2, "No such file", "x"))["message"]
