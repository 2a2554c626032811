"""Pictures as a script gives them: what counts as one, and what its file is called."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modules.contract.context import warn

IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
"""Suffixes of files that count as pictures."""

LONGEST_STEM = 45
"""Characters of a file's name without its suffix: Windows has 260 for the whole path."""


def given_pictures(given: Any) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each picture of a list or dictionary.

    A picture is the bytes or the path of an image file, a figure of matplotlib, or whatever
    shows itself as PNG in a notebook, as images of Pillow do (``_repr_png_``). What is none
    is left out with a warning.
    """
    if isinstance(given, Mapping):
        named = [(str(name), picture) for name, picture in given.items()]
    elif isinstance(given, (list, tuple)):
        named = [("", picture) for picture in given]
    else:
        warn(f"“pictures” is a {type(given).__name__} and not a list, so no picture is kept of it.")
        return
    for number, (name, picture) in enumerate(named, start=1):
        content = _content(picture)
        suffix = _suffix(content)
        if suffix:
            if not name and isinstance(picture, (str, os.PathLike)):
                name = Path(picture).stem
            stem = name or f"Picture {number}"
            yield stem.removesuffix(suffix) + suffix, content
        else:
            place = f"“{name}” of pictures" if name else f"Item {number} of pictures"
            warn(f"{place} is a {type(picture).__name__} that is no image, and is left out.")


def file_name(name: str) -> str:
    """Return a name that every system takes for a file."""
    stem, _, suffix = name.rpartition(".")
    stem = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", stem).strip(" .")[:LONGEST_STEM]
    if stem.partition(".")[0].rstrip().casefold() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem}.{suffix}"


def free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Return a name, or one with a number: capital and small letters may be the same file."""
    stem, _, suffix = name.rpartition(".")
    known = {each.casefold() for each in taken}
    count = 2
    while name.casefold() in known:
        name, count = f"{stem} {count}.{suffix}", count + 1
    return name


def _content(picture: Any) -> bytes:
    """Return the file of a picture; nothing where there is none."""
    if isinstance(picture, (bytes, bytearray)):
        return bytes(picture)
    try:
        if isinstance(picture, (str, os.PathLike)):
            return Path(picture).read_bytes()
        figure = sys.modules.get("matplotlib.figure")
        if figure is not None and isinstance(picture, figure.Figure):
            file = io.BytesIO()
            picture.savefig(file, format="png")
            return file.getvalue()
        shown = picture._repr_png_()
    except Exception:
        # Whatever another library may raise, it has no picture to give.
        return b""
    # Some give what else is known of the picture along with it.
    shown = shown[0] if isinstance(shown, tuple) and shown else shown
    return shown if isinstance(shown, bytes) else b""


def _suffix(content: bytes) -> str:
    """Return the suffix of an image's file by how its content begins; none of other files."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for start, suffix in _BEGINNINGS.items() if content.startswith(start)), "")


_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}

_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
"""What Windows takes for a device, whatever follows a point in the name."""
