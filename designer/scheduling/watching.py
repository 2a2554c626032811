"""Wakes a server when the system reports that a watched file has changed."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

_log = logging.getLogger(__name__)


class Watcher:
    """Watches files and folders on a thread.

    It is only a hint to look sooner: network drives report nothing, and a folder that comes back
    after it was deleted is watched again only when it is there.
    """

    def __init__(self) -> None:
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._changes: Counter[Path] = Counter()
        self._watched: frozenset[tuple[Path, bool]] = frozenset()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def watch(self, paths: Iterable[Path]) -> None:
        """Watch these from now on, as far as they exist."""
        paths = frozenset(paths)
        # A file is often replaced by another one, so it is its folder that is watched.
        folders = ((path, True) if path.is_dir() else (path.parent, False) for path in paths)
        wanted = frozenset(each for each in folders if each[0].is_dir())
        if wanted == self._watched and all(thread.is_alive() for thread in self._threads):
            return
        self.close()
        self._watched, self._stop = wanted, threading.Event()
        for deep in (True, False):
            chosen = [folder for folder, is_deep in wanted if is_deep == deep]
            if chosen:
                thread = threading.Thread(
                    target=self._follow,
                    args=(chosen, deep, paths, self._stop),
                    name="file changes",
                    daemon=True,
                )
                self._threads.append(thread)
                thread.start()

    def count(self, paths: Iterable[Path]) -> int:
        """Return how often the system has reported changes to some paths."""
        with self._lock:
            return sum(self._changes[path] for path in paths)

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait for a change, some time, or the end."""
        if not stop.is_set():
            self._wake.wait(seconds)
        self._wake.clear()

    def wake(self) -> None:
        """End the wait."""
        self._wake.set()

    def close(self) -> None:
        """Watch nothing any more."""
        self._stop.set()
        for thread in self._threads:
            thread.join(10)
        self._threads.clear()

    def _follow(
        self, folders: Sequence[Path], deep: bool, paths: Collection[Path], stop: threading.Event
    ) -> None:
        from watchfiles import watch

        changes = watch(
            *folders,
            recursive=deep,
            watch_filter=None,
            stop_event=stop,
            rust_timeout=1000,
            ignore_permission_denied=True,
        )
        try:
            for found in changes:
                changed = [Path(path) for _, path in found]
                with self._lock:
                    self._changes.update(
                        path for path in paths if any(e.is_relative_to(path) for e in changed)
                    )
                self._wake.set()
        except (OSError, RuntimeError) as error:
            # A folder has vanished, or there are too many: the server looks now and then anyway.
            _log.debug("Changes of files aren't reported: %s", error)
