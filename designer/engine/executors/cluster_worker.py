"""What a Dask worker does for a run: pass steps to a process beside it, and watch them.

A thread of Dask's can't be ended. So the steps run in the same workers as on one's own
computer, started by a program beside Dask's, and a cancelled one ends within a second.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import json
import os
import platform
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

WATCHING = 0.1
"""Seconds between checks whether a step is still wanted."""

LIBRARIES = ("modeldesk", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops")
"""Those that decide the outputs of a step and how they are stored."""


@dataclass(frozen=True)
class Session:
    """One engine's use of a cluster.

    Parameters
    ----------
    store : str
        The folder of the store.
    packages : mapping of str to str
        Folders of the user's own modules by the name of their package.
    memory_limit : int or None
        Bytes that a step may use; None for a share of the worker's memory.
    """

    id: str
    store: str
    packages: Mapping[str, str]
    memory_limit: int | None = None

    @property
    def topic(self) -> str:
        """The token under which the steps report."""
        return f"modeldesk-{self.id}"


def versions() -> dict[str, str]:
    """Return by name what must be equal on all computers of a run."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    for name in LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found | {"ModelDesk's modules": _source_digest()}


def about(mark: str) -> dict[str, Any]:
    """Return whether this computer sees a new file, and its library versions."""
    sees = os.path.isfile(mark) and os.access(os.path.dirname(mark), os.W_OK)
    return {"sees": sees, "versions": versions()}


def run_step(task: dict[str, Any], log: str, session: Session, token: str) -> dict[str, Any]:
    """Run a task, on a thread of a Dask worker.

    Returns
    -------
    dict
        ``manifest`` of the entry that was stored; or ``error``, and whether the step was
        ``lost`` and may be tried again.
    """
    from distributed import get_worker

    worker: Any = get_worker()
    if not os.path.isdir(task["folder"]):
        error = {
            "code": "folder",
            "message": f"The worker {worker.address} can't see the folder “{task['folder']}”.",
            "hint": "Keep the pipeline in a folder that all computers share under the same path.",
        }
        return {"error": error, "lost": False}
    key = worker.get_current_task()
    host = _host(session, worker.state.nthreads)
    messages = host.start(token, task, log)
    wanted = True
    while True:
        try:
            message = messages.get(timeout=WATCHING)
        except queue.Empty:
            if wanted and _is_unwanted(worker, key):
                wanted = False
                host.send({"do": "cancel", "token": token})
            continue
        if message["kind"] == "end":
            outcome: dict[str, Any] = message["content"]
            return outcome
        worker.log_event(session.topic, message)


def end_session(session: Session) -> None:
    """End the process of a session."""
    with _lock:
        host = _hosts.pop(session.id, None)
    if host is not None:
        host.close()


class _Host:
    """The program beside this one that has the workers, and who waits for its messages."""

    def __init__(self, session: Session, slots: int) -> None:
        self._waiting: dict[str, queue.SimpleQueue[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        # An interrupt of the worker's terminal is for Dask alone, which ends its steps in order.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "designer.engine.executors.cluster_host"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self.send(
            {
                "store": session.store,
                "packages": dict(session.packages),
                "slots": slots,
                "memory_limit": session.memory_limit,
            }
        )
        threading.Thread(target=self._read, name="modeldesk host", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def start(
        self, token: str, task: dict[str, Any], log: str
    ) -> queue.SimpleQueue[dict[str, Any]]:
        messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with self._lock:
            self._waiting[token] = messages
        plain = {**task, "wanted": sorted(task["wanted"])}
        if not self.send({"do": "run", "token": token, "task": plain, "log": log}):
            self._report_lost()
        return messages

    def send(self, message: dict[str, Any]) -> bool:
        """Send the program a message; False if it has ended."""
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
        except (OSError, ValueError):
            return False
        return True

    def close(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            with self._lock:
                waiting = self._waiting.get(message["token"])
                if message["kind"] == "end":
                    self._waiting.pop(message["token"], None)
            if waiting is not None:
                waiting.put(message)
        self._report_lost()
        self._process.wait()

    def _report_lost(self) -> None:
        """End all steps of a program that has exited."""
        error = {"code": "worker-died", "message": "The workers on this computer have ended."}
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
        for messages in waiting:
            messages.put({"kind": "end", "content": {"error": error, "lost": True}})


def _host(session: Session, slots: int) -> _Host:
    with _lock:
        host = _hosts.get(session.id)
        if host is None or not host.is_alive:
            host = _hosts[session.id] = _Host(session, slots)
        return host


def _is_unwanted(worker: Any, key: str) -> bool:
    """Return whether a task was cancelled, or its client has gone, while it works."""
    task = worker.state.tasks.get(key)
    return task is None or task.state == "cancelled"


@functools.cache
def _source_digest() -> str:
    """Return a digest of the modules' source: equal versions may still differ in a checkout."""
    package = importlib.util.find_spec("modules")
    found = hashlib.sha256()
    for root in map(Path, (package and package.submodule_search_locations) or ()):
        for path in sorted(root.rglob("*.py")):
            found.update(path.relative_to(root).as_posix().encode())
            found.update(path.read_bytes())
    return found.hexdigest()[:12]


_lock = threading.Lock()
_hosts: dict[str, _Host] = {}
