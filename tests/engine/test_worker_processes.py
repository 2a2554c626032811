"""A worker process from its start to its end; the process itself is scripted."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from designer.engine.executors import processes, worker
from designer.engine.executors.processes import GRACE, WorkerProcess

pytestmark = pytest.mark.skipif(os.name == "nt", reason="file descriptors")


class Tree:
    """The processes of a worker, which end when they are killed."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.did: list[Any] = []
        self.alive_for = 0
        self.on_kill: Callable[[], None] = lambda: None

    def signal(self, number: int) -> None:
        self.did.append(number)

    def alive(self) -> bool:
        self.alive_for -= 1
        return self.alive_for >= 0

    def kill(self) -> None:
        self.did.append("kill")
        self.on_kill()


class Bench:
    """Starts workers that are nothing but the other end of a pipe."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.messages: list[Any] = []
        self.ended = threading.Event()
        self.may_start = threading.Event()
        self.may_start.set()
        self.started = threading.Event()
        self.error: Exception | None = None
        self.tree: Tree
        self.given: tuple[Any, ...] = ()
        self.theirs: Connection
        self._ending = threading.Lock()
        patch.setattr(processes, "_start", self._start)
        patch.setattr(processes, "ProcessTree", self._make_tree)
        patch.setattr(processes, "_exitcode", lambda process: process.exitcode)

    def _start(self, fork: bool, theirs: Connection, *more: Any) -> Any:
        assert self.may_start.wait(20)
        if self.error is not None:
            raise self.error
        self.given = (fork, *more)
        self.theirs = Connection(os.dup(theirs.fileno()))
        return SimpleNamespace(pid=4711, exitcode=-9)

    def _make_tree(self, pid: int) -> Tree:
        self.tree = Tree(pid)
        self.tree.on_kill = self.end
        self.started.set()
        return self.tree

    def end(self) -> None:
        """Let the process end; any thread may."""
        with self._ending:
            self.theirs.close()

    def begin(self, **more: Any) -> WorkerProcess:
        def on_message(process: WorkerProcess, message: Any) -> None:
            self.messages.append(message)

        return WorkerProcess(
            "w", Path("/store"), on_message, lambda process: self.ended.set(), **more
        )


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    made = Bench(monkeypatch)
    yield made
    made.may_start.set()
    if made.started.is_set():
        made.end()
    assert made.ended.wait(20)


def test_messages_go_both_ways_until_the_process_ends(bench):
    process = bench.begin(fork=False, nice=3, packages={"p": "/x"})
    assert bench.started.wait(20)
    fork, _, settings = bench.given
    assert fork is False
    assert isinstance(settings, worker.Settings)
    assert (settings.store, settings.nice, settings.packages) == ("/store", 3, {"p": "/x"})
    assert bench.tree.pid == 4711
    process.send("run", "token", 7)
    assert bench.theirs.recv() == ("run", "token", 7)
    bench.theirs.send(("ready",))
    bench.theirs.send(("ended", "token"))
    assert process.exitcode is None
    bench.end()
    assert bench.ended.wait(20)
    assert bench.messages == [("ready",), ("ended", "token")]
    assert process.exitcode == -9
    # What it has started doesn't outlive it.
    assert bench.tree.did == ["kill"]
    # Nobody is there to get it.
    process.send("run", "token", 8)


def test_a_process_that_can_not_be_started_has_ended(bench, caplog):
    bench.error = OSError("too many processes")
    process = bench.begin()
    assert bench.ended.wait(20)
    assert process.exitcode is None
    assert "A worker can't be started: too many processes" in caplog.text
    process.kill()
    process.close()


@pytest.mark.parametrize("how", ["kill", "close"])
def test_a_process_that_is_ended_while_it_starts_ends_as_soon_as_it_has(bench, how):
    bench.may_start.clear()
    process = bench.begin()
    getattr(process, how)()
    assert not bench.started.is_set()
    bench.may_start.set()
    assert bench.ended.wait(20)
    assert bench.tree.did == ["kill", "kill"]
    assert bench.messages == []


class Clock:
    """Seconds that pass when the thread that made it sleeps.

    Other threads may still end the workers of a test before, and have real seconds.
    """

    def __init__(self) -> None:
        self.now = 50.0
        self._thread = threading.get_ident()

    def monotonic(self) -> float:
        return self.now if threading.get_ident() == self._thread else time.monotonic()

    def sleep(self, seconds: float) -> None:
        if threading.get_ident() == self._thread:
            self.now += seconds
        else:
            time.sleep(seconds)


@pytest.mark.parametrize(
    ("alive_for", "grace", "waited"), [(0, None, 0), (3, None, 0.06), (999, None, 0.5), (999, 2, 2)]
)
def test_a_process_is_asked_to_end_and_then_made_to(bench, monkeypatch, alive_for, grace, waited):
    assert GRACE == 0.5
    clock = Clock()
    monkeypatch.setattr(processes, "time", clock)
    process = bench.begin()
    assert bench.started.wait(20)
    # It is known when the first message has come.
    bench.theirs.send(("ready",))
    while not bench.messages:
        threading.Event().wait(0.001)
    bench.tree.alive_for = alive_for
    process.kill(**({} if grace is None else {"grace": grace}))
    assert bench.tree.did[:2] == [signal.SIGTERM, "kill"]
    assert clock.now - 50 == pytest.approx(waited, abs=0.021)
    assert bench.ended.wait(20)


def test_a_program_that_exits_ends_its_workers(monkeypatch):
    class Owner:
        name = "o"

        def __init__(self) -> None:
            self.closed = 0

        def close(self) -> None:
            self.closed += 1

    monkeypatch.setattr(processes, "owners", type(processes.owners)())
    first, second = Owner(), Owner()
    processes.own_workers(first)
    processes.own_workers(second)
    processes._close_all()
    assert (first.closed, second.closed) == (1, 1)
    # One that is gone needs nothing.
    del second
    processes._close_all()
    assert first.closed == 2
