"""The end of the application from outside: nothing lost, nothing left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from designer.app.document.recovery import find_recoveries
from designer.pipeline import file as pipeline_file

SCRIPT = """
import json, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from designer.app.shell import main

ENDLESS = "def azureml_main(a=None, b=None):\\n    while True:\\n        pass\\n"

def on_shown(window):
    from designer.pipeline import edits
    window.files.new()
    window.document.apply("Add", lambda p: edits.add_node(
        p, "execute_python_script", parameters={"script": ENDLESS}, node_id="endless")[0])

    def tell():
        states = window.controller.progress
        if states.get("endless") and states["endless"].status == "running":
            clock.stop()
            print(json.dumps({"running": True}), flush=True)

    def look():
        if QApplication.activeModalWidget() is not None:
            questions.stop()
            print(json.dumps({"asking": True}), flush=True)

    clock, questions = QTimer(window), QTimer(window)
    clock.timeout.connect(tell)
    questions.timeout.connect(look)
    clock.start(50)
    questions.start(50)
    window.runs.start([], anyway=True)

if __name__ == "__main__":
    main.on_shown = on_shown
    sys.exit(main.open_window())
"""

PATIENCE = 120
"""Seconds after which an effect that is waited for counts as missing, on a busy machine too."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to handle")


def running_window(folder: Path) -> subprocess.Popen[str]:
    """Start the application in the midst of a run that would never end."""
    script = folder / "start.py"
    script.write_text(SCRIPT)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "MODELDESK_WORKSPACE": str(folder / "workspace"),
        # One that crashes says where.
        "PYTHONFAULTHANDLER": "1",
    }
    process = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    guard = threading.Timer(PATIENCE, process.kill)
    guard.daemon = True
    guard.start()
    assert process.stdout is not None
    begun = process.stdout.readline()
    if not begun:
        said = process.communicate(timeout=PATIENCE)[1]
        raise AssertionError(f"It ended with {process.returncode} before its run began.\n{said}")
    assert json.loads(begun) == {"running": True}
    return process


def descendants(pid: int) -> set[int]:
    """Return the processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = set(), [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def runs(pid: int) -> bool:
    """Tell whether a process runs; what has ended and waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    """Wait for an effect."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.05)


def until_gone(pids: set[int]) -> None:
    """Wait until none of the processes runs any more."""
    until(lambda: not any(map(runs, pids)))


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("asking", "last"),
    [
        (False, signal.SIGTERM),
        (True, signal.SIGTERM),
        (True, signal.SIGINT),
    ],
)
def test_a_signal_ends_workers_and_keeps_the_work(tmp_path, asking, last):
    # The first Ctrl+C asks about the changes, the second one means it.
    process = running_window(tmp_path)
    workers = descendants(process.pid)
    assert workers
    if asking:
        process.send_signal(signal.SIGINT)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"asking": True}
    process.send_signal(last)
    # The run never ends by itself.
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "leaked" not in said
    until_gone(workers)
    (kept,) = find_recoveries(tmp_path / "workspace" / "recovery")
    assert list(pipeline_file.loads(kept.text).nodes) == ["endless"]
    assert kept.path is None


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_killed_window_leaves_the_work_and_no_worker_for_long(tmp_path):
    process = running_window(tmp_path)
    workers = descendants(process.pid)
    folder = tmp_path / "workspace" / "recovery"
    until(lambda: bool(list(folder.glob("*.recovery.json"))))
    process.kill()
    process.communicate(timeout=PATIENCE)
    until_gone(workers)
    (kept,) = find_recoveries(folder)
    assert list(pipeline_file.loads(kept.text).nodes) == ["endless"]
