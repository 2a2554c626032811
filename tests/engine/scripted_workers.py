"""An executor with scripted workers: processes that do nothing by themselves."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from designer.engine.executors.base import Computed, InputValue, Task, TaskListener
from designer.engine.executors.local import LocalExecutor
from designer.engine.store import entry as entries

DONE = Computed(frozenset({"out"}), 0.5)


class Process:
    """A worker that does nothing by itself."""

    made: list[Process]

    def __init__(self, name: str, store: Path, on_message: Any, on_end: Any, **more: Any) -> None:
        self.name = name
        self.exitcode: int | None = None
        self.exceeded: int | None = None
        self.peak = 0
        self.sent: list[tuple[Any, ...]] = []
        self.logs: dict[str, Any] = {}
        self.killed = threading.Event()
        self.closed = False
        self.more = more
        self._on_message, self._on_end = on_message, on_end
        self.made.append(self)

    def send(self, *message: Any) -> None:
        self.sent.append(message)

    def log_to(self, token: str, log: Any) -> None:
        self.logs[token] = log

    def kill(self, grace: float) -> None:
        self.grace = grace
        self.killed.set()

    def close(self) -> None:
        self.closed = True

    # What the test lets it do.

    def ready(self) -> None:
        self._on_message(self, ("ready",))

    def say(self, kind: str, token: str, *content: Any) -> None:
        self._on_message(self, (kind, token, *content))

    def die(self, exitcode: int | None = -9) -> None:
        self.exitcode = exitcode
        self._on_end(self)

    @property
    def tasks(self) -> list[str]:
        return [message[2].node for message in self.sent if message[0] == "run"]

    @property
    def token(self) -> str:
        return [message[1] for message in self.sent if message[0] == "run"][-1]

    def start(self) -> str:
        """Begin with the last task."""
        self.say("running", self.token)
        return self.token

    def compute(self) -> str:
        token = self.start()
        self.logs[token].close()
        self.say("ended", token, DONE)
        return token


class Desk:
    """An executor with scripted workers, and what its tasks have told."""

    def __init__(self, folder: Path, workers: int, **more: Any) -> None:
        self.store = folder / "store"
        self.executor = LocalExecutor(self.store, workers, **more)
        self.told: list[tuple[Any, ...]] = []
        self._logs = folder / "logs"

    def submit(self, node: str, *inputs: str, **more: Any) -> Any:
        task = Task(
            node,
            f"{node}-key",
            f"{node}-base",
            "m",
            None,
            "f",
            {},
            {source: InputValue(f"{source}-key", "out") for source in inputs},
            **more,
        )
        listener = TaskListener(
            running=lambda worker: self.told.append((node, "running")),
            progress=lambda fraction, text: self.told.append((node, fraction, text)),
            computed=lambda computed: self.told.append((node, computed)),
            line=lambda stream, text: self.told.append((node, stream, text)),
            trial=lambda trial: self.told.append((node, trial)),
        )
        return self.executor.submit(task, self._logs / f"{node}.log", listener)

    def put(self, node: str) -> None:
        """Store what a step has computed."""
        folder = entries.entry_folder(self.store, f"{node}-key")
        folder.mkdir(parents=True)
        (folder / entries.MANIFEST).touch()

    @property
    def processes(self) -> list[Process]:
        return Process.made
