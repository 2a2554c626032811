"""What a worker imports before its first step, and what numeric libraries read when they load."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable

from modules.runtime.isolation import PRELOADED
from modules.values.skops_import import import_skops

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


def limit_threads() -> None:
    """Set the environment that keeps libraries from starting threads when they are imported."""
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"
    # OpenMP's threads wait for each other by spinning. Measured on a busy machine, fits
    # of boosted trees took 3 to 14 times as long with the usual 300,000 spins; with this
    # number they are as fast as ever on a quiet one.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def preload(wanted: Callable[[], bool] = lambda: True) -> None:
    """Import what almost every step needs.

    Parameters
    ----------
    wanted : callable
        Called between two libraries; returns whether to continue.
    """
    for name in (*PRELOADED, *_LIBRARIES):
        if not wanted():
            return
        importlib.import_module(name)
    import_skops()


_LIBRARIES = (
    "sklearn.linear_model",
    "sklearn.pipeline",
    "modules.values.storage",
)
