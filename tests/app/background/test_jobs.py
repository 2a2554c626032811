"""Background processes: what passes between them and the window, and how they end."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import job_examples
import psutil
import pytest

from designer.app.background import control, wire
from designer.app.background.background import Background
from designer.app.background.errors import Cancelled, Killed, UserError, error_text
from designer.app.background.job import Job
from designer.engine import events
from designer.engine.results import NodeResult, Output, RunResult

PATIENCE = 60
"""Seconds: on a busy machine a process takes its time to start."""

EVENTS = [
    events.RunStarted(run="r", nodes=("a", "b")),
    events.Progress(run="r", node="a", fraction=0.5, text="half"),
    events.LogLine(run="r", node="a", text="x", stream="engine"),
    events.Completed(
        run="r", node="a", seconds=1.5, outputs={"d": Output("DataTable", Path("x"), 3, 2)}
    ),
    events.Failed(run="r", node="a", error={"code": "c", "message": "m"}, seconds=2.0),
    events.Skipped(run="r", node="a", reason="“b” failed."),
    events.RunFinished(run="r", status="completed", seconds=3.0),
]
RESULT = RunResult(
    "r",
    "completed",
    1.5,
    {"a": NodeResult("completed", 1.0, {"d": Output("DataTable", Path("x"), 3, 2)}, log=Path("l"))},
    {"a": {"RMSE": 2.5, "R²": None}},
)


@pytest.mark.parametrize("event", EVENTS)
def test_events_survive_the_wire(event):
    line = json.dumps(wire.dump(event))
    assert wire.load(events.Event, json.loads(line)) == event


def test_arguments_callbacks_and_results_arrive_whatever_is_printed(start):
    seen = []
    arguments = {"event": EVENTS[3], "result": RESULT}
    job = start(job_examples.echo, arguments, {"on_event": seen.append})
    assert job.future.result(PATIENCE) == RESULT
    assert seen == [EVENTS[3]]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("explained", "The port is in use. Choose another."),
        ("system", "Can't access “x.csv”: No such file or directory."),
        ("unexpected", "Unexpected error (RuntimeError). See the log for details."),
    ],
)
def test_errors_come_as_sentences_and_the_log_has_no_secret(start, kind, text, caplog):
    caplog.set_level(logging.ERROR)
    with pytest.raises(UserError) as caught:
        start(job_examples.fail, {"kind": kind}).future.result(PATIENCE)
    assert error_text(caught.value) == text
    assert ("RuntimeError" in caplog.text) == (kind == "unexpected")
    assert "secret-of-mine" not in caplog.text


@pytest.mark.parametrize("name", ["os:system", "designer.app.background.wire:Path", "designer:x"])
def test_only_functions_of_designer_are_called(name):
    with pytest.raises(ValueError, match="isn't a function of designer"):
        wire.resolve(name)


def test_a_process_that_ends_without_a_word_is_an_error():
    job = Job(job_examples.swallow, {}, command=(sys.executable, "-c", "import sys; sys.exit(3)"))
    with pytest.raises(UserError, match="ended unexpectedly"):
        job.future.result(PATIENCE)
    job.thread.join(PATIENCE)


@pytest.fixture
def made(start, tmp_path):
    """Return a job that has made something, and the file that tells of the rollback."""

    def go(seconds: float = 0.0, remains: str = "") -> tuple[Job, Path, list[str]]:
        said: list[str] = []
        file = tmp_path / "rolled back"
        arguments = {"file": file, "seconds": seconds, "remains": remains}
        job = start(job_examples.make, arguments, {"notify": said.append})
        wait_for(lambda: said == ["made"])
        return job, file, said

    return go


def wait_for(condition) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.long
def test_what_was_made_is_rolled_back_however_long_it_takes(made):
    job, file, _ = made(seconds=control.PATIENCE + 1)
    job.cancel()
    with pytest.raises(Cancelled, match="everything was rolled back"):
        job.future.result(PATIENCE)
    assert file.exists()


def test_asking_twice_does_not_end_the_rollback(made):
    job, file, said = made(seconds=1.0)
    job.cancel()
    wait_for(lambda: said[-1] == "rolling back")
    job.cancel()
    with pytest.raises(Cancelled):
        job.future.result(PATIENCE)
    assert file.exists()


def test_what_remains_is_said(made):
    job, _, _ = made(remains="Remove “people”.")
    job.cancel()
    with pytest.raises(UserError) as caught:
        job.future.result(PATIENCE)
    assert caught.value.hint == "Remove “people”."
    assert not isinstance(caught.value, Cancelled)


def test_a_rollback_is_ended_by_force(made):
    job, file, said = made(seconds=600)
    job.cancel()
    wait_for(lambda: said[-1] == "rolling back")
    job.kill()
    with pytest.raises(Killed, match="before everything was rolled back"):
        job.future.result(PATIENCE)
    assert not file.exists()


@pytest.mark.parametrize("how", ["leave", "the window is gone"])
def test_a_window_that_closes_does_not_wait_but_what_was_made_is_rolled_back(made, how):
    job, file, _ = made(seconds=1.0)
    if how == "leave":
        job.leave()
    else:
        job._close_input()
    assert not file.exists()
    wait_for(file.exists)
    job.thread.join(PATIENCE)
    assert not psutil.pid_exists(job._process.pid)


def test_before_anything_is_made_there_is_nothing_to_roll_back(start, tmp_path):
    arguments = {"file": tmp_path / "x", "seconds": 0.0, "remains": ""}
    job = start(job_examples.make, arguments, {"notify": lambda text: None})
    job.cancel()
    # It is cancelled before or after it can report that; both are correct.
    with pytest.raises(
        Cancelled, match=r"^Canceled; (nothing was created|everything was rolled back)"
    ):
        job.future.result(PATIENCE)


@pytest.mark.long
@pytest.mark.parametrize("how", ["cancel", "leave"])
def test_what_has_nothing_to_roll_back_ends_even_if_it_can_not_be_interrupted(start, how):
    said: list[str] = []
    job = start(job_examples.swallow, {}, {"notify": said.append})
    wait_for(lambda: bool(said))
    getattr(job, how)()
    with pytest.raises(Cancelled):
        job.future.result(PATIENCE)


@pytest.mark.parametrize("when", ["sending", "sent"])
@pytest.mark.parametrize("how", ["cancel", "leave"])
def test_what_continues_elsewhere_hears_of_it_and_is_never_lost(start, tmp_path, how, when):
    said: list[str] = []
    job = start(job_examples.send, {"file": tmp_path / "end"}, {"notify": said.append})
    wait_for(lambda: when in said)
    getattr(job, how)()
    assert job.future.result(PATIENCE) == how
    assert said == ["sending", "sent"]


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_what_a_terminal_interrupts_is_the_window_alone(made):
    job, _, _ = made()
    assert os.getpgid(job._process.pid) != os.getpgid(0)


def test_the_window_hears_of_jobs_and_threads_in_its_thread_until_it_closes(
    qapp, qtbot, start, made
):
    background = Background()
    seen: list[object] = []
    arguments = {"event": EVENTS[0], "result": RESULT}

    def job() -> Job:
        return start(job_examples.echo, arguments, {"on_event": lambda event: None})

    background.follow(job(), seen.append)
    background.run(job, seen.append)
    background.run(lambda: RESULT, seen.append)
    background.run(lambda: 1 / 0, seen.append, lambda error: seen.append(type(error)))
    qtbot.waitUntil(lambda: len(seen) == 4, timeout=PATIENCE * 1000)
    assert sorted(map(str, seen)) == sorted(map(str, [RESULT] * 3 + [ZeroDivisionError]))
    left, file, _ = made()
    background.follow(left, seen.append, seen.append)
    background.close()
    wait_for(file.exists)
    left.thread.join(PATIENCE)
    qapp.processEvents()
    assert len(seen) == 4


def test_the_program_imports_nothing_heavy_by_itself():
    code = (
        "import sys; import designer.app.background.program; "
        "import designer.app.runs.jobs, designer.app.deployment.jobs; "
        "heavy = ('PySide6', 'azureml', 'azure.ai', 'azure.core', 'pandas', 'sklearn'); "
        "print([n for n in sys.modules if n.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
