"""Scikit-learn objects on disk: skops with declared types, canonical bytes.

A pickle is never loaded. A file may contain skops' own types (numpy's, and scikit-learn's plain
estimators) and those that the caller passes: the reviewed types declared by the module that
made the value. Declarations of other modules don't count.
"""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.contract.installed import declarations, load_module
from modules.values.skops_import import import_skops

_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_estimator(estimator: Any, path: Path, trusted: Collection[str] = ()) -> None:
    """Write an estimator; equal estimators are written as equal bytes.

    skops names arrays and objects by memory address, which also shows whether equal numbers
    and texts happen to be the same object, and arrays of records contain uninitialized bytes
    between their fields. All are made canonical.

    Parameters
    ----------
    trusted : collection of str
        Dotted names of types beyond skops' own; see
        :func:`modules.contract.installed.trusted_types`.

    Raises
    ------
    ModuleError
        If the type of the estimator couldn't be read back.
    """
    skops_io = import_skops()

    data = skops_io.dumps(estimator)
    unknown = sorted(set(skops_io.get_untrusted_types(data=data)) - set(trusted))
    if unknown:
        raise ModuleError(
            "type-not-trusted",
            f"“{unknown[0]}” can't be stored safely: its module doesn't declare it.",
            "Use another learner, or add the type to “trusted” of its module.",
        )
    path.write_bytes(_canonical(data))


def read_estimator(path: Path, trusted: Collection[str] = (), made_by: str = "") -> Any:
    """Read an estimator that :func:`write_estimator` wrote.

    Parameters
    ----------
    trusted : collection of str
        As for :func:`write_estimator`.
    made_by : str
        Dotted name of the module that declares them.

    Raises
    ------
    ModuleError
        If the file contains a type that isn't trusted, or can't be read.
    """
    skops_io = import_skops()

    try:
        unknown = sorted(set(skops_io.get_untrusted_types(file=path)) - set(trusted))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise ModuleError(
            "model-damaged", f"The stored model can't be read: {error}", "Train the model again."
        ) from error
    if unknown:
        if made_by and not declarations(made_by):
            load_module(made_by)
        raise ModuleError(
            "type-not-trusted",
            f"The file contains the type “{unknown[0]}”, which its module doesn't declare.",
            "Open only models written by ModelDesk, and install the modules that made them.",
        )
    return skops_io.load(path, trusted=list(trusted))


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
            # Plain values are written in full each time, so unique numbers don't lose anything.
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
