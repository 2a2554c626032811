"""Workers that are forked from a process which has imported the libraries; Linux only."""

from __future__ import annotations

import os
from functools import cache
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext, ForkServerProcess
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


class ForkingContext(ForkServerContext):
    Process = QuickWorker


@cache
def forking_context() -> ForkingContext:
    """Start the process that workers are forked from."""
    from designer.engine.executors import worker

    context = ForkingContext()
    context.set_forkserver_preload(LIBRARIES)
    with pytest.MonkeyPatch.context() as patch:
        # Libraries read these when they are imported; a worker sets them before that.
        for name in worker._THREAD_VARIABLES:
            patch.setenv(name, "1")
        patch.setenv("GOMP_SPINCOUNT", "10000")
        forkserver.ensure_running()
    return context
