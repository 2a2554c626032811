"""The surroundings of a step: threads, random start, folder, environment and warnings."""

from __future__ import annotations

import importlib
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from modules.contract.context import ModuleWarning, using_threads


def preload() -> None:
    """Import the libraries that almost every step needs and that bring their own threads."""
    for name in ("pandas", "pyarrow", "scipy.linalg", "sklearn.base", "sklearn.utils.extmath"):
        importlib.import_module(name)


@contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """Let numeric libraries use so many threads; None leaves them as they are."""
    if threads is None:
        yield
        return
    # A library that is loaded after the limit is set would not obey it.
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
def own_surroundings() -> Iterator[None]:
    """Undo what a step changes around itself, and give each the same random start."""
    folder, environment = os.getcwd(), dict(os.environ)
    random.seed(0)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(0)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)


@contextmanager
def told_warnings(on_warning: Callable[[str], None] | None) -> Iterator[None]:
    """Tell what modules warn of; other warnings are printed, so that the log has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.simplefilter("always", ModuleWarning)
        show = warnings.showwarning

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: Any = None,
            line: str | None = None,
        ) -> None:
            if on_warning is not None and issubclass(category, ModuleWarning):
                on_warning(str(message))
            else:
                show(message, category, filename, lineno, file, line)

        warnings.showwarning = tell
        yield
