"""A person's own script as a run on this computer: real processes, unchanged programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from blake3 import blake3

from designer.scripts.problem import ScriptError
from designer.scripts.script_run import run_script
from designer.tracking.comparison import compare_runs
from designer.tracking.run_records import find_run
from modules.values import storage

ROOT = Path(__file__).parents[2]

ARGPARSE = """\
import argparse, json, os, sys
from helper import answer
parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--save")
parser.add_argument("--rate", type=float)
parser.add_argument("words", nargs="*")
found = parser.parse_args()
text = open(found.data, encoding="utf-8").read()
os.makedirs(found.save, exist_ok=True)
with open(os.path.join(found.save, "模型.json"), "w", encoding="utf-8") as file:
    json.dump([text, found.rate, found.words, answer, os.getcwd(), sys.path[0]], file)
print("训练完成")
print("to stderr", file=sys.stderr)
"""


def test_an_unchanged_script_gets_its_arguments_folder_inputs_and_outputs(
    workspace, written, record, tmp_path
):
    import json

    data = tmp_path / "数据 1.csv"
    data.write_text("a\n1\n", "utf-8")
    words = ["two words", 'a "quote"', "it's", "$HOME", "中文", "", "a=b"]
    configuration = written(
        ARGPARSE,
        "--data", "${{inputs.data}}", "--save", "${{ outputs.model }}/in", "--rate", "1e-3", *words,
        name="训练 it.py",
        inputs={"data": str(data)},
        outputs={"model": ""},
    )  # fmt: skip
    folder = configuration.script.parent
    (folder / "helper.py").write_text("answer = 42\n", "utf-8")
    lines: list[str] = []
    result = run_script(configuration, workspace, on_line=lines.append)
    assert result.status == "completed"
    assert lines == ["训练完成", "to stderr"]
    step = result.nodes["script"]
    value = storage.load(step.outputs["model"].path)
    (file,) = [path for path in value.folder.rglob("*") if path.is_file()]
    assert file.relative_to(value.folder).as_posix() == "in/模型.json"
    expected = ["a\n1\n", 0.001, words, 42, str(folder), str(folder)]
    assert json.loads(file.read_text("utf-8")) == expected
    assert step.log.read_text("utf-8") == "训练完成\nto stderr\n"
    kept = record(workspace, result.id)
    assert kept["data"]["data"]["hash"] == blake3(b"a\n1\n").hexdigest()
    assert kept["source"] == str(configuration.script)
    assert workspace.latest_run(configuration.script) == result.id
    assert [each.name for each in (workspace.run_folder(result.id) / "outputs").iterdir()] == [
        "model"
    ]


def test_a_folder_the_script_writes_by_itself_is_kept_as_far_as_this_run_wrote_it(
    workspace, written
):
    text = (
        "from pathlib import Path\nPath('models/new').mkdir()\nPath('models/new/m').write_text('2')"
    )
    configuration = written(text, outputs={"model": "models"})
    models = configuration.script.parent / "models"
    models.mkdir()
    (models / "old").write_text("1")
    result = run_script(configuration, workspace)
    assert result.status == "completed"
    stored = storage.load(result.nodes["script"].outputs["model"].path)
    assert [path.name for path in stored.folder.rglob("*") if path.is_file()] == ["m"]
    assert (models / "old").read_text() == "1"


def test_runs_with_other_arguments_differ_in_them(workspace, written):
    runs = [run_script(written("", "--rate", rate), workspace).id for rate in ("0.1", "0.2")]
    found = compare_runs([find_run(workspace, run) for run in runs], {}, workspace)
    assert found.parameters == {"script.arguments": [["--rate", "0.1"], ["--rate", "0.2"]]}


def test_the_code_of_a_run_changes_with_what_the_script_imports(workspace, written, record):
    configuration = written("import helper\n")
    helper = configuration.script.parent / "helper.py"
    codes = []
    for text in ("a = 1\n", "a = 1\n", "a = 2\n"):
        helper.write_text(text, "utf-8")
        run = run_script(configuration, workspace).id
        codes.append(record(workspace, run)["script"]["code"])
    assert codes[0] == codes[1] != codes[2]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("import sys; print('no data'); sys.exit(3)", "exit status 3: no data", "log"),
        ("raise ValueError('no rows')", "exit status 1: ValueError: no rows", "log"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL", "memory"),
        ("import os; os.abort()", "SIGABRT", "log"),
        ("def", "exit status 1: SyntaxError", "log"),
        ("print('nothing')", "wrote nothing to its output “model”", "where the script writes"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_script_that_fails_is_a_run_that_failed_with_the_reason(
    workspace, written, record, text, message, hint
):
    result = run_script(written(text, outputs={"model": "models"}), workspace)
    assert result.status == "failed"
    error = result.nodes["script"].error
    assert message in error["message"]
    assert hint in error["hint"]
    assert record(workspace, result.id)["nodes"]["script"]["error"] == error


SLEEPER = """\
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
try:
    time.sleep(600)
