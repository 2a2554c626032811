"""Convert to Image Directory."""

from __future__ import annotations

import base64
import binascii
import io
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modules.computer_vision._images import (
    EXTENSIONS,
    UNREADABLE,
    decoded,
    new_folder,
    pictures_of,
)
from modules.contract import DataTable, ModuleError, PathOf, module, warn
from modules.contract.code import CodeStep, FilesFacts
from modules.contract.context import report_progress
from modules.values import Files, ImageFolder
from modules.values.archives import extract, is_of_a_mac, unpacked
from modules.values.file_contents import write_contents
from modules.values.image_folder import IMAGE

if TYPE_CHECKING:
    import pandas as pd

LABEL = "label"
"""The column of a table with their classes."""

_NAMED = 3
"""Files that a warning names."""


def _code(step: CodeStep) -> None:
    target = f"{step.helper(new_folder)}()"
    if isinstance(step.facts("input_dataset"), FilesFacts):
        made = f"{step.helper(images_of_files)}({step.inputs['input_dataset']}, {target})"
    elif "input_dataset" in step.inputs:
        made = f"{step.helper(images_of_table)}({step.inputs['input_dataset']}, {target})"
    else:
        made = f"{step.helper(readable_images)}({step.path_source('path')}, {target})"
    step.write(f"{step.outputs[0]} = {made}")


@module(
    "Convert to Image Directory",
    outputs=("output_image_directory",),
    keywords=("picture", "photo", "vision", "folder", "import", "base64", "zip"),
    requires=("pillow",),
    code=_code,
    row="images aren't rows",
)
def convert_to_image_directory(
    input_dataset: Files | DataTable | None = None,
    *,
    path: Annotated[
        str,
        Field(title="Folder or archive"),
        PathOf("read", folder=True, suffixes=(".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2")),
    ] = "",
) -> ImageFolder:
    """Convert files, or images in a table, to a folder of images.

    Parameters
    ----------
    input_dataset : Files or DataTable, optional
        Image files, or archives of some, with one folder for each class; or a table with
        a column ``image`` that contains image files as base64, as in a request, and perhaps
        a column ``label``.
    path : str
        If nothing is linked: the folder, or a .zip, .tar, .tar.gz, or .tar.bz2 file.

    Returns
    -------
    output_image_directory : ImageFolder
        The images, in one subfolder for each class, or without labels.

    Notes
    -----
    A file in a folder has the name of the outermost folder as its label. A single folder around
    all others, as archives often have, doesn't count. These files are images: .jpg, .jpeg, .png,
    .ppm, .bmp, .pgm, .tif, .tiff, .webp; others are ignored. Damaged ones are left out, with a
    warning.

    The names of the images of a table are the numbers of the rows, so that without labels scores
    are in the same order.

    Unlike in Azure ML designer, a folder can be chosen here, and images can come from a table, so
    that an endpoint can score them.
    """
    value = ImageFolder.temporary()
    if isinstance(input_dataset, DataTable):
        input_dataset.require([IMAGE], port="input_dataset")
        images_of_table(input_dataset.frame, value.folder)
        return value
    if input_dataset is None and not path.strip():
        raise ModuleError(
            "input-missing",
            "Neither an input is linked nor a folder chosen.",
            "Choose a folder or an archive with images.",
            parameter="path",
        )
    source = Path(path).expanduser() if input_dataset is None else input_dataset.folder
    if not source.exists():
        raise ModuleError(
            "folder-not-found",
            f"“{path}” doesn't exist.",
            "Choose a folder or an archive with images.",
            parameter="path",
        )
    readable_images(source, value.folder)
    return value


def readable_images(source: Path, target: Path) -> Path:
    """Copy the images of a folder or an archive that can be read into a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        return _checked(_inner(_extracted(source, Path(scratch))), target)


def images_of_files(files: Mapping[str, bytes], target: Path) -> Path:
    """Write the images among files, and in archives among them, into a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        write_contents(files, Path(scratch))
        return readable_images(Path(scratch), target)


def images_of_table(frame: pd.DataFrame, target: Path) -> Path:
    """Write the images in a column as base64 into a folder, one subfolder for each label."""
    width = len(str(len(frame)))
    labels = frame[LABEL] if LABEL in frame else [None] * len(frame)
    rows = zip(frame[IMAGE], labels, strict=True)
    for number, (content, label) in enumerate(rows, start=1):
        place = f"The image in row {number:,}"
        try:
            text = str(content).partition(";base64,")[2] or str(content)
            data = base64.b64decode(text, validate=True)
            image = decoded(io.BytesIO(data))
        except (binascii.Error, *UNREADABLE) as error:
            raise ModuleError(
                "broken-image",
                f"{place} can't be read: it isn't an image file as base64.",
                "Encode the bytes of a PNG or JPEG file as base64.",
                port="input_dataset",
                column=IMAGE,
            ) from error
        folder = target
        if isinstance(label, str) and label:
            folder = folder / re.sub(r'[\x00-\x1f<>:"/\\|?*]|^\.+$', "_", label)
            folder.mkdir(exist_ok=True)
        image.save(folder / f"{number:0{width}d}.png")
    return target


def _extracted(source: Path, scratch: Path) -> Path:
    """Return a folder with the files of a source, whose archives are extracted."""
    target = scratch / "files"
    if source.is_file():
        target.mkdir()
        extract(source, target)
        return target
    return unpacked(source, target)


def _inner(root: Path) -> Path:
    """Return the folder inside folders that each contain nothing but another folder."""
    while True:
        entries = [each for each in root.iterdir() if not is_of_a_mac(each.name)]
        if len(entries) != 1 or not entries[0].is_dir():
            return root
        if not any(each.is_dir() for each in entries[0].iterdir()):
            # The only class.
            return root
        root = entries[0]


def _checked(root: Path, folder: Path) -> Path:
    """Copy the images that can be decoded into a folder."""
    pictures = [each for each in pictures_of(root) if not is_of_a_mac(each.name)]
    broken = []
    for number, picture in enumerate(pictures):
        report_progress(number / len(pictures), f"Image {number + 1:,} of {len(pictures):,}")
        try:
            decoded(picture.path)
        except UNREADABLE:
            broken.append(picture.name)
            continue
        target = folder / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture.path, target)
    _warn_of_broken(broken)
    if len(broken) == len(pictures):
        raise ModuleError(
            "no-images",
            "There are no images that can be read.",
            f"Use files of these types: {', '.join(EXTENSIONS)}.",
            parameter="path",
        )
    return folder


def _warn_of_broken(broken: list[str]) -> None:
    if broken:
        names = ", ".join(f"“{name}”" for name in broken[:_NAMED])
        more = "" if len(broken) <= _NAMED else f" and {len(broken) - _NAMED} more"
        count = "1 image" if len(broken) == 1 else f"{len(broken):,} images"
        verb = "was" if len(broken) == 1 else "were"
        warn(f"{count} can't be read and {verb} skipped: {names}{more}.")
