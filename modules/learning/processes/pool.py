"""Processes that answer questions about one problem: how good some settings are, for example.

One that fails ends none of the others. Each uses one thread: an answer depends on neither the
number of processes nor which one it was. A step runs in a process that :mod:`multiprocessing` lets
have no children, hence :mod:`subprocess`.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from modules.contract.registry.discovery import own_packages

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
_LEAST_MEMORY = 1_000_000_000


class ProcessEnded(Exception):
    """A process ended instead of answering; the text explains how."""


class Problem(Protocol):
    """What questions are about."""

    def save(self, folder: Path) -> None:
        """Write it for the processes, which read it with the class method ``load``."""


P = TypeVar("P", bound=Problem)
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Processes:
    """Processes for one problem; use it in a ``with`` statement.

    Parameters
    ----------
    problem : Problem
        Of a class at the top of its file.
    answer : callable
        Accepts the problem and a question, returns the answer; a function at the top of its file.
        Questions and answers can be pickled.
    count : int
        Questions at once.
    memory : int, optional
        Bytes that an answer may use; by default a share of what is available.
    """

    def __init__(
        self,
        problem: P,
        answer: Callable[[P, Question], Answer],
        count: int,
        memory: int | None = None,
    ) -> None:
        import psutil

        self._folder = tempfile.TemporaryDirectory(prefix="modeldesk-")
        problem.save(Path(self._folder.name))
        share = int(0.8 * psutil.virtual_memory().available / count)
        settings = {
            "folder": self._folder.name,
            "memory": memory or max(share, _LEAST_MEMORY),
            "problem": _name(type(problem)),
            "answer": _name(answer),
            "path": sys.path,
            "packages": own_packages(),
        }
        self._processes: list[_Process] = []
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for _ in range(count):
            self._processes.append(_Process(settings))
            self._free.put(self._processes[-1])
        self._threads = ThreadPoolExecutor(count, "questions")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; what wasn't answered stays unanswered."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        # Once for the threads that wait for an answer, and once for what they start meanwhile.
        for process in self._processes:
            process.kill()
        self._threads.shutdown()
        for process in self._processes:
            process.end()
        self._folder.cleanup()

    def ask(self, question: Any, may_start: Callable[[], bool] = lambda: True) -> Future[Any]:
        """Return the answer to come; its exception is ProcessEnded if the process ended.

        Parameters
        ----------
        may_start : callable
            Asked when a process is free, on any thread but in this context; if not, the answer
            is None.
        """
        return self._threads.submit(copy_context().run, self._answer, question, may_start)

    def _answer(self, question: Any, may_start: Callable[[], bool]) -> Any:
        if not may_start():
            return None
        process = self._free.get()
        try:
            return process.answer(question)
        finally:
            self._free.put(process)


class _Process:
    """One process, started again for the next question if one ended it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = self._start()

    def answer(self, question: Any) -> Any:
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(question, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)  # noqa: S301 - from the process below
        except (OSError, EOFError, pickle.UnpicklingError):
            code = process.wait()
            self.end()
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            raise ProcessEnded(f"process ended ({how}), perhaps out of memory") from None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            try:
                stream.close()
            except OSError:  # What was written last and not yet read.
                continue

    def _start(self) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join(sys.path)
        environment = os.environ | dict.fromkeys(_THREADS, "1")
        environment |= {"PYTHONPATH": paths, "PYTHONSAFEPATH": "1"}
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "modules.learning.processes.program",
                json.dumps(self._settings),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )


def _name(each: Any) -> str:
    return f"{each.__module__}:{each.__qualname__}"
