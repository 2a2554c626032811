"""Processes in which trials run, so that one that fails ends none of the others.

Each uses one thread: an outcome depends on neither the number of processes nor which one it was.
A step runs in a process that :mod:`multiprocessing` lets have no children, hence
:mod:`subprocess`.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Self

from modules.automated_ml._outcome import Outcome
from modules.automated_ml._problem import Problem
from modules.automated_ml._trial import Proposal, evaluate
from modules.contract.context import using_threads
from modules.contract.registry.discovery import own_packages

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT")
_LEAST_MEMORY = 1_000_000_000


class Pool:
    """Worker processes for the trials of one problem; use it in a ``with`` statement.

    Parameters
    ----------
    workers : int
        Trials at once.
    memory : int, optional
        Bytes that a trial may use; by default a share of what is available.
    """

    def __init__(self, problem: Problem, workers: int, memory: int | None = None) -> None:
        import psutil

        self._folder = tempfile.TemporaryDirectory(prefix="modeldesk-")
        problem.save(Path(self._folder.name))
        share = int(0.8 * psutil.virtual_memory().available / workers)
        self._memory = memory or max(share, _LEAST_MEMORY)
        self._processes: list[_Process] = []
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for _ in range(workers):
            self._processes.append(_Process(self._folder.name, self._memory))
            self._free.put(self._processes[-1])
        self._threads = ThreadPoolExecutor(workers, "trials")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes:
            process.end()
        self._threads.shutdown(cancel_futures=True)
        self._folder.cleanup()

    def run(
        self,
        proposals: Sequence[Proposal],
        on_outcome: Callable[[Proposal, Outcome], None],
        may_start: Callable[[], bool],
    ) -> dict[int, Outcome]:
        """Evaluate proposals, as many at once as there are processes.

        Parameters
        ----------
        on_outcome : callable
            Called on this thread for each, in the order in which they end.
        may_start : callable
            Asked before each one, on any thread; those that may not start are left out.

        Returns
        -------
        dict of int to Outcome
            By the number of the proposal.
        """
        futures = {
            self._threads.submit(self._evaluate, proposal, may_start): proposal
            for proposal in proposals
        }
        found = {}
        for future in as_completed(futures):
            outcome = future.result()
            if outcome is not None:
                proposal = futures[future]
                found[proposal.number] = outcome
                on_outcome(proposal, outcome)
        return found

    def _evaluate(self, proposal: Proposal, may_start: Callable[[], bool]) -> Outcome | None:
        if not may_start():
            return None
        process = self._free.get()
        try:
            return process.evaluate(proposal)
        finally:
            self._free.put(process)


class Here:
    """Runs trials in this process; like :class:`Pool` where one process would be no gain.

    If the only trial ends its process, there is no result anyway.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def run(
        self,
        proposals: Sequence[Proposal],
        on_outcome: Callable[[Proposal, Outcome], None],
        may_start: Callable[[], bool],
    ) -> dict[int, Outcome]:
        """Evaluate proposals one after the other; see :meth:`Pool.run`."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        found = {}
        for proposal in proposals:
            if not may_start():
                break
            with using_threads(1), threadpool_limits(1):
                found[proposal.number] = evaluate(self._problem, proposal)
            on_outcome(proposal, found[proposal.number])
        return found


class _Process:
    """One process, started again if a trial ends it."""

    def __init__(self, folder: str, memory: int) -> None:
        self._settings = {
            "folder": folder,
            "memory": memory,
            "path": sys.path,
            "packages": own_packages(),
        }
        self._process = self._start()

    def evaluate(self, proposal: Proposal) -> Outcome:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(proposal, self._process.stdin)
            self._process.stdin.flush()
            found: Outcome = pickle.load(self._process.stdout)  # noqa: S301 - from the worker
        except (OSError, EOFError, pickle.UnpicklingError):
            code = self._process.wait()
            self.end()
            self._process = self._start()
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            return Outcome(problem=f"The trial's process ended ({how}), perhaps out of memory")
        return found

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
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
            [sys.executable, "-m", "modules.automated_ml._worker", json.dumps(self._settings)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
