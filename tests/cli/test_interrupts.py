"""``designer run`` that is ended from outside: nothing is lost, nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from designer.engine.store.entry import check_entry, read_manifest
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals, process groups and pipes")

Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """Start ``designer run`` as a shell does, in a process group of its own.

    Afterwards none of the processes that it has started may be left.
    """
    mark = uuid.uuid4().hex

    def start(*arguments: object, setup: str = "", **variables: str) -> subprocess.Popen[str]:
        program = f"import sys\n{setup}\nfrom designer.cli.main import main\nmain(sys.argv[1:])"
        workspace = ("--workspace", tmp_path / "w")
        return subprocess.Popen(
            [sys.executable, "-c", program, "run", *map(str, (*arguments, *workspace))],
            env=os.environ
            | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off", "MARK_OF_A_TEST": mark}
            # Streams are buffered, as they are for people.
            | {"PYTHONUNBUFFERED": ""}
            | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    yield start
    left = [process for process in psutil.process_iter() if _has(process, mark)]
    _, alive = psutil.wait_procs(left, timeout=60)
    for process in alive:
        process.kill()
    assert alive == []


def _has(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get("MARK_OF_A_TEST") == mark
    except psutil.Error:
        return False


def chain(folder: Path, count: int) -> Path:
    """Return a pipeline of steps one after the other, each with a part of what came before."""
    folder.mkdir(exist_ok=True)
    (folder / "data.csv").write_text("x\n" + "".join(f"{n}\n" for n in range(2000)), "utf-8")
    nodes = {"data": Node("data", "dataset", parameters={"path": "data.csv"})}
    links = []
    last = Endpoint("data", "dataset")
    for number in range(count):
        node = Node(f"s{number}", "split_data", parameters={"fraction": 0.9})
        nodes[node.id] = node
        links.append(Link(last, Endpoint(node.id, "dataset")))
        last = Endpoint(node.id, "results_dataset1")
    path = folder / "chain.pipeline.json"
    write(Pipeline(nodes=nodes, links=tuple(links)), path)
    return path


HELD = """
def hold(event, arguments):
    if event == "open" and str(arguments[0]) == {path!r}:
        open({pipe!r}).read()

sys.addaudithook(hold)
"""
"""Holds a command while it opens a file, until somebody has opened and closed a pipe."""


@pytest.mark.long
def test_before_the_run_begins(started: Started, tmp_path: Path) -> None:
    path, pipe = chain(tmp_path / "p", 1), tmp_path / "pipe"
    os.mkfifo(pipe)
    command = started(path, "--json", setup=HELD.format(path=str(path), pipe=str(pipe)))
    writer = _open_when_read(pipe, command)
    command.send_signal(signal.SIGINT)
    os.close(writer)
    output, errors = command.communicate(timeout=300)
    assert command.returncode == 1
    assert output == ""
    assert "Traceback" not in errors
    assert errors.strip() == "Aborted!"
    assert not (tmp_path / "w").exists()


def _open_when_read(pipe: Path, command: subprocess.Popen[str]) -> int:
    """Open a pipe for writing as soon as a command reads it."""
    while True:
        with suppress(OSError):
            # Without waiting for a reader, which would be forever if the command has ended.
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        assert command.poll() is None
        threading.Event().wait(0.01)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGHUP, marks=pytest.mark.long)]
)
def test_while_the_workers_start(started: Started, tmp_path: Path, number: signal.Signals) -> None:
    # Ctrl+C goes to all processes of a terminal's group, new ones too that can do nothing yet.
    (tmp_path / "site").mkdir()
    note = tmp_path / "note"
    os.mkfifo(note)
    (tmp_path / "site" / "sitecustomize.py").write_text(
        "import sys, threading\n"
        "arguments = ' '.join(sys.orig_argv)\n"
        "if '--multiprocessing-fork' in arguments or 'multiprocessing.forkserver' in arguments:\n"
        f"    open({str(note)!r}, 'w').close()\n"
        "    threading.Event().wait()\n",
        "utf-8",
    )
    places = os.pathsep.join([str(tmp_path / "site"), str(ROOT)])
    command = started(chain(tmp_path / "p", 1), "--json", PYTHONPATH=places)
    # A worker is there, or what it would be forked from.
    note.read_text()
    while not list((tmp_path / "w").glob("runs/*/pipeline.json")):
        # The run begins while they start.
        assert command.poll() is None
        threading.Event().wait(0.01)
    (os.killpg if number == signal.SIGINT else os.kill)(command.pid, number)
    output, errors = command.communicate(timeout=300)
    assert command.returncode == 1
    document = json.loads(output)
    assert document["status"] == "cancelled"
    assert {node["status"] for node in document["nodes"].values()} == {"cancelled"}
    assert "Traceback" not in errors


SIGNALLED = """
import os

