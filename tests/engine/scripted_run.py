"""Runs of the engine whose workers are scripted: each moment can be met without waiting.

The scripted executor answers at once and on the thread of the run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from designer.engine import events
from designer.engine.executors.base import Computed, StepError, Task, TaskListener
from designer.engine.executors.exit_errors import lost_input, lost_result
from designer.engine.plan import make_plan
from designer.engine.results import RunResult
from designer.engine.runner import Runner
from designer.engine.store import entry as entries
from designer.engine.store.store import Store
from designer.workspace import Workspace

CHAIN = ({"a": "numbers", "b": "add", "c": "add"}, "a.numbers > b.first", "b.sums > c.first")
PORTS = {
    "numbers": "numbers",
    "add": "sums",
    "halves": "left",
    "script": "result",
    "dice": "numbers",
}
AGAIN = "The worker ended before this was stored, so the step runs again."


class Clock:
    """Seconds that pass only when a test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Job:
    """A task that the executor was given."""

    def __init__(self, store: Path, task: Task, listener: TaskListener) -> None:
        self.task = task
        self.listener = listener
        self.future: Future[entries.Manifest] = Future()
        self._store = store

    def compute(self, seconds: float = 0.5, warnings: tuple[str, ...] = ()) -> None:
        self.listener.running("1")
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
    job.listener.running("1")
    job.future.set_exception(StepError({"code": "bad", "message": "It is bad."}))


def hang(job: Job) -> None:
    """It runs and never ends."""
    job.listener.running("1")


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


def statuses(result: RunResult) -> dict[str, str]:
    return {node: each.status for node, each in result.nodes.items()}
