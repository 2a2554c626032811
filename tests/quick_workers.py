"""Workers of the engine that start at once, for tests that are about something else.

To import pandas and scikit-learn takes a worker longer than its steps in a test. These are forked
from a process that has imported them and nothing of a run; each still is a process of its own, with
the environment that the test has. How workers start for a person is seen in tests/engine,
tests/samples, and wherever a test starts ``designer`` as a process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
from types import SimpleNamespace
from typing import Any

import pytest

LIBRARIES = [
    "designer.engine.executors.worker",
    "pandas",
    "pyarrow.csv",
    "pyarrow.parquet",
    "skops.io",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "sklearn.pipeline",
]


class QuickWorker(ForkServerProcess):
    """A process with the environment of the one that starts it, as a new interpreter has it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._environment = dict(os.environ)

    def _bootstrap(self, *arguments: Any, **options: Any) -> int:
        os.environ.clear()
        os.environ.update(self._environment)
        return super()._bootstrap(*arguments, **options)


class _Context(ForkServerContext):
    Process = QuickWorker


@contextmanager
def quick_workers() -> Iterator[None]:
    """Let the engine of this process start its workers so; elsewhere than on Linux, as ever."""
    if sys.platform != "linux":
        yield
        return
    from designer.engine.executors import processes

    stand_in = SimpleNamespace(get_context=lambda method: _context())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "multiprocessing", stand_in)
        yield


@cache
def _context() -> _Context:
    """Start the process that workers are forked from."""
    from designer.engine.executors import worker

    context = _Context()
    context.set_forkserver_preload(LIBRARIES)
    with pytest.MonkeyPatch.context() as patch:
        # Libraries read these when they are imported; a worker sets them before that.
        for name in worker._THREAD_VARIABLES:
            patch.setenv(name, "1")
        patch.setenv("GOMP_SPINCOUNT", "10000")
        forkserver.ensure_running()
    return context
