"""Values stored beside an inference pipeline, in folders named after their content."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path


def keep_folder(source: Path, folder: Path, name: str) -> Path:
    """Copy a folder into another under a name with its content's hash; return the copy.

    What is there already stays: equal content has an equal name.

    Raises
    ------
    OSError
        If it can't be read or written.
    """
    return _kept(folder, name, lambda fresh: _copy(source, fresh))


def store_made(make: Callable[[Path], object], folder: Path, name: str) -> Path:
    """Store what a function writes into the folder passed to it."""
    return _kept(folder, name, make)


def relative_path(path: Path, base: Path) -> str:
    """Return a path as stored in a pipeline file: relative if it is in the same tree."""
    try:
        found = os.path.relpath(path, base)
    except ValueError:
        # Another drive.
        return path.as_posix()
    parts = Path(found).parts
    return path.as_posix() if parts.count("..") > 2 else Path(found).as_posix()


def content_hash(path: Path) -> str:
    """Return the hash of a file or of everything in a folder."""
    digest = hashlib.blake2b(digest_size=8)
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in files:
        name = file.name if file == path else file.relative_to(path).as_posix()
        digest.update(f"{name}\0{file.stat().st_size}\0".encode())
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _kept(folder: Path, name: str, make: Callable[[Path], object]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{secrets.token_hex(6)}"
    try:
        make(fresh)
        target = folder / f"{name}-{content_hash(fresh)}"
        if not target.exists():
            os.replace(fresh, target)
        return target
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _copy(source: Path, fresh: Path) -> None:
    shutil.copytree(source, fresh)
