"""The process that submits, seen from the window."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from designer.app.background.wire import event_from_json
from designer.app.runs.run_handles import OnEvent
from designer.engine.results import RunResult

COMMAND = (sys.executable, "-P", "-m", "designer.app.background.program")
"""What is started; ``-P`` keeps a file of the current folder from being imported."""


class RemoteError(Exception):
    """Something with Azure ML went wrong: one sentence, and what to do in ``hint``."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Process:
    """A process that is given a request and tells lines.

    Parameters
    ----------
    on_message : callable
        Told every message, on a thread of its own.
    on_end : callable
        Told, on that thread, that there will be no more.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        on_message: Callable[[Mapping[str, Any]], None],
        on_end: Callable[[], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._on_message = on_message
        self._on_end = on_end
        self._lock = threading.Lock()
        apart: dict[str, Any] = {} if os.name == "nt" else {"start_new_session": True}
        if os.name == "nt":
            apart = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            **apart,
        )
        self.thread = threading.Thread(target=self._read, name="remote run", daemon=True)
        self.thread.start()
        self.tell(request)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message; a process that has ended gets none."""
        stream = self._process.stdin
        with self._lock, contextlib.suppress(OSError, ValueError):
            if stream is not None:
                stream.write(json.dumps(message) + "\n")
                stream.flush()

    def leave(self) -> None:
        """Let the process know that nobody listens any more; it ends soon."""
        with self._lock, contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()

    def _read(self) -> None:
        stream: IO[str] | None = self._process.stdout
        assert stream is not None
        for line in stream:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if isinstance(message, dict):
                self._on_message(message)
        stream.close()
        self._process.wait()
        self.leave()
        self._on_end()


class RemoteRun:
    """A run on Azure ML; see :class:`designer.app.runs.run_handles.RemoteHandle`.

    Parameters
    ----------
    on_event : callable
        Takes the events of the run.
    on_say : callable
        Takes what the person is to be told: the code of a sign-in, for example.
    """

    def __init__(
        self,
        request: Mapping[str, Any],
        on_event: OnEvent,
        on_say: Callable[[str], None],
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._on_event = on_event
        self._on_say = on_say
        self._done = threading.Event()
        self._result: RunResult | None = None
        self._error: RemoteError | None = None
        self._ended_well = False
        self._cancelled = False
        self.id = ""
        self.folder: Path | None = None
        self.url = ""
        self._process = Process(request, self._take, self._on_end, command)

    def cancel(self) -> None:
        """Ask for the end of the run. Returns at once."""
        self._cancelled = True
        self._process.tell({"do": "cancel"})

    def leave(self) -> None:
        """Stop to follow the run, which goes on. Returns at once."""
        self._process.leave()

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end of the run; None if that takes longer.

        Raises
        ------
        RemoteError
            If it can't be submitted or followed.
        """
        if not self._done.wait(timeout):
            return None
        if self._error is not None:
            raise self._error
        return self._result or RunResult(self.id, "cancelled", 0.0, {})

    def _take(self, message: Mapping[str, Any]) -> None:
        if "event" in message:
            event = event_from_json(message)
            if event is not None:
                self._on_event(event)
        elif "say" in message:
            self._on_say(str(message["say"]))
        elif isinstance(message.get("submitted"), dict):
            told = message["submitted"]
            self.id, self.url = str(told.get("run", "")), str(told.get("url", ""))
            self.folder = Path(told["folder"]) if told.get("folder") else None
            self._on_say("")
        elif isinstance(message.get("error"), dict):
            told = message["error"]
            self._error = RemoteError(str(told.get("message", "")), str(told.get("hint", "")))
        elif "result" in message:
            self._ended_well = True
            with contextlib.suppress(KeyError, TypeError, AttributeError):
                if message["result"] is not None:
                    self._result = RunResult.from_json(message["result"])

    def _on_end(self) -> None:
        if not self._ended_well and self._error is None and not self._cancelled:
            self._error = RemoteError(
                "The program that follows the run has ended unexpectedly.",
                "The run may go on in Azure ML.",
            )
        self._done.set()
