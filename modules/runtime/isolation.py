"""Isolation of a step: threads, random state, folder, environment and warnings."""

from __future__ import annotations

import decimal
import importlib
import os
import random
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import Any

from modules.contract.context import ModuleWarning, using_threads
from modules.contract.secrets import masked

PRELOADED = ("pandas", "pyarrow", "scipy.linalg", "sklearn.base", "sklearn.utils.extmath")
"""Libraries that almost every step needs and that start their own threads."""


def preload() -> None:
    """Import the libraries that almost every step needs and that start their own threads."""
    for name in PRELOADED:
        importlib.import_module(name)


def limit_memory(gigabytes: float | None) -> None:
    """Limit what this process may write to from now on, where the system can: on Linux.

    What is mapped from files doesn't count. Where the limit is reached, Python raises
    ``MemoryError``.
    """
    if gigabytes is None or sys.platform != "linux":
        return
    import resource

    import psutil

    limit = psutil.Process().memory_info().data + int(gigabytes * 1e9)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


@contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """Limit the threads of numeric libraries; None doesn't change them."""
    if threads is None:
        yield
        return
    # A library that is loaded after the limit is set would ignore it.
    preload()
    import pyarrow
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    before = os.environ.get("LOKY_MAX_CPU_COUNT")
    os.environ["LOKY_MAX_CPU_COUNT"] = str(threads)
    pyarrow.set_cpu_count(threads)
    try:
        with threadpool_limits(limits=threads), using_threads(threads):
            yield
    finally:
        if before is None:
            os.environ.pop("LOKY_MAX_CPU_COUNT", None)
        else:
            os.environ["LOKY_MAX_CPU_COUNT"] = before


@contextmanager
def isolated_state() -> Iterator[None]:
    """Restore global state after a step, and start each step with the same random state.

    The process is reused for other steps: neither library options nor process limits may
    influence their results.
    """
    folder, environment = os.getcwd(), dict(os.environ)
    path, modules, recursion = list(sys.path), dict(sys.modules), sys.getrecursionlimit()
    random.seed(0)
    if "numpy" in modules:
        import numpy as np

        np.random.seed(0)
    try:
        with ExitStack() as settings:
            for each in _settings_of_libraries():
                settings.enter_context(each)
            settings.enter_context(_limits_of_the_process())
            yield
    finally:
        sys.setrecursionlimit(recursion)
        sys.path[:] = path
        for name, loaded in modules.items():
            if sys.modules.get(name) is not loaded:
                sys.modules[name] = loaded
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)


@contextmanager
def reported_warnings(on_warning: Callable[[str], None] | None) -> Iterator[None]:
    """Report warnings from modules; other warnings are printed, so that the log has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("always", ModuleWarning)
        show = warnings.showwarning

        def report(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: Any = None,
            line: str | None = None,
        ) -> None:
            if on_warning is not None and issubclass(category, ModuleWarning):
                on_warning(masked(str(message)))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = report
        yield


def _settings_of_libraries() -> Iterator[AbstractContextManager[Any]]:
    """Yield context managers that restore library options that influence results."""
    yield decimal.localcontext()
    if "numpy" in sys.modules:
        import numpy as np

        yield np.errstate()
    if "pandas" in sys.modules:
        yield _pandas_options()
    if "sklearn" in sys.modules:
        import sklearn

        yield sklearn.config_context()


@contextmanager
def _pandas_options() -> Iterator[None]:
    known = _known_options()
    try:
        yield
    finally:
        for name, value in _known_options().items():
            if value != known[name]:
                _quietly("set_option", name, known[name])


def _known_options() -> dict[str, Any]:
    options = {}
    for name in _PANDAS_OPTIONS:
        with suppress(KeyError):
            options[name] = _quietly("get_option", name)
    return options


def _quietly(what: str, *arguments: Any) -> Any:
    """Get or set a pandas option without its deprecation warning."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(pd, what)(*arguments)


@contextmanager
def _limits_of_the_process() -> Iterator[None]:
    """Restore operating system limits, cancel alarms, and restore the file mode mask."""
    if sys.platform == "win32":
        # Not supported on this system.
        yield
        return
    import resource

    kinds = {value for name, value in vars(resource).items() if name.startswith("RLIMIT_")}
    limits = {}
    for kind in kinds:
        with suppress(OSError, ValueError):
            limits[kind] = resource.getrlimit(kind)
    mask = os.umask(0)
    os.umask(mask)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.umask(mask)
        for kind, limit in limits.items():
            # A lowered hard limit can't be restored.
            with suppress(OSError, ValueError):
                if resource.getrlimit(kind) != limit:
                    resource.setrlimit(kind, limit)


_PANDAS_OPTIONS = (
    "compute.use_bottleneck",
    "compute.use_numba",
    "compute.use_numexpr",
    "future.infer_string",
    "mode.string_storage",
)
