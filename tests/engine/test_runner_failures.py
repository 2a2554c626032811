"""What a run does when steps fail, are lost or are cancelled; the workers are scripted.

A scripted executor answers at once and on the thread of the run, so that each moment can be met.
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from designer.engine import events, runner
from designer.engine.executors.base import Computed, StepError, Task, TaskListener
from designer.engine.executors.exit_errors import lost_input, lost_result
from designer.engine.plan import make_plan
from designer.engine.results import RunResult
from designer.engine.runner import Runner
from designer.engine.store import entry as entries
from designer.engine.store.store import Store
from designer.workspace import Workspace

CHAIN = ({"a": "numbers", "b": "add", "c": "add"}, "a.numbers > b.first", "b.sums > c.first")
PORTS = {"numbers": "numbers", "add": "sums", "halves": "left", "script": "result"}
AGAIN = "The worker ended before this was stored, so the step runs again."


class Clock:
    """Seconds that pass only when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(runner, "time", SimpleNamespace(perf_counter=made))
    return made


class Job:
    """A task that the executor was given."""

    def __init__(self, store: Path, task: Task, listener: TaskListener) -> None:
        self.task = task
        self.listener = listener
        self.future: Future[entries.Manifest] = Future()
        self._store = store

    def compute(self, seconds: float = 0.5, warnings: tuple[str, ...] = ()) -> None:
        self.listener.running()
        ports = frozenset({PORTS[self.task.function]})
        self.listener.computed(Computed(ports, seconds, warnings))

    def store(self) -> None:
        def save(value: str, folder: Path) -> dict[str, Any]:
            folder.mkdir()
            (folder / "data").write_text(value)
            return {"type": "DataTable", "rows": 3}

        outputs = {PORTS[self.task.function]: self.task.node}
        about = {**self.task.about, "base": self.task.base, "warnings": ["Mind the gap."]}
        made = entries.write_entry(self._store, self.task.key, outputs, save, about)
        self.future.set_result(made)

    def succeed(self) -> None:
        self.compute()
        self.store()


class Scripted:
    """An executor: for each node what happens at its first, second, … attempt."""

    def __init__(self, store: Path, script: dict[str, list[Callable[[Job], None]]]) -> None:
        self.jobs: list[Job] = []
        self.forgotten: list[frozenset[str]] = []
        self._store = store
        self._script = {node: list(each) for node, each in script.items()}

    @property
    def nodes(self) -> list[str]:
        return [job.task.node for job in self.jobs]

    def submit(self, task: Task, log: Path, listener: TaskListener) -> Future[entries.Manifest]:
        job = Job(self._store, task, listener)
        self.jobs.append(job)
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
        waiting = self._script.get(task.node, [])
        (waiting.pop(0) if waiting else Job.succeed)(job)
        return job.future

    def forget(self, keys: frozenset[str]) -> None:
        self.forgotten.append(keys)

    def close(self) -> None:
        pass


def lost(job: Job) -> None:
    """The worker dies after the step's function has returned."""
    job.compute()
    job.future.set_exception(lost_result())


def lost_before(job: Job) -> None:
    job.future.set_exception(lost_input())


def bad(job: Job) -> None:
    job.listener.running()
    job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))


def hang(job: Job) -> None:
    """It runs and never ends."""
    job.listener.running()


