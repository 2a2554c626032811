"""Opens files that end: no device, pipe or socket, and no file that grows while it is read."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path


def check_regular(path: Path) -> None:
    """Raise for what isn't a file with an end; see :func:`open_regular`.

    Raises
    ------
    OSError
        With a reason as ``strerror``, or if the file can't be read.
    """
    open_regular(path).close()


def open_regular(path: Path) -> FileIO:
    """Open a file to be read, unbuffered, if it is one that ends.

    Raises
    ------
    OSError
        With a reason as ``strerror``, or if the file can't be read.
    """
    # Opening alone can block or have an effect; and what is opened may be another by then.
    _check(os.stat(path), path)
    # Without O_NONBLOCK, a pipe that has replaced the file meanwhile would block.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        state = os.fstat(number)
        _check(state, path)
        file = os.fdopen(number, "rb", buffering=0)
    except BaseException:
        os.close(number)
        raise
    try:
        # Those of /proc have no size and are made while they are read, some without an end.
        if state.st_size == 0 and file.read(1):
            raise OSError(errno.EINVAL, "it isn't a file on a disk", str(path))
    except BaseException:
        file.close()
        raise
    return file


def blocks_of(path: Path, size: int = 1 << 20) -> Iterator[memoryview]:
    """Yield the content of a file; each block is valid until the next.

    Raises
    ------
    OSError
        As :func:`open_regular`, and if the file changes meanwhile.
    """
    view = memoryview(bytearray(size))
    with open_regular(path) as file:
        before = os.fstat(file.fileno())
        left = before.st_size
        while left > 0:
            count = file.readinto(view[: min(left, size)])
            if not count:
                break
            left -= count
            yield view[:count]
        after = os.fstat(file.fileno())
        if left or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise OSError(errno.EBUSY, "it changed while it was read", str(path))


def copy_regular(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Copy a file with its times and permissions, as ``shutil.copy2`` does.

    Raises
    ------
    OSError
        As :func:`blocks_of`, or if the copy can't be written.
    """
    import shutil

    with open(target, "wb") as copy:
        for block in blocks_of(Path(source)):
            copy.write(block)
    shutil.copystat(source, target)


def kind_of_special(mode: int) -> str:
    """Return what a path is that is neither a file nor a folder; empty if it is one."""
    for is_kind, kind in _KINDS:
        if is_kind(mode):
            return kind
    return ""


def _check(state: os.stat_result, path: Path) -> None:
    kind = kind_of_special(state.st_mode)
    if kind:
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))


_KINDS: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
