"""Hashes of the content of files and folders."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from blake3 import blake3

from modules.contract.regular_files import blocks_of


def file_digest(path: Path, check: Callable[[], None] | None = None) -> str:
    """Return the hash of a file's content.

    Parameters
    ----------
    check : callable, optional
        Called for each block; what it raises ends the reading.

    Raises
    ------
    OSError
        If it can't be read, isn't a file with an end, or changes meanwhile.
    """
    hasher = blake3()
    for block in blocks_of(path):
        if check is not None:
            check()
        hasher.update(block)
    return hasher.hexdigest()


def content_hash(path: Path) -> str:
    """Return the hash of a file, or of a folder's files with their relative names.

    Raises
    ------
    OSError
        See :func:`file_digest`.
    """
    if not path.is_dir():
        return file_digest(path)
    hasher = blake3()
    for file in sorted(files_in(path)):
        line = f"{file.relative_to(path).as_posix()}\0{file_digest(file)}\n"
        hasher.update(line.encode("utf-8", "surrogatepass"))
    return hasher.hexdigest()


def files_in(path: Path) -> list[Path]:
    """Return a file itself, or all files below a folder; none if there is neither."""
    if not path.is_dir():
        return [path] if path.is_file() else []
    return [Path(top, name) for top, _, names in os.walk(path) for name in names]
