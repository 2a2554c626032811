"""Archives: which files are some, and their content."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from modules.contract.errors import ModuleError

_EXTENSIONS = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz2")


def is_archive(path: Path) -> bool:
    """Return whether a file is an archive by its extension."""
    return path.suffix.lower() in _EXTENSIONS


def extract(path: Path, target: Path) -> None:
    """Write the files of an archive into a folder; none is written outside of it.

    Raises
    ------
    ModuleError
        If it isn't an archive, is damaged, or has a password.
    """
    # Each start of the designer imports this file, and hardly any needs these.
    import bz2
    import gzip
    import tarfile

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                # zipfile sanitizes names with .. or a root.
                archive.extractall(target)
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                tar.extractall(target, filter="data")
        elif path.suffix.lower() in (".gz", ".bz2"):
            unpack = gzip.open if path.suffix.lower() == ".gz" else bz2.open
            with unpack(path) as packed, (target / path.stem).open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        else:
            raise tarfile.ReadError("it isn't a zip or tar file")
    except (zipfile.BadZipFile, tarfile.TarError, RuntimeError, EOFError, OSError) as error:
        raise ModuleError(
            "bad-archive",
            f"“{path.name}” can't be extracted: {str(error).rstrip('.')}.",
            "Create the archive again, without a password.",
            parameter="path",
        ) from error


def unpacked(source: Path, target: Path) -> Path:
    """Return a folder with the content of its archives instead of these.

    Parameters
    ----------
    source : Path
        A folder; it isn't changed.
    target : Path
        The copy to create, if there are any archives.
    """
    archives = [path for path in sorted(source.rglob("*")) if path.is_file() and is_archive(path)]
    if not archives:
        return source
    shutil.copytree(source, target, copy_function=shutil.copyfile, symlinks=True)
    for path in archives:
        copy = target / path.relative_to(source)
        extract(path, copy.parent)
        copy.unlink()
    return target


def is_of_a_mac(name: str) -> bool:
    """Return whether a file, by its path, is one that macOS adds to archives."""
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1] == ".DS_Store"
