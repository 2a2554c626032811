"""The folder of a scoring package: its content and integrity.

``MANIFEST.json`` lists every file with its size and hash. It proves that a package is
unchanged; it doesn't prove who wrote it. Only trusted types are read from a package, and
what it does beyond computing has to be allowed (:mod:`modules.scoring.effects`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract.errors import ModuleError
from modules.contract.json_files import read_json
from modules.values.saved import check_self_contained, inside

MANIFEST = "MANIFEST.json"
MODEL = "model"
"""The scoring folder within a package; see :mod:`modules.scoring`."""

OPENAPI = "openapi.json"
SWAGGER = "swagger.json"
SAMPLE = "sample_request.json"
FORMAT = 1

_AGAIN = "Create the scoring package again."


def write_manifest(folder: Path, content: Mapping[str, Any]) -> dict[str, Any]:
    """Write the manifest of a finished package and return it.

    Parameters
    ----------
    content : mapping
        Other facts about the package, ``compiled`` for example. Without a timestamp, so
        that equal packages have equal manifests.
    """
    files = {
        name: {"size": (folder / name).stat().st_size, "sha256": _hash(folder / name)}
        for name in _names(folder)
    }
    manifest = {"format": FORMAT, **content, "files": dict(sorted(files.items()))}
    text = json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=False)
    (folder / MANIFEST).write_text(text + "\n", "utf-8", newline="\n")
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a package.

    Raises
    ------
    ModuleError
        If the folder isn't a package, or one of a newer format.
    """
    try:
        manifest = read_json(folder / MANIFEST)
        version, files = manifest["format"], manifest["files"]
        if not isinstance(files, dict):
            raise TypeError("its list of files is invalid")
    except FileNotFoundError:
        raise ModuleError(
            "not-a-package",
            f"“{folder.name}” isn't a scoring package: it doesn't contain {MANIFEST}.",
            "Deploy a pipeline to create one.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModuleError(
            "package-damaged", f"The manifest of “{folder.name}” can't be read: {error}.", _AGAIN
        ) from error
    if version != FORMAT:
        raise ModuleError(
            "package-too-new",
            f"The scoring package “{folder.name}” has format {version}; this version supports "
            f"{FORMAT}.",
            "Update ModelDesk, or create the scoring package again.",
        )
    found: dict[str, Any] = manifest
    return found


def verify(folder: Path, *, only: str = "", model: Path | None = None) -> dict[str, Any]:
    """Check every file of a package against its manifest, and return that.

    Parameters
    ----------
    only : str
        Check only the files whose name starts with this.
    model : Path, optional
        The scoring folder, if it isn't in the package.

    Raises
    ------
    ModuleError
        If it isn't a package, or a file is missing, changed, or unexpected.
    """
    folder = folder.absolute()
    check_self_contained(folder)
    if model is not None:
        model = model.absolute()
        check_self_contained(model)
    manifest = read_manifest(folder)
    listed = manifest["files"]
    for name, expected in listed.items():
        if not name.startswith(only):
            continue
        path = _listed(folder, name)
        if model is not None and name.startswith(f"{MODEL}/"):
            path = _listed(model, name.removeprefix(f"{MODEL}/"))
        try:
            whole = path.stat().st_size == expected["size"] and _hash(path) == expected["sha256"]
        except FileNotFoundError:
            raise ModuleError(
                "package-damaged", f"The file “{name}” of the scoring package is missing.", _AGAIN
            ) from None
        except (OSError, KeyError, TypeError) as error:
            raise ModuleError(
                "package-damaged", f"The file “{name}” can't be checked: {error}.", _AGAIN
            ) from error
        if not whole:
            raise ModuleError(
                "package-damaged",
                f"The file “{name}” of the scoring package is damaged or was changed.",
                _AGAIN,
            )
    if not only:
        for name in _names(folder):
            if name not in listed:
                raise ModuleError(
                    "package-damaged",
                    f"The file “{name}” doesn't belong to the scoring package.",
                    "Delete it, or create the scoring package again.",
                )
    return manifest


def _listed(folder: Path, name: str) -> Path:
    """Return a file in the manifest of a folder whose links stay in it."""
    path = Path(os.path.normpath(folder / name))
    return path if path.is_relative_to(folder) else inside(folder, name)


def _names(folder: Path) -> list[str]:
    """Return the files of a package, except its manifest and Python's caches."""
    found = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [each for each in folders if each != "__pycache__"]
        prefix = "" if parent == str(folder) else f"{Path(parent).relative_to(folder).as_posix()}/"
        found += [f"{prefix}{name}" for name in files]
    return sorted(name for name in found if name != MANIFEST)


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
