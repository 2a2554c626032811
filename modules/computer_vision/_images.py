"""Folders of images: which files are images, what they show, and how they are decoded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from modules.contract import ModuleError

if TYPE_CHECKING:
    from PIL import Image

EXTENSIONS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".ppm",
    ".bmp",
    ".pgm",
    ".tif",
    ".tiff",
    ".webp",
)
TASK = "image classification"

_WHITE = (255, 255, 255)


class Picture(NamedTuple):
    """An image of a folder.

    Parameters
    ----------
    name : str
        Its path in the folder, with slashes.
    label : str or None
        The subfolder that it is in.
    """

    path: Path
    name: str
    label: str | None


def pictures_of(folder: Path) -> list[Picture]:
    """Return the images of a folder, sorted by name; the first subfolder is the label."""
    found = []
    for path in folder.rglob("*"):
        if path.suffix.lower() in EXTENSIONS and path.is_file():
            relative = path.relative_to(folder)
            label = relative.parts[0] if len(relative.parts) > 1 else None
            found.append(Picture(path, relative.as_posix(), label))
    return sorted(found, key=lambda picture: picture.name)


def some_pictures(folder: Path, port: str = "") -> list[Picture]:
    """Return the images of a folder.

    Raises
    ------
    ModuleError
        If there are none.
    """
    found = pictures_of(folder)
    if not found:
        raise ModuleError(
            "no-images",
            "The folder doesn't contain any images.",
            f"Use files of these types: {', '.join(EXTENSIONS)}.",
            port=port,
        )
    return found


def opened(picture: Picture, port: str = "") -> Image.Image:
    """Return a decoded image in RGB, upright, with a white background.

    Raises
    ------
    ModuleError
        If it can't be decoded.
    """
    try:
        return decoded(picture.path)
    except UNREADABLE as error:
        raise ModuleError(
            "broken-image",
            f"The image “{picture.name}” can't be read: it is damaged, or of another type.",
            "Remove it, or use Convert to Image Directory, which leaves such files out.",
            port=port,
        ) from error


UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, ArithmeticError, IndexError)
"""What Pillow raises for a file that isn't an image, is damaged, or far too large."""


def decoded(path: Path | BinaryIO) -> Image.Image:
    """Return an image file in RGB; see :func:`opened`."""
    import warnings

    import numpy as np
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        # So large that decoding it may fill the memory.
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path) as file:
                file.load()
                image = ImageOps.exif_transpose(file)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise ValueError(str(error)) from error
    if image.mode.startswith("I"):
        # 16 bits for each pixel, which Pillow would cut off instead of scaling.
        image = Image.fromarray((np.asarray(image).clip(0, 65_535) // 257).astype("uint8"))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        solid = image.convert("RGBA")
        image = Image.new("RGB", image.size, _WHITE)
        image.paste(solid, mask=solid.getchannel("A"))
    return image.convert("RGB")


def new_folder() -> Path:
    """Return a new folder, which is removed at the end of the program."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="images-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def copied(pictures: Iterable[Picture], folder: Path) -> Path:
    """Put images into a folder; no data is copied where the system can link files."""
    for picture in pictures:
        target = folder / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(picture.path, target)
        except OSError:
            shutil.copyfile(picture.path, target)
    return folder
