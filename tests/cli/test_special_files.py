"""Devices, pipes and endless files as data: a sentence, and every command can be ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from designer.pipeline.file import write
from designer.pipeline.model import Node, Pipeline

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="special files of Unix")


def designer(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "designer", *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def reading(folder: Path, path: str) -> Path:
    file = folder / "p.pipeline.json"
    node = Node("data", "dataset", parameters={"path": path, "format": "CSV"})
    write(Pipeline(nodes={"data": node}), file)
    return file


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("validate", "/dev/zero"),
        ("run", "pipe"),
        pytest.param("validate", "pipe", marks=pytest.mark.long),
        pytest.param("run", "/dev/zero", marks=pytest.mark.long),
    ],
)
def test_a_run_names_what_is_no_file(tmp_path: Path, command: str, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = designer(command, reading(tmp_path, name), "--workspace", tmp_path / "w")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 2
    kind = "a device" if name.startswith("/dev") else "a pipe"
    assert f"“{name}” is {kind}, not a file." in output + errors


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("validate", "pipe"),
        ("run", "/dev/zero"),
        pytest.param("run", "pipe", marks=pytest.mark.long),
        pytest.param("validate", "/dev/zero", marks=pytest.mark.long),
        pytest.param("validate", "folder", marks=pytest.mark.long),
        pytest.param("run", "folder", marks=pytest.mark.long),
    ],
)
def test_a_pipeline_that_is_no_file_is_named(tmp_path: Path, command: str, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    process = designer(command, path, "--workspace", tmp_path / "w")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 2
    assert path.name in output + errors
    assert "Traceback" not in errors


def test_a_module_names_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    more = ["--set", "format=CSV", "--error", "error.json"]
    for module in ("dataset", "import_data"):
        process = subprocess.run(
            [sys.executable, "-m", "modules.step", module, "--set", "path=pipe", *more],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            timeout=300,
            check=False,
        )
        assert process.returncode == 1
        error = json.loads((tmp_path / "error.json").read_text("utf-8"))
        assert error["message"] == "“pipe” can't be read: it is a pipe, not a file."


def test_a_pipe_is_not_registered(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    process = designer("datasets", "add", tmp_path / "pipe", "--workspace", tmp_path / "w")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "it is a pipe, not a file" in errors
    assert list((tmp_path / "w" / "datasets").iterdir()) == []


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_is_cancelled_while_a_file_is_hashed(tmp_path: Path, number: signal.Signals) -> None:
    data = tmp_path / "data.csv"
    data.touch()
    # Without content on the disk; reading it takes hours.
    os.truncate(data, 1 << 43)
    process = designer(
        "run", reading(tmp_path, "data.csv"), "--json", "--workspace", tmp_path / "w"
    )
    opened = Path(f"/proc/{process.pid}/fd")
    while sys.platform == "linux" and not any(_leads_to(each, data) for each in opened.iterdir()):
        assert process.poll() is None
        threading.Event().wait(0.01)
    process.send_signal(number)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert json.loads(output)["status"] == "cancelled"


def _leads_to(link: Path, file: Path) -> bool:
    try:
        return link.resolve() == file
    except OSError:
        return False
