"""A process and all that it has started, to be ended together."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any


class ProcessTree:
    """A process that leads a group, and all that it has started.

    Made while the process lives: its number may be another's later.

    Parameters
    ----------
    pid : int
        The leader's.
    """

    def __init__(self, pid: int) -> None:
        import psutil

        self._pid = pid
        self._psutil = psutil
        self._leader: Any = None
        self._members: list[Any] = []
        with contextlib.suppress(psutil.Error):
            self._leader = psutil.Process(pid)
            self._members = [self._leader]

    def signal(self, number: int) -> None:
        """Send all of them a signal."""
        self._find_members()
        self._to_group(number)
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                member.send_signal(number)

    def alive(self) -> bool:
        """Return whether any of them still runs."""
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                if member.is_running() and member.status() != self._psutil.STATUS_ZOMBIE:
                    return True
        return False

    def kill(self) -> None:
        """End all of them by force."""
        self._find_members()
        self._to_group(getattr(signal, "SIGKILL", signal.SIGTERM))
        for member in self._members:
            with contextlib.suppress(self._psutil.Error):
                member.kill()

    def _find_members(self) -> None:
        """Add what has been started since; children that left the group have parents."""
        if self._leader is not None:
            with contextlib.suppress(self._psutil.Error):
                self._members += self._leader.children(recursive=True)

    def _to_group(self, number: int) -> None:
        if not hasattr(os, "killpg"):
            return
        if self._psutil.pid_exists(self._pid) and not (
            self._leader is not None and self._leader.is_running()
        ):
            # The number is a stranger's by now.
            return
        with contextlib.suppress(OSError):
            os.killpg(self._pid, number)
