"""Import skops without all of scikit-learn.

When skops is imported it asks scikit-learn for the names of all its estimators, which imports
every part of scikit-learn, and pytest and dask where they are installed: 0.8 s instead of 0.3.
The names are the same for everybody who has this version of scikit-learn, so they stand in
``sklearn_estimators.txt``. To write it anew: ``python -m modules.values.skops_import``.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

NAMES = Path(__file__).with_name("sklearn_estimators.txt")
"""The version of scikit-learn, and in each further line the dotted name of an estimator."""


def import_skops() -> Any:
    """Return the package ``skops.io``; imports it the short way if it can."""
    if "skops.io" in sys.modules:
        return sys.modules["skops.io"]
    import sklearn.utils

    try:
        version, *names = NAMES.read_text("utf-8").split()
    except OSError:
        version, names = "", []
    original = sklearn.utils.all_estimators
    if version == sklearn.__version__:
        # skops takes nothing but module and name from each class.
        found = [(name, _stand_in(name)) for name in names]
        sklearn.utils.all_estimators = lambda *_, **__: found
    try:
        return importlib.import_module("skops.io")
    finally:
        sklearn.utils.all_estimators = original


def estimator_names() -> list[str]:
    """Return the dotted names of all estimators, as scikit-learn finds them."""
    from sklearn.utils import all_estimators

    return sorted({f"{each.__module__}.{each.__name__}" for _, each in all_estimators()})


def _stand_in(name: str) -> type:
    module, _, own = name.rpartition(".")
    return type(own, (), {"__module__": module})


def _write() -> None:
    import sklearn

    NAMES.write_text("\n".join([sklearn.__version__, *estimator_names(), ""]), "utf-8")


if __name__ == "__main__":
    _write()