class Running:
    """A run of a pipeline with scripted workers."""

    def __init__(self, folder: Path, catalog, pipeline, script, **more: Any) -> None:
        self.store = Store(folder / "store")
        self.executor = Scripted(self.store.folder, script)
        self.events: list[events.Event] = []
        listeners = [self.events.append, *more.pop("listeners", [])]
        plan = make_plan(pipeline, catalog, base=folder, workspace=Workspace(folder / "w"), cores=2)
        self.logs = folder / "logs"
        self.runner = Runner(
            "run-1",
            plan,
            self.store,
            self.executor,
            logs=self.logs,
            base=folder,
            listeners=listeners,
            **more,
        )

    def result(self) -> RunResult:
        """Run it; a run that would never end fails."""
        found: list[RunResult] = []
        thread = threading.Thread(target=lambda: found.append(self.runner.run()), daemon=True)
        thread.start()
        thread.join(20)
        assert not thread.is_alive(), "the run doesn't end"
        self.store.close()
        return found[0]

    def told(self, node: str = "") -> list[str]:
        return [type(event).__name__ for event in self.events if event.node == node]

    def of(self, kind: type[events.Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def start(tmp_path, catalog, build) -> Callable[..., Running]:
    def make(pipeline, script, **more):
        return Running(tmp_path, catalog, build(*pipeline), script, **more)

    return make


def statuses(result: RunResult) -> dict[str, str]:
    return {node: each.status for node, each in result.nodes.items()}


@pytest.mark.parametrize("loss", [lost, lost_before])
def test_a_lost_step_runs_once_more_and_that_is_said(start, loss):
    running = start(CHAIN, {"b": [loss]})
    result = running.result()
    assert result.status == "completed"
    assert set(statuses(result).values()) == {"completed"}
    assert running.executor.nodes.count("b") == 2
    (line,) = running.of(events.LogLine)
    assert (line.node, line.text, line.stream) == ("b", AGAIN, "engine")
    assert running.told("b")[-2:] == ["Running", "Completed"]
    # What follows is told once: it was queued with the first result, and is so no more.
    assert running.told("c")[-1] == "Completed"


def test_a_step_that_is_lost_twice_fails(start):
    running = start(CHAIN, {"b": [lost, lost], "c": [lost_before]})
    result = running.result()
    assert running.executor.nodes.count("b") == 2
    assert result.nodes["b"].error == lost_result().error
    assert [line.text for line in running.of(events.LogLine) if line.node == "b"] == [AGAIN]
    assert statuses(result)["b"] == "failed"
    assert result.status == "failed"


def test_a_late_message_of_a_lost_attempt_changes_nothing(start):
    """It would end the second attempt, or be told twice."""

    def second(job):
        first = running.executor.jobs[1]
        assert first.task.node == "b"
        first.listener.running()
        first.listener.progress(0.5, "late")
        first.listener.line("output", "late")
        job.succeed()

    def after(event):
        if isinstance(event, events.Completed) and event.node == "a":
            listener = running.executor.jobs[0].listener
            listener.line("output", "the last line")
            listener.progress(1.0, "late")
            listener.running()

    running = start(CHAIN, {"b": [lost_before, second]}, listeners=[after])
    assert running.result().status == "completed"
    assert [event.node for event in running.of(events.Running)] == ["a", "b", "c"]
    assert running.of(events.Progress) == []
    # A line isn't lost that comes just after the end of its step.
    assert [line.text for line in running.of(events.LogLine)] == [AGAIN, "the last line"]


def test_what_a_step_says_is_told_with_its_node(start):
    def talks(job):
        job.listener.running()
        job.listener.progress(0.25, "a quarter")
        job.listener.line("output", "printed")
        job.succeed()

    running = start(CHAIN, {"b": [talks]})
    running.result()
    (progress,) = running.of(events.Progress)
    assert (progress.run, progress.node, progress.fraction, progress.text) == (
        "run-1",
        "b",
        0.25,
        "a quarter",
    )
    (line,) = running.of(events.LogLine)
    assert (line.node, line.text, line.stream) == ("b", "printed", "output")
    assert {event.run for event in running.events} == {"run-1"}
    (first,) = [event for event in running.of(events.Running) if event.node == "a"]
    assert first.threads == running.executor.jobs[0].task.threads == 2


def test_cancelling_while_a_step_waits_for_its_second_try_ends_the_run(start):
    def cancel(event):
        if isinstance(event, events.LogLine):
            running.runner.cancel()

    running = start(CHAIN, {"b": [lost_before]}, listeners=[cancel])
    result = running.result()
    assert statuses(result) == {"a": "completed", "b": "cancelled", "c": "cancelled"}
    assert result.status == "cancelled"
    assert running.executor.nodes.count("b") == 1
    assert [event.node for event in running.of(events.Cancelled)] == ["b", "c"]


@pytest.mark.parametrize("ends", ["by itself", "lost", "bad"])
def test_cancelling_lets_what_is_computed_be_stored(start, ends):
    """A result that is being stored is kept; what is lost meanwhile isn't tried again."""
    held = []

    def computed(job):
        job.compute()
        held.append(job)

    def cancel(event):
        if isinstance(event, events.Cancelled) and event.node == "c":
            (job,) = held
            if ends == "by itself":
                job.store()
            elif ends == "lost":
                job.future.set_exception(lost_result())
            else:
                job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))
        if isinstance(event, events.Running) and event.node == "c":
            running.runner.cancel()

    running = start(CHAIN, {"b": [computed], "c": [hang]}, listeners=[cancel])
    result = running.result()
    status = {"by itself": "completed", "lost": "cancelled", "bad": "failed"}[ends]
    assert statuses(result) == {"a": "completed", "b": status, "c": "cancelled"}
    assert result.status == "cancelled"
    assert running.executor.nodes == ["a", "b", "c"]
    assert running.executor.jobs[2].future.cancelled()
    assert running.told("c") == ["Queued", "Running", "Cancelled"]
    assert running.told("b")[-1] == {"lost": "Cancelled"}.get(ends, status.capitalize())


