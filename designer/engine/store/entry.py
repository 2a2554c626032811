"""An entry of the store: a folder with the outputs of one step and a list of its files.

The process that ran a step writes the entry; whoever wants to use it checks it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from blake3 import blake3

from designer.content_hash import file_digest
from designer.engine.store.errors import DamagedEntryError, StoreFullError
from designer.private_files import make_folder, make_private, write_private
from designer.records import DamagedRecordError, Record, read_record
from designer.replacing import FULL_DISK

MANIFEST = "entry.json"

Manifest = dict[str, Any]
"""``key``, ``base``, ``outputs`` (summaries by port), ``files``, ``bytes`` and more."""


class _FileShape(Record):
    size: int
    blake3: str
    mtime: int
    ctime: int


class _Shape(Record):
    format: Literal[1]
    key: str
    base: str
    outputs: dict[str, dict[str, Any]]
    files: dict[str, _FileShape]
    bytes: int


def entry_folder(store: Path, key: str) -> Path:
    """Return where the entry of a key is, or would be."""
    return store / "entries" / key[:2] / key


def write_entry(
    store: Path,
    key: str,
    values: Mapping[str, Any],
    save: Callable[[Any, Path], dict[str, Any]],
    about: Mapping[str, Any],
    *,
    replace: bool = False,
) -> Manifest:
    """Write the outputs of a step; the entry appears whole or not at all.

    Parameters
    ----------
    values : mapping of str to object
        Outputs by port; an absent output is left out.
    save : callable
        Writes a value into a folder and returns its summary.
    about : mapping
        More to keep in the manifest.
    replace : bool
        Replace an entry of the same key instead of keeping it. Files that
        are there and equal stay all the same: another process may be reading them.

    Raises
    ------
    StoreFullError
        If the disk is full.
    """
    target = entry_folder(store, key)
    fresh = _unfinished(store, key)
    try:
        outputs = {}
        make_folder(fresh)
        for port, value in values.items():
            outputs[port] = save(value, fresh / port)
        # Before their times are recorded.
        make_private(fresh)
        files = {}
        for path in sorted(path for path in fresh.rglob("*") if path.is_file()):
            files[path.relative_to(fresh).as_posix()] = {
                "size": path.stat().st_size,
                "blake3": file_digest(path),
                **_times(path),
            }
        manifest: Manifest = {
            "format": 1,
            "key": key,
            **about,
            "outputs": outputs,
            "files": files,
            "bytes": sum(file["size"] for file in files.values()),
        }
        write_private(fresh / MANIFEST, json.dumps(manifest, indent=1))
        make_folder(target.parent)
        return _put(fresh, target, manifest, replace)
    except OSError as error:
        if error.errno in FULL_DISK:
            raise StoreFullError(error.errno, os.strerror(error.errno)) from error
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of an entry.

    Raises
    ------
    FileNotFoundError
        If there is no entry.
    DamagedEntryError
        If there is something else, or the manifest can't be read.
    """
    if not os.path.lexists(folder):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    try:
        manifest = read_record(folder / MANIFEST, _Shape)
    except DamagedRecordError as error:
        raise DamagedEntryError(f"The list of files can't be read: {error.reason}.") from error
    if manifest is None:
        raise DamagedEntryError("The list of files is missing.")
    if manifest.key != folder.name:
        raise DamagedEntryError("The list of files belongs to another entry.")
    return manifest.plain()


def check_entry(folder: Path, manifest: Manifest, *, contents: bool) -> None:
    """Check that the files of an entry are those that were written.

    Parameters
    ----------
    contents : bool
        Compare hashes; otherwise only sizes and times.

    Raises
    ------
    DamagedEntryError
        At the first difference, naming the file.
    """
    for name, file in manifest["files"].items():
        path = folder / name
        try:
            state = path.stat()
        except OSError as error:
            raise DamagedEntryError(f"“{name}” is missing.", name) from error
        if not stat.S_ISREG(state.st_mode):
            raise DamagedEntryError(f"“{name}” isn't a file.", name)
        if state.st_size != file["size"]:
            raise DamagedEntryError(f"“{name}” has a different size.", name)
        if contents:
            if _digest(path, name) != file["blake3"]:
                raise DamagedEntryError(f"“{name}” has different content.", name)
        elif state.st_mtime_ns != file["mtime"]:
            raise DamagedEntryError(f"“{name}” was changed.", name)
        elif not os.access(path, os.R_OK):
            raise DamagedEntryError(f"“{name}” can't be read.", name)


def is_untouched(folder: Path, manifest: Manifest) -> bool:
    """Return whether the files of an entry are unchanged, from their times alone.

    A file that was copied or restored isn't, whatever its content.
    """
    try:
        return all(
            _times(folder / name).items() <= file.items()
            for name, file in manifest["files"].items()
        )
    except OSError:
        return False


def with_times(folder: Path, manifest: Manifest) -> Manifest:
    """Return the manifest of an entry with the times that its files have now."""
    files = {name: file | _times(folder / name) for name, file in manifest["files"].items()}
    return {**manifest, "files": files}


