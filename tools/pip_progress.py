"""Run pip and say in one line how far it is, instead of in its hundreds."""

from __future__ import annotations

import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

# Seconds between two lines where nothing can be written over.
INTERVAL = 20


class FailedError(Exception):
    """A tool failed; the message is all that it said."""


def run_pip(command: list[str], folder: Path, packages: Path) -> None:
    """Run a command of pip's in ``folder``; on failure, raise what it said.

    ``packages`` is the folder that it installs into.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    progress = _Progress(packages)
    said = []
    try:
        for line in _lines(process):
            if line:
                said.append(line)
                progress.read(line)
            progress.show()
        status = process.wait()
    except KeyboardInterrupt:
        # The terminal told pip too, which removes its temporary files; nobody else would.
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.terminate()
        raise
    finally:
        progress.end()
    if status != 0:
        raise FailedError("".join(said))


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield what it prints, and an empty text for each second in which it prints nothing."""
    printed: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in process.stdout or ():
            printed.put(line)
        printed.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = printed.get(timeout=1)
        except queue.Empty:
            yield ""
        else:
            if line is None:
                return
            yield line


class _Progress:
    """One line on a terminal, written over and over; elsewhere a line now and then."""

    def __init__(self, packages: Path) -> None:
        self._packages = packages
        self._start = self._shown = time.monotonic()
        self._terminal = sys.stdout.isatty()
        self._text = "Looking up packages"
        self._unpacked = (0, 0)

    def read(self, line: str) -> None:
        if found := re.match(r"Collecting ([\w.-]+)", line):
            self._text = f"Looking up {found[1]}"
        elif found := re.match(
            r"\s*Downloading (?:\S*/)?([^-/\s]+)-\S+(?<!\.metadata) (\(.+\))", line
        ):
            self._text = f"Downloading {found[1]} {found[2]}"
        elif line.startswith("Installing collected packages: "):
            self._unpacked = (self._count(), line.count(",") + 1)

    def show(self) -> None:
        now = time.monotonic()
        if now - self._shown < (0.1 if self._terminal else INTERVAL):
            return
        self._shown = now
        before, total = self._unpacked
        if total:
            self._text = f"Unpacking {min(max(self._count() - before, 1), total)} of {total}"
        minutes, seconds = divmod(int(now - self._start), 60)
        text = f"  {minutes}:{seconds:02}  {self._text}"
        if self._terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            print(f"\r\033[K{text}", end="", flush=True)
        else:
            print(text, flush=True)

    def end(self) -> None:
        if self._terminal:
            print("\r\033[K", end="", flush=True)

    def _count(self) -> int:
        return sum(1 for _ in self._packages.glob("*.dist-info"))
