"""Scikit-learn objects on disk: skops with one fixed list of trusted types, canonical bytes.

A pickle is never loaded, and no file can name a type that is not on the list.
"""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError

TRUSTED = (
    "functools.partial",
    "modules.learning.features.FeatureEncoder",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfSquaredError",
    "sklearn._loss.link.IdentityLink",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss.loss.HalfSquaredError",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
    "sklearn.utils.validation.check_array",
)
"""Types beyond skops' own list. Each was read: building it runs no outside code. What a
``functools.partial`` would call is checked like every other type."""

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_estimator(estimator: Any, path: Path) -> None:
    """Write an estimator; equal estimators give equal bytes.

    skops names arrays and objects by memory address, which also tells whether equal numbers
    and texts happen to be one object, and arrays of records carry bytes between their
    fields that were never set. All are made canonical.

    Raises
    ------
    ModuleError
        If the estimator is of a type that could not be read back.
    """
    import skops.io

    data = skops.io.dumps(estimator)
    unknown = sorted(set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED))
    if unknown:
        raise ModuleError(
            "type-not-trusted",
            f"A model of type “{unknown[0]}” can't be stored safely.",
            "Use one of the learners of the palette.",
        )
    path.write_bytes(_canonical(data))


def read_estimator(path: Path) -> Any:
    """Read an estimator that :func:`write_estimator` wrote.

    Raises
    ------
    ModuleError
        If the file holds a type that is not trusted, or can't be read.
    """
    import skops.io

    try:
        unknown = sorted(set(skops.io.get_untrusted_types(file=path)) - set(TRUSTED))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ModuleError(
            "model-damaged", f"The stored model can't be read: {error}", "Train the model again."
        ) from error
    if unknown:
        raise ModuleError(
            "type-not-trusted",
            f"The model holds the type “{unknown[0]}”, which is not on the list of trusted types.",
            "Only open models that ModelDesk wrote.",
        )
    return skops.io.load(path, trusted=list(TRUSTED))


def _canonical(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as source:
        schema = json.loads(source.read("schema.json"))
        files: dict[str, str] = {}
        _renumber(schema, {}, itertools.count(1), files)
        contents = {files[name]: source.read(name) for name in files}
    contents["schema.json"] = json.dumps(schema, indent=1).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, _EPOCH)
            archive.writestr(entry, _without_gaps(content) if name.endswith(".npy") else content)
    return target.getvalue()


def _renumber(
    part: Any, numbers: dict[int, int], count: Iterator[int], files: dict[str, str]
) -> None:
    """Replace memory addresses by numbers in the order of appearance."""
    if isinstance(part, dict):
        address = part.get("__id__")
        if isinstance(address, int):
            # Plain values stand there in full each time; one number each loses nothing.
            if part.get("is_json") or address not in numbers:
                numbers[address] = next(count)
            part["__id__"] = numbers[address]
        name = part.get("file")
        if isinstance(name, str) and "__loader__" in part:
            suffix = name.rpartition(".")[2]
            part["file"] = files.setdefault(name, f"{len(files) + 1:06d}.{suffix}")
        for value in part.values():
            _renumber(value, numbers, count, files)
    elif isinstance(part, list):
        for value in part:
            _renumber(value, numbers, count, files)


def _without_gaps(content: bytes) -> bytes:
    """Zero the bytes between the fields of an array of records."""
    import numpy as np

    array = np.load(io.BytesIO(content), allow_pickle=False)
    names = array.dtype.names
    if names is None:
        return content
    clean = np.zeros(array.shape, array.dtype)
    for name in names:
        clean[name] = array[name]
    target = io.BytesIO()
    np.save(target, clean, allow_pickle=False)
    return target.getvalue()
