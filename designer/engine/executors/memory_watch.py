"""Ends worker processes that use too much memory, before the system has none left.

What counts is memory that a process and all that it has started have written: tables that are
mapped from the store don't, nor does memory that is only reserved. A limit of the system
(RLIMIT_DATA) would count both, and most libraries end their process when it is reached.
"""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DESIGN_LIMIT = 2_000_000_000
"""Bytes that a step may use at design time, when it works on a sample."""

SHARE = 0.8
"""Of the computer's memory, that a step of a run may use."""

SHARE_OF_ALL = 0.9
"""Of the computer's memory, that all steps of this program may use together."""

INTERVAL = 0.1
"""Seconds between two looks; memory is written at a few gigabytes per second."""


@functools.cache
def computer_memory() -> int:
    """Return the memory of this computer, or of the container that this runs in, in bytes."""
    import psutil

    total = int(psutil.virtual_memory().total)
    with contextlib.suppress(OSError, ValueError):
        # “max” in most cases.
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text("ascii")))
    return total


def default_limit() -> int:
    """Return how many bytes a step of a run may use if nothing else is set."""
    return int(SHARE * computer_memory())


@dataclass(eq=False)
class Watched:
    """A process with a limit.

    Parameters
    ----------
    pid : int
        Of the process; what it starts counts as well.
    limit : int
        Bytes.
    end : callable
        Called with the limit that was reached, once, on the thread that watches.
    peak : int
        The most bytes that were seen since it had something to do.
    """

    pid: int
    limit: int
    end: Callable[[int], None]
    peak: int = 0
    processes: list[Any] = field(default_factory=list)
    found: float = 0.0

    def used(self, *, exact: bool = False) -> int:
        """Return the bytes in use.

        Parameters
        ----------
        exact : bool
            Count what processes share only once, which takes longer.
        """
        self._find()
        return sum(map(_exactly if exact else _written, self.processes))

    def final_peak(self) -> int:
        """Return the most bytes until now; what took less than a look has the process's own."""
        import psutil

        with contextlib.suppress(psutil.Error):
            self.peak = max(self.peak, _written(psutil.Process(self.pid)))
        return self.peak

    def _find(self) -> None:
        """Look for processes that were started, now and then: it means looking at all."""
        import psutil

        if time.monotonic() - self.found > _LOOK_AGAIN:
            self.found = time.monotonic()
            try:
                leader = psutil.Process(self.pid)
                self.processes = [leader, *leader.children(recursive=True)]
            except psutil.Error:
                self.processes = []


class MemoryWatch:
    """Watches processes while they have something to do, on one thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy: set[Watched] = set()
        self._thread: threading.Thread | None = None

    def begin(self, watched: Watched) -> None:
        """Watch a process that has something to do from now on."""
        watched.peak = 0
        with self._changed:
            self._busy.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._watch, name="engine memory", daemon=True
                )
                self._thread.start()

    def end(self, watched: Watched) -> None:
        """Stop watching a process."""
        with self._changed:
            self._busy.discard(watched)
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._busy, INTERVAL)
                busy = list(self._busy)
                if not busy:
                    self._thread = None
                    return
            self._check(busy)

    def _check(self, busy: Iterable[Watched]) -> None:
        used = {each: each.used() for each in busy}
        for each, size in list(used.items()):
            each.peak = max(each.peak, size)
            if not each.processes:
                # It has ended, and its number may become another's.
                self.end(each)
            if size > each.limit:
                used[each] = each.used(exact=True)
                if used[each] > each.limit:
                    self._stop(each, each.limit)
                    return
        most = int(SHARE_OF_ALL * computer_memory())
        if sum(used.values()) > most:
            used = {each: each.used(exact=True) for each in used}
            if sum(used.values()) > most:
                self._stop(max(used, key=lambda each: used[each]), most)

    def _stop(self, watched: Watched, limit: int) -> None:
        self.end(watched)
        watched.end(limit)


def _written(process: Any) -> int:
    """Return the bytes that a process has written, including what it shares after a fork."""
    import psutil

    try:
        if sys.platform == "linux":
            fields = _fields(process.pid, "status")
            return sum(fields.get(name, 0) for name in ("RssAnon", "RssShmem", "VmSwap"))
        info = process.memory_info()
        # On Windows what was written; on macOS there is no cheap figure without mapped files.
        return int(getattr(info, "private", info.rss))
    except (psutil.Error, OSError):
        return 0


def _exactly(process: Any) -> int:
    """Return the bytes of a process, with its share of what others use too."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fields = _fields(process.pid, "smaps_rollup")
            if "Pss_Anon" in fields:
                return sum(fields.get(name, 0) for name in ("Pss_Anon", "Pss_Shmem", "SwapPss"))
    return _written(process)


def _fields(pid: int, name: str) -> dict[str, int]:
    """Return the sizes in a file about a process on Linux, in bytes by name."""
    import psutil

    sizes = {}
    path = Path(psutil.PROCFS_PATH, str(pid), name)
    with path.open(encoding="ascii", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if value.endswith(" kB\n"):
                sizes[name] = int(value[:-3]) * 1024
    return sizes


_LOOK_AGAIN = 1.0
"""Seconds for which started processes may go unseen."""

memory_watch = MemoryWatch()
"""The one that watches all workers of this program."""
