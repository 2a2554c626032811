"""Values saved beside a pipeline: the fitted parts of an inference pipeline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeVar

from modules.contract.errors import ModuleError
from modules.contract.value import Value

V = TypeVar("V", bound=Value)


def load_saved(path: str, kind: type[V]) -> V:
    """Read a saved value for the parameter ``path``.

    Raises
    ------
    ModuleError
        If the folder doesn't exist, or doesn't contain such a value.
    """
    from modules.values.storage import load

    folder = Path(path).expanduser()
    if not path.strip() or not folder.is_dir():
        raise ModuleError(
            "folder-not-found",
            f"Folder “{path}” doesn't exist.",
            "Update the inference pipeline from a run of its training pipeline.",
            parameter="path",
        )
    value = load(folder)
    if not isinstance(value, kind):
        raise ModuleError(
            "wrong-value",
            f"“{folder.name}” contains {value.port_type.phrase}, not {kind.port_type.phrase}.",
            "Choose another folder.",
            parameter="path",
        )
    return value


def inside(folder: Path, path: str) -> Path:
    """Return a path inside a folder.

    Raises
    ------
    ModuleError
        If it is outside the folder.
    """
    found = (folder / path).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise ModuleError(
            "package-damaged",
            f"“{path}” is outside the scoring package.",
            "Only use packages written by ModelDesk.",
        )
    return found


def check_self_contained(folder: Path) -> None:
    """Check that a folder contains files and folders only, and no link leads out of it.

    Raises
    ------
    ModuleError
        For the first one that doesn't belong there.
    """
    root = folder.resolve()
    waiting = [root]
    while waiting:
        for entry in sorted(os.scandir(waiting.pop()), key=lambda entry: entry.name):
            path = Path(entry.path)
            # On Windows there are links of another kind, too.
            if entry.is_symlink() or os.name == "nt":
                found = path.resolve()
                whole = found.is_relative_to(root) and (found.is_file() or found.is_dir())
            else:
                whole = entry.is_file() or entry.is_dir()
            if not whole:
                what = "a link out of it" if entry.is_symlink() else "not a file"
                raise ModuleError(
                    "package-damaged",
                    f"“{path.relative_to(root).as_posix()}” in the scoring package is {what}.",
                    "Only use packages written by ModelDesk.",
                )
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
