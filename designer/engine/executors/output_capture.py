"""Transfer of the output of steps from a worker process to their logs.

A worker prints into a pipe, at any level; marks in the stream itself show
which step prints from there on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import sys
import threading
from typing import Any, TextIO

from designer.engine.logs import LogFile
from modules.contract.secrets import Masking

MARK = b"\x00modeldesk:"
"""Begins a mark in the stream."""

MARK_SIZE = len(MARK) + 33
"""A mark ends with 32 hexadecimal digits and a line feed."""

NOBODY = "0" * 32
"""Marks output of no step."""

_SECRET = "secret:"
"""Begins a mark behind which a secret follows, whose bytes the mark counts."""

_SECRET_PART = 2048
"""Bytes of a longer secret that are masked together; a pipe takes so much in one piece."""


class OutputCapture:
    """The engine's end: sends what one worker prints to the logs of its steps.

    Parameters
    ----------
    name : str
        The worker's.
    """

    def __init__(self, name: str) -> None:
        self._reader, self.writer = multiprocessing.get_context("spawn").Pipe(duplex=False)
        self._logs: dict[str, LogFile] = {}
        self._masking = Masking()
        self._closed = False
        threading.Thread(target=self._read, name=f"engine {name} output", daemon=True).start()

    def log_to(self, token: str, log: LogFile) -> None:
        """Send what is printed after a mark to a log file."""
        self._logs[token] = log

    def close(self) -> None:
        """End the log of a step whose process has ended, after its output."""
        self._closed = True
        self._print(MARK + NOBODY.encode() + b"\n" + _FAREWELL)
        self.writer.close()

    def _print(self, content: bytes) -> None:
        with contextlib.suppress(OSError):
            if os.name == "nt":
                self.writer.send_bytes(content)
            else:
                os.write(self.writer.fileno(), content)

    def _read(self) -> None:
        reader = self._reader
        log: LogFile | None = None
        rest = b""
        while True:
            try:
                if os.name == "nt":
                    content = reader.recv_bytes()
                else:
                    content = os.read(reader.fileno(), 1 << 18)
            except (EOFError, OSError):
                break
            if not content:
                break
            content = rest + content
            rest = b""
            while (at := content.find(MARK)) >= 0:
                mark = content[at : at + MARK_SIZE]
                if len(mark) < MARK_SIZE:
                    break
                token = mark[len(MARK) : -1].decode("ascii", "replace")
                if token.startswith(_SECRET):
                    end = at + MARK_SIZE + int(token.removeprefix(_SECRET))
                    if len(content) < end:
                        break
                    self._masking.add(content[at + MARK_SIZE : end].decode("utf-8", "replace"))
                    content = content[:at] + content[end:]
                    continue
                if log is not None:
                    log.write(self._masking.mask(content[:at]) + self._masking.finish())
                    log.close()
                log = self._logs.pop(token, None)
                content = content[at + MARK_SIZE :]
            if at < 0:
                # The beginning of a mark may be at the end.
                at = content.rfind(b"\x00", max(0, len(content) - MARK_SIZE))
                if at >= 0 and not MARK.startswith(content[at : at + len(MARK)]):
                    at = -1
            if at >= 0:
                content, rest = content[:at], content[at:]
            if self._closed and rest == _FAREWELL:
                break
            if log is not None and content:
                log.write(self._masking.mask(content))
        if log is not None:
            log.write(self._masking.finish())
        for each in (log, *self._logs.values()):
            if each is not None:
                each.close()
        reader.close()


class Redirection:
    """The worker's end: takes everything that its process prints, at whatever level."""

    def __init__(self, output: Any) -> None:
        # A program without a console (pythonw, a service) may have no streams under the numbers
        # 0 to 2, and nothing else may take these numbers.
        self._nothing = os.open(os.devnull, os.O_RDONLY)
        while self._nothing <= 2:
            self._nothing = os.open(os.devnull, os.O_RDONLY)
        if os.name == "nt":
            reader, self._descriptor = os.pipe()
            threading.Thread(target=_forward, args=(reader, output), daemon=True).start()
        else:
            self._descriptor = os.dup(output.fileno())
        self._redirect()
        self._streams = [_stream(1), _stream(2)]
        self._input = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        self.restore()
        faulthandler.enable(self._descriptor, all_threads=False)

    def restore(self) -> None:
        """Restore the streams, whatever a script has done to them."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        self._redirect()
        for index, stream in enumerate(self._streams):
            if stream.closed:
                self._streams[index] = _stream(index + 1)
        sys.stdin = self._input
        sys.stdout, sys.stderr = self._streams

    def _redirect(self) -> None:
        os.dup2(self._nothing, 0)
        for number in (1, 2):
            os.dup2(self._descriptor, number)

    def mark(self, token: str) -> None:
        """Mark in the stream which step prints from now on."""
        view = memoryview(MARK + token.encode() + b"\n")
        while view:
            view = view[os.write(self._descriptor, view) :]

    def mask(self, value: str) -> None:
        """Have a secret masked in everything that is printed from now on."""
        content = value.encode("utf-8", "replace")
        for start in range(0, len(content), _SECRET_PART):
            part = content[start : start + _SECRET_PART]
            token = f"{_SECRET}{len(part):0{32 - len(_SECRET)}}"
            # In one piece: another thread may print meanwhile.
            os.write(self._descriptor, MARK + token.encode() + b"\n" + part)


def _stream(number: int) -> TextIO:
    return open(number, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)


def _forward(reader: int, output: Any) -> None:
    while content := os.read(reader, 1 << 16):
        output.send_bytes(content)


_FAREWELL = b"\x00modeldesk"
