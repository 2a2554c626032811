"""Files as their contents by path: the form that scripts without this project work with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files in a folder, by their paths in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def write_contents(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
