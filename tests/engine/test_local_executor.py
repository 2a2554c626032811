"""How tasks are shared among workers that start, end and die; the processes are scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted_workers import DONE, Desk, Process

from designer.engine.executors import local, processes
from designer.engine.executors.base import StepError
from designer.engine.executors.exit_errors import (
    exit_error,
    lost_input,
    lost_result,
    memory_error,
    no_worker,
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Desk]]:
    Process.made = []
    monkeypatch.setattr(local, "WorkerProcess", Process)
    desks: list[Desk] = []

    def make(workers: int = 1, **more: Any) -> Desk:
        desks.append(Desk(tmp_path, workers, **more))
        return desks[-1]

    yield make
    for each in desks:
        each.executor.close()
    for process in Process.made:
        for log in process.logs.values():
            log.close()


def error(future: Any) -> dict[str, Any]:
    found = future.exception(0)
    assert isinstance(found, StepError)
    return {**found.error, "lost": found.lost}


def lost(made: StepError) -> dict[str, Any]:
    return {**made.error, "lost": made.lost}


def test_a_step_goes_its_way(desk):
    one = desk()
    future = one.submit("a")
    (worker,) = one.processes
    assert worker.sent == []
    worker.ready()
    assert worker.tasks == ["a"]
    token = worker.start()
    worker.say("progress", token, 0.5, "half")
    worker.logs[token].write(b"printed\n")
    worker.logs[token].close()
    worker.say("ended", token, DONE)
    assert not future.done()
    worker.say("stored", token, {"key": "a-key"})
    assert future.result(0) == {"key": "a-key"}
    assert one.told == [
        ("a", "running"),
        ("a", 0.5, "half"),
        ("a", "output", "printed"),
        ("a", DONE),
    ]
    # What comes later is nobody's.
    worker.say("progress", token, 1.0, "late")
    worker.say("running", token)
    assert len(one.told) == 4


def test_a_result_that_is_stored_before_the_function_is_said_to_have_returned(desk):
    one = desk()
    future = one.submit("a")
    (worker,) = one.processes
    worker.ready()
    token = worker.start()
    worker.logs[token].close()
    worker.say("stored", token, {"key": "a-key"})
    assert not future.done()
    worker.say("ended", token, DONE)
    assert future.result(0) == {"key": "a-key"}
    # A worker that dies afterwards loses nothing.
    worker.die()
    assert future.exception(0) is None


def test_a_step_fails_with_the_worker_that_ran_it_and_is_told_how_it_ended(desk):
    one = desk()
    future, waiting = one.submit("a"), one.submit("b")
    (worker,) = one.processes
    worker.ready()
    worker.logs[worker.start()].close()
    worker.die(-11)
    assert error(future) == {**exit_error(-11), "lost": False}
    # Another worker takes its place, for the next step.
    _, other = one.processes
    assert not waiting.done()
    other.ready()
    assert other.tasks == ["b"]


def test_a_step_that_is_ended_at_its_memory_limit_is_told_so(desk):
    one = desk()
    future = one.submit("a")
    (worker,) = one.processes
    worker.ready()
    worker.logs[worker.start()].close()
    worker.exceeded = 7 * 1024**3
    worker.die(-9)
    assert error(future) == {**memory_error("a", 7 * 1024**3), "lost": False}


def test_a_step_that_had_not_begun_is_tried_three_times_and_comes_first(desk):
    assert local.ATTEMPTS == 3
    one = desk()
    future, waiting = one.submit("a"), one.submit("b")
    for attempt in range(3):
        assert not future.done()
        assert len(one.processes) == attempt + 1
        worker = one.processes[-1]
        worker.ready()
        assert worker.tasks == ["a"]
        worker.logs[worker.token].close()
        worker.die()
    assert error(future) == lost(no_worker())
    # The next one begins from the start.
    one.processes[-1].ready()
    assert one.processes[-1].tasks == ["b"]
    assert not waiting.done()


def test_workers_that_end_when_they_start_are_started_three_times(desk):
    one = desk()
    future, more = one.submit("a"), one.submit("b")
    for attempt in range(3):
        assert not future.done()
        assert len(one.processes) == attempt + 1
        one.processes[-1].die(1)
    assert error(future) == error(more) == lost(no_worker())
    assert len(one.processes) == 3
    # Another step is another try; one that starts is as if none had failed.
    third = one.submit("c")
    assert len(one.processes) == 4
    for _ in range(2):
        one.processes[-1].die(1)
    one.processes[-1].ready()
    one.processes[-1].logs[one.processes[-1].start()].close()
    one.processes[-1].die(1)
    assert error(third)["message"] == exit_error(1)["message"]
    fourth = one.submit("d")
    for _ in range(2):
        one.processes[-1].die(1)
    assert not fourth.done()


def test_what_was_not_stored_is_lost_with_its_worker_and_what_waits_for_it_too(desk):
    two = desk(2, fork=True)
    first = two.submit("a")
    worker = two.processes[0]
    worker.ready()
    worker.compute()
    two.put("kept")
    # Only the worker that has it can go on with it.
    follower = two.submit("b", "a")
    assert worker.tasks == ["a", "b"]
    waiting, other = two.submit("c", "a"), two.submit("d", "kept")
    assert worker.tasks == ["a", "b"]
    worker.logs[worker.start()].close()
    worker.die(-9)
    assert error(first) == lost(lost_result())
    assert error(follower) == {**exit_error(-9), "lost": False}
    assert error(waiting) == lost(lost_input())
    assert not other.done()
    assert lost_result().lost
    assert lost_input().lost
    assert not no_worker().lost
    # What needs it from now on isn't queued.
    assert error(two.submit("e", "a")) == lost(lost_input())


def test_what_other_workers_have_not_stored_yet_is_not_lost(desk):
    two = desk(2)
    first, second = two.submit("a"), two.submit("b")
    one = two.processes[0]
    one.ready()
    other = two.processes[1]
    other.ready()
    one.compute()
    token = other.compute()
    one.die()
    assert error(first) == lost(lost_result())
    assert not second.done()
    other.say("stored", token, {"key": "b-key"})
    assert second.result(0) == {"key": "b-key"}
    # The worker that takes the place has nothing to forget.
    two.processes[-1].ready()
    two.executor.forget(frozenset({"a-key"}))
    assert two.processes[-1].sent == []


def test_what_is_stored_meanwhile_is_not_lost(desk):
    one = desk()
    first, second = one.submit("a"), one.submit("b")
    (worker,) = one.processes
    worker.ready()
    token = worker.compute()
    one.put("a")
    worker.say("stored", token, {"key": "a-key"})
    assert worker.tasks == ["a", "b"]
    waiting = one.submit("c", "a")
    worker.logs[worker.start()].close()
    worker.die()
    assert first.result(0) == {"key": "a-key"}
    assert error(second)["code"] == "worker-died"
    one.processes[-1].ready()
    assert one.processes[-1].tasks == ["c"]
    assert not waiting.done()


def test_a_result_that_can_not_be_stored_fails_its_step_and_those_that_need_it(desk):
    one = desk()
    future = one.submit("a")
    (worker,) = one.processes
    worker.ready()
    token = worker.compute()
    busy = one.submit("b")
    waiting = one.submit("c", "a")
    assert worker.tasks == ["a", "b"]
    worker.say("unstored", token, {"code": "disk-full", "message": "No room."})
    assert error(future) == {"code": "disk-full", "message": "No room.", "lost": False}
    assert error(waiting) == lost(lost_input())
    assert not busy.done()


def test_a_step_that_fails_has_its_own_error_and_the_next_one_runs(desk):
    one = desk()
    future, _ = one.submit("a"), one.submit("b")
    (worker,) = one.processes
    worker.ready()
    token = worker.start()
    worker.logs[token].close()
    worker.say("ended", token, {"code": "bad", "message": "It is bad."})
    assert error(future) == {"code": "bad", "message": "It is bad.", "lost": False}
    assert worker.tasks == ["a", "b"]


def test_a_log_that_can_not_be_written_fails_the_step(desk, tmp_path):
    one = desk()
    (tmp_path / "logs").write_text("in the way")
    future, other = one.submit("a"), one.submit("b")
    (worker,) = one.processes
    worker.ready()
    assert error(future)["code"] == "log"
    assert error(future)["message"].startswith("The log can't be written: ")
    assert error(other)["code"] == "log"
    assert worker.sent == []


def test_a_cancelled_step_ends_with_its_process_or_is_never_begun(desk):
    one = desk()
    running, waiting = one.submit("a"), one.submit("b")
    after = one.submit("c")
    (worker,) = one.processes
    worker.ready()
    token = worker.start()
    assert waiting.cancel()
    assert not worker.killed.is_set()
    assert running.cancel()
    assert worker.killed.wait(20)
    assert 0 < worker.grace <= processes.GRACE == 0.5
    # Before it dies it may still say that it is done: nobody needs that.
    worker.logs[token].close()
    worker.say("ended", token, DONE)
    assert ("forget", {"a-key": token}) in worker.sent
    assert one.told == [("a", "running")]
    assert worker.tasks == ["a", "c"]
    worker.die()
    assert len(one.processes) == 2
    one.processes[-1].ready()
    assert one.processes[-1].tasks == ["c"]
    assert not after.done()


def test_a_step_that_is_over_takes_no_worker_along(desk):
    one = desk()
    future = one.submit("a")
    (worker,) = one.processes
    worker.ready()
    token = worker.compute()
    worker.say("stored", token, {"key": "a-key"})
    next_one = one.submit("b")
    assert not future.cancel()
    assert not worker.killed.is_set()
    assert not next_one.done()


def test_values_are_forgotten_when_they_are_stored_and_not_before(desk):
    one = desk()
    one.submit("a")
    (worker,) = one.processes
    worker.ready()
    token = worker.compute()
    keys = frozenset({"a-key", "of another"})
    one.executor.forget(keys)
    assert [message[0] for message in worker.sent] == ["run"]
    worker.say("stored", token, {"key": "a-key"})
    assert worker.sent[1:] == [("forget", {"a-key": token})]
    one.executor.forget(keys)
    assert len(worker.sent) == 2
    one.submit("b")
    token = worker.compute()
    worker.say("stored", token, {"key": "b-key"})
    assert len(worker.sent) == 3
    one.executor.forget(frozenset({"b-key"}))
    assert worker.sent[3:] == [("forget", {"b-key": token})]


def test_closing_cancels_what_runs_and_waits(desk):
    one = desk()
    running, waiting = one.submit("a"), one.submit("b")
    (worker,) = one.processes
    worker.ready()
    worker.start()
    one.executor.close()
    assert running.cancelled()
    assert waiting.cancelled()
    assert worker.closed
    assert worker.tasks == ["a"]
    worker.die()
    # Nothing is started for an engine that is closed.
    assert len(one.processes) == 1
    with pytest.raises(RuntimeError, match="The engine is closed"):
        one.submit("c")


@pytest.mark.parametrize(
    ("fork", "warm", "steps", "started"),
    [(True, 1, 3, 1), (False, 2, 3, 2), (False, 2, 1, 2)],
)
def test_how_many_workers_start(desk, monkeypatch, fork, warm, steps, started):
    monkeypatch.setattr(local, "FORKS", True)
    two = desk(2, fork=fork, packages={"p": "/x"}, memory_limit=7)
    two.executor.warm_up()
    two.executor.warm_up()
    assert len(two.processes) == warm
    for number in range(steps):
        two.submit(f"n{number}")
    assert len(two.processes) == started
    assert two.processes[0].more == {
        "packages": {"p": "/x"},
        "fork": fork,
        "memory_limit": 7,
    }
    # A fork takes a moment: the next starts when this one has.
    two.processes[0].ready()
    assert len(two.processes) == min(2, max(started, steps))
    assert len(desk(0).executor._slots) == 1
