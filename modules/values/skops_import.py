"""Import skops without all of scikit-learn, in a fifth of the time.

On import, skops gets the names of all estimators from scikit-learn, which imports
every part of scikit-learn, and PyTorch, pytest, and dask if they are installed.
The names are the same for each version of scikit-learn, so they are stored in
``sklearn_estimators.txt``. To regenerate it: ``python -m modules.values.skops_import``.
For each of SciPy's functions it also looks through all loaded modules for the first that has it;
once is enough for all of them.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

NAMES = Path(__file__).with_name("sklearn_estimators.txt")
"""The version of scikit-learn, then the dotted name of one estimator per line."""

_importing = threading.Lock()


def import_skops() -> Any:
    """Return the package ``skops.io``; imports it the fast way if possible."""
    with _importing:
        if "skops.io" in sys.modules:
            return sys.modules["skops.io"]
        with _stored_names(), _quick_search():
            return importlib.import_module("skops.io")


@contextmanager
def _stored_names() -> Iterator[None]:
    """Have scikit-learn return the stored names, if they are those of its version."""
    import sklearn.utils

    try:
        version, *names = NAMES.read_text("utf-8").split()
    except OSError:
        version, names = "", []
    original = sklearn.utils.all_estimators
    if version == sklearn.__version__:
        # skops uses only module and name of each class.
        found = [(name, _placeholder(name)) for name in names]
        sklearn.utils.all_estimators = lambda *_, **__: found
    try:
        yield
    finally:
        sklearn.utils.all_estimators = original


@contextmanager
def _quick_search() -> Iterator[None]:
    """Have skops find the modules of functions that don't name theirs in one pass."""
    import skops

    # The function is used while its package is imported: it has to be there before.
    package = ModuleType("skops.io")
    package.__path__ = [str(Path(skops.__path__[0]) / "io")]
    sys.modules["skops.io"] = package
    try:
        utils: Any = importlib.import_module("skops.io._utils")
    finally:
        del sys.modules["skops.io"]
    original = utils.whichmodule
    utils.whichmodule = _search(original)
    try:
        yield
    finally:
        utils.whichmodule = original


def _search(original: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
    """Return a function that finds what another one finds, and SciPy's functions quickly."""
    import numpy as np
    import scipy.special

    functions = {
        function.__name__: function
        for function in vars(scipy.special).values()
        if isinstance(function, np.ufunc) and getattr(function, "__module__", None) is None
    }
    found: dict[int, str] = {}
    for module_name, module in sys.modules.copy().items():
        if module_name not in ("__main__", "__mp_main__"):
            inside = getattr(module, "__dict__", {})
            for name in functions.keys() & inside.keys():
                if inside[name] is functions[name]:
                    found.setdefault(id(functions[name]), module_name)
    return lambda function, name: found.get(id(function)) or original(function, name)


def estimator_names() -> list[str]:
    """Return the dotted names of all estimators, as found by scikit-learn."""
    from sklearn.utils import all_estimators

    return sorted({f"{each.__module__}.{each.__name__}" for _, each in all_estimators()})


def _placeholder(name: str) -> type:
    module, _, own = name.rpartition(".")
    return type(own, (), {"__module__": module})


def _write() -> None:
    import sklearn

    NAMES.write_text("\n".join([sklearn.__version__, *estimator_names(), ""]), "utf-8")


if __name__ == "__main__":
    _write()
