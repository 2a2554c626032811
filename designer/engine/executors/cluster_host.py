"""The program beside a Dask worker: workers as on the user's computer, controlled by lines of JSON.

``python -m designer.engine.executors.cluster_host`` ends when its input does, that is with the
Dask worker, or when it had nothing to do for a while.
"""

from __future__ import annotations

import json
import queue
import socket
import sys
import threading
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from designer.engine.executors.base import InputValue, StepError, Task, TaskListener
from designer.engine.executors.local import LocalExecutor
from designer.engine.store.entry import Manifest

IDLE = 300
"""Seconds without a step after which the program ends; the next step starts another."""


def main() -> None:
    """Execute the commands on stdin."""
    output, sys.stdout = sys.stdout, sys.stderr
    settings = json.loads(sys.stdin.readline())
    executor = LocalExecutor(
        Path(settings["store"]),
        settings["slots"],
        settings["packages"],
        memory_limit=settings["memory_limit"],
    )
    host = _Host(executor, output)
    orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders,), daemon=True).start()
    try:
        while True:
            try:
                order = orders.get(timeout=IDLE)
            except queue.Empty:
                if host.idle:
                    return
                continue
            if order is None:
                return
            host.follow(order)
    finally:
        executor.close()


class _Host:
    def __init__(self, executor: LocalExecutor, output: TextIO) -> None:
        self._executor = executor
        self._output = output
        self._lock = threading.Lock()
        self._running: dict[str, Future[Manifest]] = {}

    @property
    def idle(self) -> bool:
        return not self._running

    def follow(self, order: dict[str, Any]) -> None:
        token = order["token"]
        if order["do"] == "cancel":
            future = self._running.get(token)
            if future is not None:
                future.cancel()
            return
        task = _task(order["task"])
        send = partial(self._send_event, token)
        listener = TaskListener(
            running=lambda worker: send("running", f"{socket.gethostname()} {worker}"),
            progress=lambda fraction, text: send("progress", [fraction, text]),
            computed=lambda computed: None,
            line=lambda stream, text: send("line", [stream, text]),
            trial=lambda trial: send("trial", asdict(trial)),
        )
        future = self._executor.submit(task, Path(order["log"]), listener)
        self._running[token] = future
        future.add_done_callback(partial(self._on_done, token, task))

    def _on_done(self, token: str, task: Task, future: Future[Manifest]) -> None:
        self._running.pop(token, None)
        # The next step of the run may be another computer's.
        self._executor.forget(frozenset((task.key,)))
        if future.cancelled():
            outcome: dict[str, Any] = {
                "error": {"code": "cancelled", "message": "This step was canceled."},
                "lost": False,
            }
        else:
            error = future.exception()
            if error is None:
                outcome = {"manifest": future.result()}
            elif isinstance(error, StepError):
                outcome = {"error": error.error, "lost": error.lost}
            else:
                outcome = {"error": {"code": "engine", "message": str(error)}, "lost": False}
        self._send_event(token, "end", outcome)

    def _send_event(self, token: str, kind: str, content: Any) -> None:
        line = json.dumps({"token": token, "kind": kind, "content": content}) + "\n"
        with self._lock:
            self._output.write(line)
            self._output.flush()


def _task(plain: dict[str, Any]) -> Task:
    inputs = {port: InputValue(**source) for port, source in plain["inputs"].items()}
    return Task(**{**plain, "inputs": inputs, "wanted": frozenset(plain["wanted"])})


def _read(orders: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    for line in sys.stdin:
        orders.put(json.loads(line))
    orders.put(None)


if __name__ == "__main__":
    main()