def test_a_run_is_not_cancelled_whose_steps_have_all_ended(start):
    def cancel(event):
        if isinstance(event, events.Completed) and event.node == "c":
            running.runner.cancel()

    running = start(CHAIN, {}, listeners=[cancel])
    assert running.result().status == "completed"


def test_a_run_that_waits_for_its_workers_hears_that_it_is_cancelled(start):
    class Messages(queue.SimpleQueue):
        def get(self):
            if self.empty():
                threading.Thread(target=running.runner.cancel).start()
            return super().get()

    running = start(CHAIN, {"b": [hang]})
    running.runner._messages = Messages()
    assert statuses(running.result()) == {"a": "completed", "b": "cancelled", "c": "cancelled"}


def test_a_run_that_is_cancelled_before_it_starts_runs_nothing(start):
    running = start(CHAIN, {})
    running.runner.cancel()
    result = running.result()
    assert set(statuses(result).values()) == {"cancelled"}
    assert running.executor.jobs == []
    assert running.told("a") == ["Cancelled"]


def test_a_failed_step_has_the_duration_from_its_start(start, clock):
    def slow(job):
        clock.now += 5
        job.listener.running()

        def later():
            clock.now += 2.5
            job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))

        pending.append(later)

    def ends(event):
        if isinstance(event, events.Running) and event.node == "b":
            pending.pop()()

    pending: list[Callable[[], None]] = []
    running = start(CHAIN, {"b": [slow]}, listeners=[ends])
    result = running.result()
    (failed,) = running.of(events.Failed)
    assert failed.node == "b"
    assert failed.seconds == result.nodes["b"].seconds == 2.5
    assert failed.error == {"code": "bad", "message": "It is bad."} == result.nodes["b"].error
    (finished,) = running.of(events.RunFinished)
    assert finished.seconds == result.seconds == 7.5
    assert finished.status == result.status == "failed"


def test_a_step_that_fails_before_it_starts_took_no_time(start, clock):
    running = start(({"b": "add"},), {})
    result = running.result()
    assert result.nodes["b"].error["code"] == "input-missing"
    (failed,) = running.of(events.Failed)
    assert (failed.seconds, result.nodes["b"].seconds) == (0, 0)
    assert result.nodes["b"].threads == 0


def test_what_follows_a_failed_step_is_skipped_with_the_reason(start):
    pipeline = (
        {"a": "numbers", "b": "add", "c": "add", "d": "numbers"},
        "a.numbers > b.first",
        "b.sums > c.first",
    )
    running = start(pipeline, {"a": [bad]})
    result = running.result()
    assert statuses(result) == {"a": "failed", "b": "skipped", "c": "skipped", "d": "completed"}
    reasons = {"b": "“a” failed.", "c": "“b” was skipped."}
    assert {event.node: event.reason for event in running.of(events.Skipped)} == reasons
    assert {node: each.reason for node, each in result.nodes.items() if each.reason} == reasons
    assert [event.node for event in running.of(events.Skipped)] == ["b", "c"]


def test_a_disabled_step_is_skipped_with_the_reason(start):
    from dataclasses import replace

    from designer.pipeline.model import Node

    off = replace(Node("b", "add"), disabled=True)
    running = start(({"a": "numbers", "b": off, "c": "add"}, *CHAIN[1:]), {})
    result = running.result()
    assert result.status == "completed"
    assert {event.node: event.reason for event in running.of(events.Skipped)} == {
        "b": "It is disabled.",
        "c": "“b” is disabled.",
    }


def test_a_file_that_can_not_be_read_fails_its_step(start, tmp_path):
    file = tmp_path / "lines.txt"
    file.touch()
    running = start(({"r": ("read_lines", {"path": "lines.txt"})},), {})
    file.unlink()
    result = running.result()
    assert result.nodes["r"].error == {
        "code": "file-unreadable",
        "message": f"“{file}” can't be read: No such file or directory.",
    }


def test_an_error_of_the_engine_is_a_failure_of_the_step(start):
    running = start(CHAIN, {"b": [lambda job: job.future.set_exception(ValueError("a bug"))]})
    result = running.result()
    assert result.nodes["b"].error == {"code": "engine", "message": "The engine failed: a bug"}


