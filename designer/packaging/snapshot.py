"""The folder of code that travels: ``modules``, and the user's own modules.

The same for every pipeline of the same modules, byte for byte, so that Azure ML
uploads it once and can tell that a step hasn't changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import modules

FOLDER = "snapshot"
"""Where the code is among the compiled files."""


@dataclass(frozen=True)
class OwnCode:
    """Python files outside of ``modules`` that travel with it.

    Parameters
    ----------
    name : str
        The dotted name of the package that the folder is.
    folder : Path
        Where it is on this computer.
    """

    name: str
    folder: Path


def write_snapshot(folder: Path, own_code: Iterable[OwnCode] = ()) -> None:
    """Write ``modules`` and the user's own packages into a new folder.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    root = Path(modules.__file__).parent
    _copy(code_of(root.name, root, everything=True), folder)
    for own in own_code:
        _copy(code_of(own.name.replace(".", "/"), own.folder), folder)


def code_of(prefix: str, folder: Path, *, everything: bool = False) -> Iterable[tuple[str, Path]]:
    """Yield the files of a package with the names they get, in order.

    Parameters
    ----------
    everything : bool
        Files that aren't Python, too.
    """
    for path in sorted(folder.rglob("*" if everything else "*.py")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside.parts)
        if path.is_file() and not hidden and path.suffix != ".pyc":
            yield f"{prefix}/{inside.as_posix()}", path


def _copy(files: Iterable[tuple[str, Path]], folder: Path) -> None:
    for name, path in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Without the time and the rights: they aren't part of the code.
        shutil.copyfile(path, target)
