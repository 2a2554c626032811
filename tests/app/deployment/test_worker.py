"""The process that deploys: how it ends when a person wants it to, and what is said then."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from designer.app.background import worker
from designer.app.background import worker_client as orders
from designer.app.deployment.problem import Cancelled, Ended, Problem
from designer.app.deployment.types import DeployOrder, Halt

PROGRAM = """\
import sys, time
from designer.app.background import worker_main as work

def act(order, say):
    try:
        say({"step": "deploy", "state": "running", "text": ""})
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        say({"step": "undo", "state": "running", "text": ""})
        end = time.monotonic() + order["seconds"]
        while time.monotonic() < end:
            time.sleep(0.01)
        open(order["file"], "w").close()
        if order["remains"]:
            from designer.deployment import ServingError
            raise ServingError("It was ended.", order["remains"])
        raise

work._ACTIONS["wait"] = act
sys.exit(work.main())
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Let the process wait until it is ended, and then take back for some time."""
    file = tmp_path / "program"
    file.write_text(f"#!{sys.executable}\n{PROGRAM}")
    file.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(file))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    # On Windows there is no signal that lets anything be taken back.
    monkeypatch.delattr(worker.subprocess.Popen, "terminate")
    return tmp_path / "taken back"


def order(file: Path, *, seconds: float = 0.0, remains: str = "") -> dict:
    return {"action": "wait", "seconds": seconds, "file": str(file), "remains": remains}


def ask_at_first(event: threading.Event):
    return lambda line: event.set() if line.get("step") == "deploy" else None


def test_what_was_made_is_taken_back_however_long_it_takes(program):
    halt = Halt()

    with pytest.raises(Cancelled, match="has been taken back"):
        worker.run(order(program, seconds=1.0), ask_at_first(halt.asked), halt)

    assert program.exists()


def test_what_remains_is_said(program):
    halt = Halt()

    with pytest.raises(Problem) as caught:
        worker.run(order(program, remains="Remove “people”."), ask_at_first(halt.asked), halt)

    assert caught.value.hint == "Remove “people”."
    assert not isinstance(caught.value, Cancelled)


@pytest.mark.parametrize("patience", [None, 0.0])
def test_taking_back_is_ended_by_force(program, patience):
    halt = Halt()

    def on_line(line):
        if line["step"] == "deploy":
            halt.asked.set()
        elif patience is None:
            halt.now.set()

    with pytest.raises(Ended, match="before everything was taken back"):
        worker.run(order(program, seconds=600), on_line, halt, patience=patience)

    assert not program.exists()


def test_a_window_that_closes_does_not_wait_but_what_was_made_is_taken_back(program, qtbot):
    halt = Halt()

    began = time.monotonic()
    with pytest.raises(Ended):
        worker.run(order(program, seconds=2), ask_at_first(halt.leaving), halt)

    assert time.monotonic() - began < 60
    assert not program.exists()
    qtbot.waitUntil(program.exists, timeout=30_000)


def test_before_anything_is_made_there_is_nothing_to_take_back(program):
    halt = Halt()
    halt.asked.set()

    # It is ended before or after it can answer; both are true to the letter.
    with pytest.raises(Cancelled, match=r"^Cancelled; (nothing|what) was made"):
        worker.run(order(program), lambda line: None, halt)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("aci", "Look in Azure ML studio"),
        ("docker", "Delete them with Docker"),
        ("local", "in the list of endpoints"),
    ],
)
def test_what_may_remain_is_said_with_its_place(target, words, tmp_path, program):
    halt = Halt()
    halt.now.set()
    wanted = DeployOrder("people", "{}", tmp_path, "people", target, {}, "", None)

    with pytest.raises(Ended) as caught:
        orders.deploy(tmp_path, wanted, lambda *_: None, halt)

    assert words in caught.value.hint
    assert "“people”" in caught.value.hint
