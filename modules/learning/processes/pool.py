"""Processes that answer questions about one problem: how good some settings are, for example.

One that fails ends none of the others. Each uses one thread: an answer depends on neither the
number of processes nor which one it was. A question that ends its process, or whose answer is
doubtful, is asked again of a new one while the others wait, with the memory of all. A step runs in
a process that :mod:`multiprocessing` lets have no children, hence :mod:`subprocess`.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from modules.contract.registry.discovery import own_packages

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
_LEAST_MEMORY = 1_000_000_000


class ProcessEnded(Exception):
    """A process ended instead of answering, or can't be started; the text explains how."""


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
        Bytes that each of them may use; by default an equal share of what is available.
    is_doubtful : callable, optional
        Whether an answer may be due to too little memory; libraries that were loaded meanwhile
        are perhaps broken.
    """

    def __init__(
        self,
        problem: P,
        answer: Callable[[P, Question], Answer],
        count: int,
        memory: int | None = None,
        is_doubtful: Callable[[Answer], bool] = lambda _: False,
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
        self._is_doubtful = is_doubtful
        self._alone = threading.Lock()
        self._processes = [_Process(settings) for _ in range(count)]
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._threads = ThreadPoolExecutor(count, "questions")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes; what wasn't answered stays unanswered."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            process.close()
        self._threads.shutdown()
        for process in self._processes:
            process.end()
        self._folder.cleanup()

    def ask(self, question: Any, may_start: Callable[[], bool] = lambda: True) -> Future[Any]:
        """Return the answer to come; its exception is ProcessEnded if it ends its process.

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
            answer, ended = process.answer(question), None
            if not self._is_doubtful(answer):
                return answer
            process.end()
        except ProcessEnded as error:
            answer, ended = None, error
        finally:
            self._free.put(process)
        # Perhaps the others used the memory, or the system ended the process because of them.
        if may_start():
            return self._answer_alone(question)
        if ended is not None:
            raise ended
        return answer

    def _answer_alone(self, question: Any) -> Any:
        """Return the answer of a process with the memory of all while the others are ended."""
        with self._alone:
            processes = [self._free.get() for _ in self._processes]
            try:
                for process in processes:
                    process.end()
                return processes[0].answer(question, shares=len(processes))
            finally:
                # The next question gets a process with a share.
                processes[0].end()
                for process in processes:
                    self._free.put(process)


class _Process:
    """One process, started again for the next question if one ended it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._starting = threading.Lock()
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = None
        with suppress(ProcessEnded):
            self._start(1)

    def answer(self, question: Any, shares: int = 1) -> Any:
        """Return the answer of the process, or of a new one that may use several shares."""
        process = self._process or self._start(shares)
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

    def close(self) -> None:
        """End the process, also while another thread waits for its answer, and start no other."""
        with self._starting:
            self._closed = True
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

    def _start(self, shares: int) -> subprocess.Popen[bytes]:
        paths = os.pathsep.join(sys.path)
        environment = os.environ | dict.fromkeys(_THREADS, "1")
        environment |= {"PYTHONPATH": paths, "PYTHONSAFEPATH": "1"}
        settings = self._settings | {"memory": self._settings["memory"] * shares}
        with self._starting:
            if self._closed:
                raise ProcessEnded("process wasn't started, because the search ended")
            try:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "modules.learning.processes.program",
                        json.dumps(settings),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=environment,
                )
            except OSError as error:
                raise ProcessEnded(f"process couldn't be started: {error}") from None
        return self._process


def _name(each: Any) -> str:
    return f"{each.__module__}:{each.__qualname__}"
