"""The listening socket: opened, or passed from one process of an endpoint to the next.

Passed on, no connection is refused: they wait in the socket's queue for whichever process accepts
them. The processes meet at a socket file in the folder of the endpoint, which only the user can
open: the next process gets the listening socket, loads its package, reports that it is ready, and
waits until the earlier one stops accepting. If it ends before, nothing has changed.

Windows has no such sockets: an endpoint is stopped there, and then the next one started.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

BACKLOG = 2048
"""Maximum connections that wait to be accepted; the system may have a lower limit."""

SUPPORTED = sys.platform != "win32"

_OTHER_FILES = 200
"""Files that the process may have open beside its connections."""

_PATIENCE = 5.0
"""Seconds that the other process has to respond."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises
    ------
    OSError
        If the port is in use, or the address isn't one of this computer.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            # On Windows it would let two programs listen at the same time.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def allow_connections(wanted: int) -> int:
    """Allow this process so many open connections, and return how many it may have."""
    if sys.platform == "win32":
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return max(1, min(wanted, soft - _OTHER_FILES))
    return wanted


class Giver:
    """Gives the listening socket to the next process that asks.

    Parameters
    ----------
    path : Path
        The socket file; as the system limits its length, relative to the current folder.
    on_given : callable
        Called on another thread when the next process is ready. It stops accepting.
    """

    def __init__(self, path: Path, listener: socket.socket, on_given: Callable[[], object]) -> None:
        self._path = path
        self._listener = listener
        self._on_given = on_given
        path.unlink(missing_ok=True)
        self._socket = _meeting_socket()
        before = os.umask(0o177)
        try:
            self._socket.bind(os.fspath(path))
        finally:
            os.umask(before)
        self._socket.listen(1)
        threading.Thread(target=self._serve, name="handover", daemon=True).start()

    def close(self) -> None:
        """Stop, and remove the file."""
        self._path.unlink(missing_ok=True)
        self._socket.close()

    def _serve(self) -> None:
        if sys.platform == "win32":
            return
        while True:
            try:
                other, _ = self._socket.accept()
            except OSError:
                return
            with other, suppress(OSError):
                socket.send_fds(other, [b"L"], [self._listener.fileno()])
                # The end of a process that failed is an empty message.
                if other.recv(1):
                    self._on_given()
                    other.sendall(b"G")
                    return


class Taker:
    """Takes over the listening socket of an earlier process.

    Raises
    ------
    OSError
        If there is no such process, or it doesn't respond.
    """

    def __init__(self, path: Path) -> None:
        self._socket = _meeting_socket()
        self._socket.settimeout(_PATIENCE)
        try:
            self._socket.connect(os.fspath(path))
            descriptors = _received(self._socket)
            if not descriptors:
                raise ConnectionError("no socket came")
        except OSError:
            self._socket.close()
            raise
        self.listener = socket.socket(fileno=descriptors[0])

    def finish(self) -> None:
        """Have the earlier process stop accepting, and return when it will."""
        with self._socket:
            self._socket.sendall(b"R")
            self._socket.recv(1)


def _meeting_socket() -> socket.socket:
    if sys.platform == "win32":
        raise OSError("Windows can't pass sockets on")
    return socket.socket(socket.AF_UNIX)


def _received(other: socket.socket) -> list[int]:
    """Return the descriptors that the other process sends."""
    if sys.platform == "win32":
        return []
    _, descriptors, _, _ = socket.recv_fds(other, 1, 1)
    return descriptors
