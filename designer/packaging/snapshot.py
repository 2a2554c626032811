"""The folder of code that travels: ``modules``, and the person's own modules.

The same for every pipeline of the same modules, byte for byte, so that Azure ML
uploads it once and can tell that a step has not changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from designer.azure.compile.step_ports import PARAMETERS_FILE
from designer.azure.compile.steps import Description
from modules import step as step_program

FOLDER = "snapshot"
"""Where the code is among the compiled files."""


def write_snapshot(description: Description, folder: Path) -> None:
    """Write the code that the steps need into a new folder.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    modules = Path(step_program.__file__).parent
    _copy(code_of(modules.name, modules, everything=True), folder)
    for own in description.own_code:
        _copy(code_of(own.name.replace(".", "/"), own.folder), folder)


def write_uploads(description: Description, folder: Path) -> None:
    """Write what has to be uploaded below a folder: data files and parameters.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    for upload in description.uploads:
        place = folder / upload.folder
        if upload.source is None:
            place.mkdir(parents=True, exist_ok=True)
            (place / PARAMETERS_FILE).write_text(upload.content, "utf-8", newline="\n")
        elif upload.source.is_dir():
            shutil.copytree(upload.source, place)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(upload.source, place / upload.source.name)


def code_of(prefix: str, folder: Path, *, everything: bool = False) -> Iterable[tuple[str, Path]]:
    """Yield the files of a package with the names they get, in order.

    Parameters
    ----------
    everything : bool
        Files that are no Python too.
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
        # Without the time and the rights: they are no part of the code.
        shutil.copyfile(path, target)