def rewrite_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of an entry.

    Raises
    ------
    OSError
        If the store can't be written.
    """
    fresh = _unfinished(folder.parents[2], folder.name)
    try:
        make_folder(fresh)
        _put_manifest(fresh, folder, manifest)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def hashes(manifest: Manifest) -> dict[str, str]:
    """Return the hash of each file of an entry."""
    return {name: file["blake3"] for name, file in manifest["files"].items()}


def output_digest(manifest: Manifest, port: str) -> str:
    """Return a hash of the content of one output."""
    hasher = blake3()
    prefix = f"{port}/"
    for name, file in sorted(manifest["files"].items()):
        if name.startswith(prefix):
            hasher.update(f"{name}\0{file['blake3']}\0".encode())
    return hasher.hexdigest(20)


def remove_entry(store: Path, key: str) -> None:
    """Remove an entry atomically."""
    folder = entry_folder(store, key)
    doomed = _unfinished(store, key)
    try:
        make_folder(doomed.parent)
        folder.rename(doomed)
    except OSError:
        doomed = folder
    discard(doomed)


def _unfinished(store: Path, key: str) -> Path:
    """Return where this process may write, or remove, an entry unseen."""
    name = f"{key[:8]}-{computer()}-{os.getpid()}-{secrets.token_hex(4)}"
    return store / "unfinished" / name


def computer() -> str:
    """Return what marks this computer among those that share a store."""
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]


def discard(path: Path) -> None:
    """Remove a folder as far as possible, or the file of that name."""
    if not path.is_dir() or path.is_symlink():
        with contextlib.suppress(OSError):
            path.unlink()
        return
    shutil.rmtree(path, ignore_errors=True)
    if path.exists():
        # Permissions were removed; the owner can restore them.
        _permit(path)
        shutil.rmtree(path, ignore_errors=True)


def _permit(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.chmod(stat.S_IRWXU)
    for parent, folders, files in os.walk(folder):
        for path in (Path(parent, name) for name in (*folders, *files)):
            if not path.is_symlink():
                with contextlib.suppress(OSError):
                    path.chmod(stat.S_IRWXU)


def _times(path: Path) -> dict[str, int]:
    """Return when a file was written, and when it was last changed in any way.

    The second can't be set back. Windows has the creation time instead.
    """
    state = path.stat()
    return {"mtime": state.st_mtime_ns, "ctime": state.st_ctime_ns}


def _digest(path: Path, name: str) -> str:
    try:
        return file_digest(path)
    except OSError as error:
        raise DamagedEntryError(f"“{name}” can't be read: {error.strerror}.", name) from error


def _put(fresh: Path, target: Path, manifest: Manifest, replace: bool) -> Manifest:
    if replace and target.exists():
        if _keeps_files(fresh, target, manifest):
            return manifest
        remove_entry(target.parent.parent.parent, target.name)
    try:
        _rename(fresh, target)
        return manifest
    except OSError as error:
        if error.errno in FULL_DISK:
            raise
    # Another process was quicker, or the files there are in use: equal keys, equal results.
    try:
        theirs = read_manifest(target)
        check_entry(target, theirs, contents=False)
        return theirs
    except (DamagedEntryError, FileNotFoundError):
        remove_entry(target.parent.parent.parent, target.name)
        if target.exists():
            _fill(fresh, target, manifest)
        else:
            _rename(fresh, target)
        return manifest


def _keeps_files(fresh: Path, target: Path, manifest: Manifest) -> bool:
    """Replace the manifest of an entry if its files are just those of the fresh one."""
    try:
        theirs = read_manifest(target)
        if hashes(theirs) != hashes(manifest):
            return False
        check_entry(target, theirs, contents=True)
        for name, file in manifest["files"].items():
            file.update(_times(target / name))
        _put_manifest(fresh, target, manifest)
    except (DamagedEntryError, OSError):
        return False
    return True


def _put_manifest(fresh: Path, target: Path, manifest: Manifest) -> None:
    write_private(fresh / MANIFEST, json.dumps(manifest, indent=1))
    os.replace(fresh / MANIFEST, target / MANIFEST)


def _rename(fresh: Path, target: Path) -> None:
    """Rename a folder.

    Windows refuses that as long as a virus scanner or an index of the disk has a file in it
    open, which is the case now and then just after it was written.
    """
    for pause in _PAUSES if os.name == "nt" else ():
        if target.exists():
            break
        try:
            fresh.rename(target)
            return
        except PermissionError:
            time.sleep(pause)
    fresh.rename(target)


def _fill(fresh: Path, target: Path, manifest: Manifest) -> None:
    """Complete the folder of an entry that can't be removed.

    Windows keeps the files that a process has mapped, and the folders that contain them. They
    stay if their content is the right one. The list of files comes last, and makes it an entry.
    """
    for name, file in manifest["files"].items():
        path = target / name
        make_folder(path.parent)
        try:
            os.replace(fresh / name, path)
        except OSError:
            if not path.is_file() or file_digest(path) != file["blake3"]:
                raise
            file.update(_times(path))
    _put_manifest(fresh, target, manifest)


_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts."""
