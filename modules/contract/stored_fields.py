"""The fields of a dataclass as files: readable JSON, and numpy's own for arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract.json_files import read_json, write_json

APART: Mapping[str, Any] = {"stored": False}
"""Metadata of a field that its class stores itself: ``field(metadata=APART)``."""


def write_fields(value: Any, folder: Path, name: str) -> None:
    """Write the fields of a dataclass into the file ``name`` of a folder.

    A field that is a numpy array becomes ``FIELD.npy``; one with the metadata :data:`APART`
    is skipped.
    """
    import numpy as np

    plain = {}
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if field.metadata == APART:
            continue
        if isinstance(content, np.ndarray):
            np.save(folder / f"{field.name}.npy", content, allow_pickle=False)
        else:
            plain[field.name] = content
    write_json(folder / name, plain)


def read_fields(folder: Path, name: str) -> dict[str, Any]:
    """Read what :func:`write_fields` wrote: keyword arguments for the class.

    Raises
    ------
    OSError, ValueError
        If the file can't be read.
    """
    import numpy as np

    plain = read_json(folder / name)
    for path in sorted(folder.glob("*.npy")):
        plain[path.stem] = np.load(path, allow_pickle=False)
    return plain
