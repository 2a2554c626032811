"""Which process is which, also after its number was given to another one."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path


@functools.cache
def _identity_of(pid: int) -> str:
    return f"{pid}:{_created(pid)}"


def identity() -> str:
    """Return a text that no other process of this computer has: its number and start."""
    return _identity_of(os.getpid())


def is_alive(process: str) -> bool:
    """Return whether the process with an identity still exists."""
    pid, _, created = process.partition(":")
    return pid.isdigit() and _created(int(pid)) == created


def _created(pid: int) -> str:
    """Return when a process was started, in a form that setting the clock doesn't change."""
    if sys.platform == "linux":
        try:
            # What comes before may contain anything: the name of the program.
            fields = (
                Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            )
            boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else f"{fields[19]}-{boot[:8]}"
    import psutil

    try:
        return f"{psutil.Process(pid).create_time():.2f}"
    except (psutil.Error, OverflowError, ValueError):
        return ""
