"""Where worker processes report after they have started."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import threading
from multiprocessing.connection import Connection, Listener
from typing import Protocol


class Guest(Protocol):
    """Who is expected at the door; ``WorkerProcess`` is one."""

    @property
    def name(self) -> str:
        """What its process calls itself."""

    def arrived(self, connection: Connection, generation: int, pid: int) -> None:
        """Take note of a process that has come."""


class Door:
    """Where worker processes report after they have started.

    Every process gets a connection of its own, so that one that is killed in the
    middle of a word can't confuse what the next one says.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_bytes(32)
        family = "AF_PIPE" if os.name == "nt" else "AF_UNIX"
        self._listener = Listener(None, family, backlog=16, authkey=self.secret)
        self.address = self._listener.address
        self._waiting: dict[str, Guest] = {}
        self._closed = False
        threading.Thread(target=self._accept, name="engine door", daemon=True).start()

    def expect(self, process: Guest) -> None:
        """Pass on whoever comes with this worker's name."""
        self._waiting[process.name] = process

    def close(self) -> None:
        """Let nobody in any more."""
        if not self._closed:
            self._closed = True
            # What waits in accept() doesn't notice that its socket is closed.
            with contextlib.suppress(Exception):
                multiprocessing.connection.Client(self.address, authkey=self.secret).close()
            self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
                if self._closed:
                    return
                _, name, generation, pid = connection.recv()
            except (OSError, EOFError, ValueError, multiprocessing.AuthenticationError):
                if self._closed:
                    return
                continue
            process = self._waiting.get(name)
            if process is not None:
                process.arrived(connection, generation, pid)
