"""Import Files."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import (
    Effects,
    Needed,
    PathOf,
    Serving,
    When,
    module,
    report_progress,
)
from modules.data_input_output._folders import matching, no_files
from modules.values import Files
from modules.values.archives import extract, is_archive, is_of_a_mac, unpacked

_FOLDER = "file or folder"


@module(
    "Import Files",
    outputs=("files",),
    keywords=("folder", "archive", "zip", "tar", "url", "download", "pictures", "documents"),
    deterministic=False,
    effects=Effects.READS,
    code="folders of files are part of ModelDesk",
    when_serving=Serving.DROP,
)
def import_files(
    *,
    source: Annotated[
        Literal["file or folder", "URL"], Field(title="Data source")
    ] = "file or folder",
    path: Annotated[
        str, Field(title="File or folder"), PathOf("read"), Needed(), When(source=_FOLDER)
    ] = "",
    url: Annotated[str, Field(title="URL"), Needed(), When(source="URL")] = "",
    unpack: Annotated[bool, Field(title="Extract archives")] = True,
    pattern: Annotated[str, Field(title="Files to keep")] = "**/*",
) -> Files:
    """Bring files into the pipeline as they are: images, documents, or an archive of some.

    For tables, use Import Data. External files may change, so they are read again in each run
    unless you turn off Regenerate output.

    Parameters
    ----------
    source : str
        Location of the files.
    path : str
        A file, an archive, or a folder with everything in it.
    url : str
        The URL of a file or an archive, which starts with http:// or https://.
    unpack : bool
        Replace .zip, .tar, .tar.gz, .tar.bz2, .gz, and .bz2 files with their content.
    pattern : str
        Which of the files to keep: ``**/*`` for all, ``*.png`` for those in the outermost folder,
        or ``**/*.png`` to include subfolders.

    Returns
    -------
    files : Files
        The files in their subfolders. Link it to Convert to Image Directory, or read it in a
        script.

    Notes
    -----
    Hidden files, and those that macOS adds to archives, are left out. Links to files outside of
    the folder aren't followed.

    In Azure ML designer, files come from a registered file dataset.
    """
    value = Files.temporary()
    with tempfile.TemporaryDirectory() as scratch:
        found = _located(source, path, url, Path(scratch) / "download")
        root = _unpacked(found, Path(scratch) / "files") if unpack else found
        if root.is_file():
            shutil.copyfile(root, value.folder / root.name)
            return value
        files = [file for file in matching(root, pattern) if _is_wanted(file, root)]
        if not files:
            raise no_files(found, pattern)
        for number, file in enumerate(files):
            report_progress(number / len(files), f"File {number + 1:,} of {len(files):,}")
            target = value.folder / file.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return value


def _located(source: str, path: str, url: str, scratch: Path) -> Path:
    """Return the file or folder, downloaded if necessary."""
    from modules.data_input_output._reading import resolve
    from modules.data_input_output._web import download

    if source == "URL":
        scratch.mkdir()
        return download(url.strip(), scratch)[0]
    return resolve(path)


def _unpacked(found: Path, target: Path) -> Path:
    """Return a file or folder with the content of archives instead of these."""
    if found.is_dir():
        return unpacked(found, target)
    if not is_archive(found):
        return found
    target.mkdir()
    extract(found, target)
    return target


def _is_wanted(file: Path, root: Path) -> bool:
    name = file.relative_to(root).as_posix()
    inside = file.resolve().is_relative_to(root.resolve())
    return (
        inside
        and not is_of_a_mac(name)
        and not any(part.startswith(".") for part in name.split("/"))
    )
