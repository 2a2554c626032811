"""Files and folders that only the user can read.

What the user gives others (an exported file, scores, a saved pipeline) has the usual permissions;
what ModelDesk keeps contains their data and is private, whatever the folder that it is in. On
Windows the permissions of the user's folders do the same.
"""

from __future__ import annotations

import os
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_FILE, _FOLDER = 0o600, 0o700


def make_folder(folder: Path) -> Path:
    """Create a folder, and its parents, for the user alone; one that exists stays as it is.

    Raises
    ------
    OSError
        If it can't be created.
    """
    try:
        folder.mkdir(_FOLDER, exist_ok=True)
    except FileNotFoundError:
        make_folder(folder.parent)
        folder.mkdir(_FOLDER, exist_ok=True)
    return folder


def make_file(file: Path) -> Path:
    """Create an empty file for the user alone; one that exists stays as it is.

    SQLite gives the files beside a database the permissions of the database.

    Raises
    ------
    OSError
        If it can't be created.
    """
    file.touch(_FILE)
    return file


def private(path: str, flags: int) -> int:
    """Open a file for the user alone: the ``opener`` of :func:`open`."""
    return os.open(path, flags, _FILE)


def write_private(file: Path, text: str) -> None:
    """Write a text for the user alone.

    Raises
    ------
    OSError
        If it can't be written.
    """
    with open(file, "w", encoding="utf-8", opener=private) as stream:
        stream.write(text)


def make_private(path: Path, within: Path | None = None) -> None:
    """Let only the user read a file, or a folder with everything in it.

    Parameters
    ----------
    within : Path, optional
        Folders above the path are made private, too, up to this one.
    """
    if os.name != "posix":
        return
    _restrict(path)
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            _restrict(Path(folder, name))
    for parent in path.parents if within is not None else ():
        if within not in parent.parents:
            break
        _restrict(parent)


class PrivateLog(RotatingFileHandler):
    """A rotating log file for the user alone."""

    def _open(self) -> Any:
        return open(
            self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private
        )


def _restrict(path: Path) -> None:
    """Remove the permissions of others; the user's own stay."""
    with suppress(OSError):
        if not path.is_symlink():
            mode = path.stat().st_mode
            if mode & 0o077:
                path.chmod(mode & 0o7700)
