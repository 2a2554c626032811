"""Transformations as files: readable JSON, numpy's arrays, and skops for what scikit-learn fitted.

Only classes of modules are ever imported, whatever a folder says.
"""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json, write_json
from modules.values.values import Transformation

OWN = "user_modules"
"""What a person's own modules are in; see :mod:`modules.runtime.loading`."""


def write_transformation(value: Transformation, folder: Path) -> None:
    """Write a transformation into a folder."""
    import numpy as np

    state: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if field.name == "estimator":
            from modules.values.estimators import write_estimator

            write_estimator(content, folder / "estimator.skops")
        elif isinstance(content, np.ndarray):
            np.save(folder / f"{field.name}.npy", content, allow_pickle=False)
        else:
            state[field.name] = content
    kind = f"{type(value).__module__}:{type(value).__qualname__}"
    write_json(folder / _FILE, {"kind": kind, "state": state})


def read_transformation(folder: Path) -> Transformation:
    """Read the transformation in a folder.

    Raises
    ------
    ModuleError
        If it is not one of this installation.
    """
    import numpy as np

    plain = read_json(folder / _FILE)
    kind = _class_of(plain["kind"])
    state = plain["state"]
    for path in sorted(folder.glob("*.npy")):
        state[path.stem] = np.load(path, allow_pickle=False)
    if (folder / "estimator.skops").exists():
        from modules.values.estimators import read_estimator

        state["estimator"] = read_estimator(folder / "estimator.skops")
    return kind(**state)


def own_packages(folder: Path) -> dict[str, Path]:
    """Return the packages of a person's own modules that reading stored values takes.

    Parameters
    ----------
    folder : Path
        Holds values, at any depth.

    Returns
    -------
    dict of str to Path
        The folder of each package by its name.

    Raises
    ------
    ModuleError
        If one of them is not here.
    """
    found = {}
    for file in sorted(folder.rglob(_FILE)):
        kind = read_json(file)["kind"]
        if kind.partition(".")[0] == OWN:
            package = ".".join(_class_of(kind).__module__.split(".")[:2])
            found[package] = Path(sys.modules[package].__path__[0])
    return found


def _class_of(name: str) -> type[Transformation]:
    """Return the class of a transformation; only classes of modules are ever imported."""
    place, _, kind = name.partition(":")
    if place.split(".")[0] in ("modules", OWN) and kind.isidentifier():
        for candidate in (place, *_own_today(place)):
            try:
                found = getattr(importlib.import_module(candidate), kind, None)
            except ImportError:
                continue
            if isinstance(found, type) and issubclass(found, Transformation):
                return found
    raise ModuleError(
        "transformation-unknown",
        f"“{name}” is not a transformation of this installation.",
        "Install the modules that it was made with, or run the pipeline again.",
    )


def _own_today(place: str) -> Iterator[str]:
    """Yield where a person's own module is by now, the latest first.

    Its package is called after the content of the folder, which may have another file since.
    """
    top, _, rest = place.partition(".")
    inside = rest.partition(".")[2]
    if top == OWN and inside:
        for package in [each for each in list(sys.modules) if each.rpartition(".")[0] == OWN][::-1]:
            yield f"{package}.{inside}"


_FILE = "transformation.json"