except KeyboardInterrupt:
    print("saved", flush=True)
    raise SystemExit(5)
"""


def test_a_cancelled_script_can_save_and_leaves_no_process(workspace, written):
    lines: list[str] = []
    begun = threading.Event()

    def take(line: str) -> None:
        lines.append(line)
        begun.set()

    result = run_script(written(SLEEPER), workspace, on_line=take, is_cancelled=begun.is_set)
    assert result.status == "cancelled"
    # What the child prints at the same time may be in the same line.
    assert any("saved" in line for line in lines)
    assert not _lives(int(lines[0]))


@pytest.mark.long
def test_a_time_limit_ends_a_script_with_all_that_it_started(workspace, written):
    lines: list[str] = []
    result = run_script(written(SLEEPER, timeout=2.0), workspace, on_line=lines.append)
    assert result.status == "failed"
    assert "time limit of 2 s" in result.nodes["script"].error["message"]
    assert not _lives(int(lines[0]))


@pytest.mark.long
def test_what_a_script_leaves_in_the_background_does_not_keep_the_run_open(workspace, written):
    text = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid)\n"
    )
    lines: list[str] = []
    assert run_script(written(text), workspace, on_line=lines.append).status == "completed"
    assert not _lives(int(lines[0]))


def test_a_script_reads_a_version_of_a_dataset(workspace, written, record, tmp_path):
    file = tmp_path / "prices.csv"
    for value in (1, 2):
        file.write_text(f"a\n{value}\n", "utf-8")
        workspace.register_dataset("prices", file)
    configuration = written(
        "import sys; print(open(sys.argv[1]).read().split()[1])",
        "${{inputs.data}}",
        inputs={"data": "dataset:prices@1"},
    )
    lines: list[str] = []
    result = run_script(configuration, workspace, on_line=lines.append)
    assert lines == ["1"]
    assert record(workspace, result.id)["data"]["data"]["dataset"] == "prices@1"


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_ctrl_c_in_the_terminal_interrupts_the_script(written, tmp_path):
    configuration = written(SLEEPER)
    process = subprocess.Popen(
        [sys.executable, "-m", "designer", "script", "run", str(configuration.script),
         "--workspace", str(tmp_path / "w")],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    child = int(process.stderr.readline())
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "cancelled" in output
    assert "saved" in errors
    assert not _lives(child)


def test_a_configuration_for_another_place_is_not_run_here(workspace, written):
    with pytest.raises(ScriptError, match="isn't available here"):
        run_script(written("", inputs={"data": "azureml:prices:1"}), workspace)
    assert workspace.runs() == []


def _lives(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        process.wait(30)
    except psutil.TimeoutExpired:
        return True
    except psutil.NoSuchProcess:
        pass
    return False
