"""New content for a file: wholly or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import time
from pathlib import Path

FULL_DISK = {errno.ENOSPC, errno.EFBIG} | ({errno.EDQUOT} if hasattr(errno, "EDQUOT") else set())
"""Error numbers of a disk, or a quota, without room."""

STALE = 3600.0
"""Seconds after which a temporary file whose program is gone is removed."""


def replace_content(target: Path, content: bytes, *, private: bool = False) -> None:
    """Write a temporary file beside a file, then replace the file by it.

    Permissions stay. Temporary files that programs left in the folder when they were ended
    in the middle of this go.

    Parameters
    ----------
    private : bool
        Only the user can read the file, from its first moment.

    Raises
    ------
    OSError
        If it can't be written; the file is as it was.
    """
    mode: int | None = None
    default = 0o600 if private else 0o666
    with contextlib.suppress(FileNotFoundError):
        status = target.stat()
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is a pipe, device, or socket, not a file", str(target))
        if not os.access(target, os.W_OK):
            # Replacing would work in a writable folder, but the file is read-only.
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
        mode = default if private else stat.S_IMODE(status.st_mode)
    name = target.parent / f".modeldesk-{os.getpid()}-{secrets.token_hex(6)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(name, flags, default if mode is None else mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(name, mode)
        _put_in_place(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _sync_folder(target.parent)
    _remove_stale(target.parent)


def _put_in_place(name: Path, target: Path) -> None:
    """Replace a file.

    Windows refuses that as long as another program has the file open, as virus scanners and
    programs that copy to a cloud do for a moment.
    """
    for pause in _PAUSES if os.name == "nt" else ():
        try:
            os.replace(name, target)
            return
        except PermissionError:
            time.sleep(pause)
    os.replace(name, target)


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last; not every system lets a folder be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_stale(folder: Path) -> None:
    """Remove temporary files that are old and whose program is gone.

    A program on another computer may save in the same folder, and only the age shows that.
    """
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            found = _TEMPORARY.fullmatch(entry.name)
            if (
                found
                and entry.is_file(follow_symlinks=False)
                and abs(time.time() - entry.stat().st_mtime) > STALE
                and not _is_alive(int(found[1]))
            ):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def _is_alive(pid: int) -> bool:
    import psutil

    try:
        return bool(psutil.pid_exists(pid))
    except OverflowError:
        # More than a process can have for a number.
        return False


_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts."""

_TEMPORARY = re.compile(r"\.modeldesk-(\d{1,10})-[0-9a-f]{12}\.tmp")
