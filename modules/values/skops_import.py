"""Import skops without all of scikit-learn.

On import, skops gets the names of all estimators from scikit-learn, which imports
every part of scikit-learn, and pytest and dask if they are installed: 0.8 s instead of 0.3.
The names are the same for each version of scikit-learn, so they are stored in
``sklearn_estimators.txt``. To regenerate it: ``python -m modules.values.skops_import``.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

NAMES = Path(__file__).with_name("sklearn_estimators.txt")
"""The version of scikit-learn, then the dotted name of one estimator per line."""


def import_skops() -> Any:
    """Return the package ``skops.io``; imports it the fast way if possible."""
    if "skops.io" in sys.modules:
        return sys.modules["skops.io"]
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
        return importlib.import_module("skops.io")
    finally:
        sklearn.utils.all_estimators = original


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
