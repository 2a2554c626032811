"""Values that were kept beside a pipeline: the fitted parts of an inference pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from modules.contract.errors import ModuleError
from modules.contract.value import Value

V = TypeVar("V", bound=Value)


def load_saved(path: str, kind: type[V]) -> V:
    """Read a kept value for the parameter ``path``.

    Raises
    ------
    ModuleError
        If the folder is not there, holds nothing, or something else.
    """
    from modules.values.storage import load

    folder = Path(path).expanduser()
    if not path.strip() or not folder.is_dir():
        raise ModuleError(
            "folder-not-found",
            f"There is no folder “{path}”.",
            "Update the inference pipeline from a run of its training pipeline.",
            parameter="path",
        )
    value = load(folder)
    if not isinstance(value, kind):
        raise ModuleError(
            "wrong-value",
            f"“{folder.name}” contains {value.port_type.phrase}, not {kind.port_type.phrase}.",
            "Choose the folder of another value.",
            parameter="path",
        )
    return value


def inside(folder: Path, place: str) -> Path:
    """Return a place in a folder.

    Raises
    ------
    ModuleError
        If it leads out of the folder.
    """
    found = (folder / place).resolve()
    if not found.is_relative_to(folder.resolve()):
        raise ModuleError(
            "package-damaged",
            f"“{place}” leads out of the scoring package.",
            "Only use packages that ModelDesk wrote.",
        )
    return found
