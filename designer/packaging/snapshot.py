"""The folder of code that travels: ``modules``, the user's own modules, and plug-ins.

The same for every pipeline of the same modules, byte for byte, so that Azure ML
uploads it once and can detect that a step hasn't changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import modules
from designer.packaging.plug_ins import bundled_plug_ins, files_of

FOLDER = "snapshot"
"""Where the code is among the compiled files."""

EXAMPLES = "examples"
"""The folder of each category with what examples of its modules are made from."""


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


def write_snapshot(
    folder: Path, own_code: Iterable[OwnCode] = (), requires: Iterable[str] = ()
) -> None:
    """Write ``modules``, the user's own packages and the plug-ins into a new folder.

    The examples of modules stay at home: only the designer shows them.

    Parameters
    ----------
    requires : iterable of str
        Distributions that the modules need; the plug-ins among them travel.

    Raises
    ------
    OSError
        If a file can't be read or written.
    """
    root = Path(modules.__file__).parent
    found = files_of(root.name, root)
    _copy((each for each in found if each[1].relative_to(root).parts[1:2] != (EXAMPLES,)), folder)
    for own in own_code:
        found = files_of(own.name.replace(".", "/"), own.folder)
        _copy((each for each in found if each[1].suffix == ".py"), folder)
    for plug_in in bundled_plug_ins(requires):
        _copy(plug_in.files(), folder)
        for name, text in plug_in.metadata_files().items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8", newline="\n")


def _copy(files: Iterable[tuple[str, Path]], folder: Path) -> None:
    for name, path in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # Without times and permissions: they aren't part of the code.
        shutil.copyfile(path, target)