def signal_itself(event, arguments):
    global signalled
    if not signalled and event == "open" and "pipeline.json" in str(arguments[0]) \\
            and os.sep + "runs" + os.sep in str(arguments[0]):
        signalled = True
        os.kill(os.getpid(), {number})

signalled = False
sys.addaudithook(signal_itself)
"""
"""Sends a command a signal at the moment when it begins to record its run."""


@pytest.mark.long
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_while_the_run_is_being_started(
    started: Started, tmp_path: Path, number: signal.Signals
) -> None:
    path = chain(tmp_path / "p", 1)
    command = started(path, "--json", setup=SIGNALLED.format(number=int(number)))
    output, errors = command.communicate(timeout=300)
    assert command.returncode == 1, errors
    assert json.loads(output)["status"] == "cancelled"
    assert "Traceback" not in errors


@pytest.mark.long
def test_what_is_told_to_ignore_interrupts_goes_on(started: Started, tmp_path: Path) -> None:
    # As a shell has it for what it starts in the background.
    setup = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)"
    command = started(chain(tmp_path / "p", 2), "--json", setup=setup)
    assert command.stderr is not None
    assert "running" in command.stderr.readline()
    os.killpg(command.pid, signal.SIGINT)
    output, _ = command.communicate(timeout=300)
    assert command.returncode == 0
    assert json.loads(output)["status"] == "completed"


def test_killed_in_the_midst_and_run_again(started: Started, designer, tmp_path: Path) -> None:
    path = chain(tmp_path / "p", 3)
    command = started(path)
    assert command.stderr is not None
    finished = []
    for line in command.stderr:
        if "completed" in line:
            finished.append(line.split()[1])
        if len(finished) == 2:
            break
    command.kill()
    command.communicate(timeout=300)
    assert command.returncode == -signal.SIGKILL

    place = ("--workspace", tmp_path / "w")
    again = json.loads(designer("run", path, "--json", *place).stdout)
    assert again["status"] == "completed"
    # What was told to be complete is there, whole, and what was half done is not used.
    statuses = {node: each["status"] for node, each in again["nodes"].items()}
    assert {statuses[node] for node in finished} == {"reused"}
    assert list((tmp_path / "w" / "store" / "unfinished").iterdir()) == []
    rows = [each["outputs"][port]["rows"] for port, each in _first_ports(again)]
    assert rows == [2000, 1800, 1620, 1458]
    for manifest in (tmp_path / "w" / "store").glob("entries/*/*/entry.json"):
        check_entry(manifest.parent, read_manifest(manifest.parent), contents=True)


def _first_ports(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(next(iter(each["outputs"])), each) for each in document["nodes"].values()]


@pytest.mark.long
def test_whoever_reads_may_stop_reading(started: Started, tmp_path: Path) -> None:
    # As with “| head”: nobody is told of a broken pipe, and the run is kept.
    path = chain(tmp_path / "p", 1)
    command = started(path, "--json")
    assert command.stdout is not None
    command.stdout.close()
    assert command.stderr is not None
    errors = command.stderr.read()
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    assert command.wait(300) != 0
    (record,) = (tmp_path / "w" / "runs").glob("*/run.json")
    assert json.loads(record.read_text("utf-8"))["status"] == "completed"


@pytest.mark.long
def test_whoever_reads_the_progress_may_stop_too(started: Started, tmp_path: Path) -> None:
    command = started(chain(tmp_path / "p", 1), "--json")
    assert command.stderr is not None
    command.stderr.close()
    assert command.stdout is not None
    assert json.loads(command.stdout.read())["status"] == "completed"
    assert command.wait(300) == 0
