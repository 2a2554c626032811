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
from modules.contract.code import CodeStep, FilesFacts
from modules.data_input_output._folders import matching, no_files
from modules.tables.fitted_code import arguments
from modules.values import Files
from modules.values.archives import extract, is_archive, is_of_a_mac, unpacked

_FOLDER = "file or folder"


def _code(step: CodeStep) -> None:
    if step.value("source") == "URL":
        made = f"{step.helper(downloaded_files)}({step.source('url')}"
    else:
        made = f"{step.helper(files_at)}({step.path_source('path')}"
    given = arguments(step, "pattern", "unpack")
    step.write(f"{step.outputs[0]} = {made}{given})")
    step.know("files", FilesFacts())


@module(
    "Import Files",
    outputs=("files",),
    keywords=("folder", "archive", "zip", "tar", "url", "download", "pictures", "documents"),
    deterministic=False,
    effects=Effects.READS,
    code=_code,
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
        files = chosen_files(found, pattern, unpack, Path(scratch) / "files")
        for number, (name, file) in enumerate(files.items()):
            report_progress(number / len(files), f"File {number + 1:,} of {len(files):,}")
            target = value.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
    return value


def chosen_files(source: Path, pattern: str, unpack: bool, scratch: Path) -> dict[str, Path]:
    """Return the files to keep of a file or folder, by their paths in it.

    Parameters
    ----------
    unpack : bool
        Replace archives with their content.
    scratch : Path
        The folder to create for that.

    Raises
    ------
    ModuleError
        If there are none.
    """
    root = _unpacked(source, scratch) if unpack else source
    if root.is_file():
        return {root.name: root}
    files = [file for file in matching(root, pattern) if _is_wanted(file, root)]
    if not files:
        raise no_files(source, pattern)
    return {file.relative_to(root).as_posix(): file for file in files}


def files_at(source: Path, pattern: str = "**/*", unpack: bool = True) -> dict[str, bytes]:
    """Return the contents of the files to keep of a file or folder, by their paths in it."""
    with tempfile.TemporaryDirectory() as scratch:
        files = chosen_files(source.expanduser(), pattern, unpack, Path(scratch) / "files")
        return {name: file.read_bytes() for name, file in files.items()}


def downloaded_files(url: str, pattern: str = "**/*", unpack: bool = True) -> dict[str, bytes]:
    """Return the contents of a file, or of those in an archive, at a URL."""
    import urllib.parse
    import urllib.request

    from modules.data_input_output._web import ALREADY_PLAIN, TIMEOUT

    path = urllib.parse.unquote(urllib.parse.urlsplit(url).path)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / (Path(path).name or "download")
        address = urllib.parse.quote(url.strip(), safe=ALREADY_PLAIN)
        with (
            urllib.request.urlopen(address, timeout=TIMEOUT) as response,
            file.open("wb") as stream,
        ):
            shutil.copyfileobj(response, stream)
        return files_at(file, pattern, unpack)


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