def test_a_completed_step_is_told_with_its_result(start, clock):
    running = start(CHAIN, {"a": [lambda job: (job.compute(1.25, ("Early.",)), job.store())]})
    result = running.result()
    (told,) = [event for event in running.of(events.Completed) if event.node == "a"]
    assert told.seconds == result.nodes["a"].seconds == 1.25
    assert told.outputs == result.nodes["a"].outputs
    assert told.outputs["numbers"].rows == 3
    assert result.nodes["a"].warnings == ("Mind the gap.",)
    assert result.nodes["a"].log == running.logs / "a.log"
    assert result.id == "run-1"
    assert running.told() == ["RunStarted", "RunFinished"]
    (started,) = running.of(events.RunStarted)
    assert started.nodes == ("a", "b", "c")
    again = start(CHAIN, {})
    found = again.result()
    assert set(statuses(found).values()) == {"reused"}
    assert {event.node for event in again.of(events.Reused)} == {"a", "b", "c"}
    assert again.of(events.Reused)[0].outputs == found.nodes["a"].outputs == told.outputs
    assert again.executor.jobs == []


def test_values_are_dropped_from_memory_as_soon_as_no_step_needs_them(start):
    running = start(CHAIN, {})
    running.result()
    a, b, c = (job.task.key for job in running.executor.jobs)
    # “a” when “b” has read it, …; at the end all, whatever happened.
    dropped = running.executor.forgotten
    assert dropped.index(frozenset({a})) < dropped.index(frozenset({b, c}))
    assert dropped[-1] == {a, b, c}


@pytest.mark.parametrize("script", [{}, {"b": [bad]}, {"b": [lost, lost]}])
def test_a_run_that_is_over_keeps_nothing_for_itself(start, script):
    running = start(CHAIN, script)
    sizes = []
    release, tidy = running.store.release, running.store.tidy

    def released(owner):
        sizes.append("release")
        release(owner)

    def tidied():
        sizes.append("tidy")
        return tidy()

    running.store.release, running.store.tidy = released, tidied
    running.store.limit = 0
    pinned = []
    submit = running.executor.submit

    def submitted(task, *rest):
        pins = running.store._index.rows("SELECT key FROM pins WHERE owner = 'run-1'")
        pinned.append((task.key,) in pins)
        return submit(task, *rest)

    running.executor.submit = submitted
    running.result()
    # Each was kept while the run needed it, and all could go with its end.
    assert all(pinned)
    assert sizes == ["release", "tidy"]
    assert not any((running.store.folder / "entries").glob("*/*"))


def test_an_internal_error_leaves_no_step_running(start, monkeypatch):
    class Bug(Exception):
        pass

    running = start(({"a": "numbers", "d": "numbers"},), {"a": [hang]})
    submit = running.executor.submit

    def submitted(task, *rest):
        if task.node == "d":
            raise Bug
        return submit(task, *rest)

    running.executor.submit = submitted
    with pytest.raises(Bug):
        running.runner.run()
    (job,) = running.executor.jobs
    assert job.future.cancelled()
    assert running.store._index.rows("SELECT key FROM pins") == []
    running.store.close()


def test_a_listener_that_fails_harms_nothing(start):
    def fails(event):
        raise ValueError

    running = start(CHAIN, {}, listeners=[fails])
    assert running.result().status == "completed"
    assert running.told()[-1] == "RunFinished"


def test_without_reuse_every_step_runs_again(start):
    assert start(CHAIN, {}).result().status == "completed"
    running = start(CHAIN, {}, reuse=False)
    assert set(statuses(running.result()).values()) == {"completed"}
    assert running.executor.nodes == ["a", "b", "c"]
    assert all(job.task.replace for job in running.executor.jobs)


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_a_stored_result_that_a_step_would_read_is_made_again(start, harm):
    first = start(CHAIN, {})
    stored = first.result().nodes
    for node in "ab":
        (output,) = stored[node].outputs.values()
        data = output.path / "data"
        before = data.stat()
        data.write_text(node.upper())
        os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
        if harm == "gone":
            shutil.rmtree(output.path.parent)
    nodes = {"a": "numbers", "b": "add", "c": ("add", {"amount": 5.0})}
    again = start((nodes, *CHAIN[1:]), {})
    result = again.result()
    assert set(statuses(result).values()) == {"completed"}
    assert sorted(again.executor.nodes) == ["a", "b", "c"]
    for node in "ab":
        (output,) = result.nodes[node].outputs.values()
        assert (output.path / "data").read_text() == node
    told = {line.node: line.text for line in again.of(events.LogLine)}
    if harm == "damaged":
        assert "is damaged, so the step runs again: “" in told["b"]
        assert told["b"].startswith("The stored result of “Add” (b)")
    else:
        assert told == {}
