"""The log file of a step: everything it printed, or the beginning and end of very much."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from designer.private_files import make_file, make_folder

HEAD = 1 << 20
"""Bytes from the beginning that are always kept."""

TAIL = 1 << 20
"""Bytes from the end that are kept beyond that."""

LONGEST_LINE = 2000
"""Characters of a line that are reported; the file has the whole line."""

FREE_LINES = 500
"""Lines that are reported one by one; after those at most 20 a second."""

LONGEST_NAME = 60
"""Characters of a file's name; a longer one is cut. Windows has 260 for the whole path."""


def log_name(node: str) -> str:
    """Return the name of a step's log file: another for each address, fit for every system.

    Addresses contain only lowercase letters, digits, _ and /, so nothing else can be equal.
    """
    name = node.replace("/", ".")
    if name.partition(".")[0] in _DEVICES:
        name = f"_{name}"
    if len(name) > LONGEST_NAME:
        name = f"{name[: LONGEST_NAME - 21]}-{hashlib.sha256(node.encode()).hexdigest()[:20]}"
    return f"{name}.log"


class LogFile:
    """Takes the bytes that a step prints; any thread may write and close it.

    Parameters
    ----------
    on_line : callable, optional
        Called with the lines while they come, not each one when there are very many.
    """

    def __init__(self, path: Path, on_line: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._on_line = on_line
        make_folder(path.parent)
        self._file = make_file(path).open("ab", buffering=0)
        self._written = 0
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._left_out = 0
        self._rest = b""
        self._told = 0
        self._last_told = 0.0
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def write(self, content: bytes) -> None:
        """Take some bytes; does nothing once closed."""
        with self._lock:
            if not self._closed.is_set() and content:
                self._take(content)

    def close(self) -> None:
        """Write what was kept of the end."""
        with self._lock:
            if not self._closed.is_set():
                self._finish()

    def wait(self, seconds: float) -> bool:
        """Wait until the log is complete; False if that takes longer."""
        return self._closed.wait(seconds)

    def _take(self, content: bytes) -> None:
        head = content[: max(0, HEAD - self._written)]
        if head:
            self._put(head)
            self._written += len(head)
        tail = content[len(head) :]
        if tail:
            self._tail.append(tail)
            self._tail_size += len(tail)
            while self._tail_size - len(self._tail[0]) >= TAIL:
                gone = len(self._tail.popleft())
                self._tail_size -= gone
                self._left_out += gone
        self._report(content)

    def _finish(self) -> None:
        if self._rest:
            self._say(self._rest)
        tail = b"".join(self._tail)
        surplus = max(0, len(tail) - TAIL)
        if self._left_out + surplus:
            gone = f"\n… {self._left_out + surplus:,} bytes are left out here …\n"
            self._put(gone.encode())
        self._put(tail[surplus:])
        self._tail.clear()
        self._file.close()
        self._closed.set()

    def _put(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError:
            # A full disk must not stop whoever reads what the step prints.
            self._left_out += len(content)

    def _report(self, content: bytes) -> None:
        if self._on_line is None:
            return
        if self._told >= FREE_LINES and time.monotonic() - self._last_told < 0.05:
            self._rest = b""
            return
        *lines, rest = (self._rest + content).split(b"\n")
        self._rest = rest[-4 * LONGEST_LINE :]
        if self._told >= FREE_LINES:
            lines = lines[-1:]
        for line in lines[: FREE_LINES + 1]:
            self._say(line)

    def _say(self, line: bytes) -> None:
        self._told += 1
        self._last_told = time.monotonic()
        text = line.decode("utf-8", "replace").rstrip("\r")
        if self._on_line is not None:
            self._on_line(text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + " …")


_DEVICES = {"con", "prn", "aux", "nul"} | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}
"""Device names of Windows, with any extension."""
