"""Images in a script's ``pictures`` variable: supported types and file names."""

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
"""Extensions of image files."""

LONGEST_STEM = 45
"""Maximum characters of a file stem: Windows allows 260 for the whole path."""


def listed_images(given: Any) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each image in a list or dictionary.

    An image is the bytes or the path of an image file, a matplotlib figure, or any object
    that notebooks show as PNG, such as a Pillow image (``_repr_png_``). Anything else
    is skipped with a warning.
    """
    if isinstance(given, Mapping):
        named = [(str(name), picture) for name, picture in given.items()]
    elif isinstance(given, (list, tuple)):
        named = [("", picture) for picture in given]
    else:
        warn(f"“pictures” is a {type(given).__name__}, not a list or dictionary, and was ignored.")
        return
    for number, (name, picture) in enumerate(named, start=1):
        content = _content(picture)
        extension = _extension(content)
        if extension:
            if not name and isinstance(picture, (str, os.PathLike)):
                name = Path(picture).stem
            stem = name or f"Picture {number}"
            yield stem.removesuffix(extension) + extension, content
        else:
            label = f"“{name}” in pictures" if name else f"Item {number} in pictures"
            warn(f"{label} is a {type(picture).__name__}, not an image, and was skipped.")


def file_name(name: str) -> str:
    """Return a file name that is valid on every system."""
    stem, _, extension = name.rpartition(".")
    stem = re.sub(r'[\x00-\x1f<>:"/\\|?*]', "_", stem).strip(" .")[:LONGEST_STEM]
    if stem.partition(".")[0].rstrip().casefold() in _DEVICES:
        stem = f"_{stem}"
    return f"{stem}.{extension}"


def free_name(name: str, taken: Mapping[str, Any]) -> str:
    """Return an unused name, numbered if necessary: file names may be case-insensitive."""
    stem, _, extension = name.rpartition(".")
    known = {each.casefold() for each in taken}
    count = 2
    while name.casefold() in known:
        name, count = f"{stem} {count}.{extension}", count + 1
    return name


def _content(picture: Any) -> bytes:
    """Return the content of an image file; empty if the object isn't an image."""
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
        # If another library raises any error, there is no image.
        return b""
    # Some return metadata along with the image.
    shown = shown[0] if isinstance(shown, tuple) and shown else shown
    return shown if isinstance(shown, bytes) else b""


def _extension(content: bytes) -> str:
    """Return the extension of an image by its first bytes; empty for other files."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return ".webp"
    return next(
        (extension for start, extension in _BEGINNINGS.items() if content.startswith(start)), ""
    )


_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}

_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
"""Names that Windows reserves for devices, with any extension."""
