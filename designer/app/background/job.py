"""A job for a background process, seen from the window."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
import typing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import IO, Any, Generic, TypeVar

from designer.app.background import wire
from designer.app.background.errors import Cancelled, Killed, UserError
from designer.texts import tr

_LOG = logging.getLogger(__name__)

COMMAND = (sys.executable, "-P", "-m", "designer.app.background.program")
"""What is started; ``-P`` keeps a file of the current folder from being imported."""

Result = TypeVar("Result")


class Job(Generic[Result]):
    """A function that works in a separate process.

    Parameters
    ----------
    function : callable
        A function of :mod:`designer` with annotations that pydantic supports.
    arguments : mapping of str to object
        By parameter.
    callbacks : mapping of str to callable
        By parameter: what is called here, on a thread, when the function calls it there.
    command : sequence of str
        The program; see :mod:`designer.app.background.program`.

    Attributes
    ----------
    future : Future
        The result; or ``UserError``: ``Cancelled`` if it was canceled and rolled back,
        ``Killed`` if it ended without rolling back.
    """

    def __init__(
        self,
        function: Callable[..., Result],
        arguments: Mapping[str, object],
        callbacks: Mapping[str, Callable[..., object]] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.future: Future[Result] = Future()
        self._function = function
        self._callbacks = dict(callbacks or {})
        self._lock = threading.Lock()
        self._asked = False
        plain = {name: wire.dump(value) for name, value in arguments.items()}
        call = wire.Call(wire.reference(function), plain, tuple(self._callbacks))
        # The process may outlive this one, which mustn't get what it prints.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed by the thread
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            # Ctrl+C in the terminal is for the window, which then leaves its jobs.
            start_new_session=os.name != "nt",
        )
        self.thread = threading.Thread(target=self._follow, name="background job", daemon=True)
        self.thread.start()
        self._send(wire.dump(call))

    def cancel(self) -> None:
        """Cancel it and roll back what it made. Returns at once."""
        self._asked = True
        self._send(wire.CANCEL)

    def leave(self) -> None:
        """Stop waiting for it; it finishes as when a window closes."""
        self._asked = True
        self._send(wire.LEAVE)
        self._close_input()

    def kill(self) -> None:
        """Kill it, whatever remains."""
        self._asked = True
        self._process.kill()

    def _send(self, message: object) -> None:
        """Send a message; a process that has ended gets none."""
        stream = self._process.stdin
        assert stream is not None
        with self._lock, contextlib.suppress(OSError, ValueError):
            stream.write(json.dumps(message) + "\n")
            stream.flush()

    def _close_input(self) -> None:
        assert self._process.stdin is not None
        with self._lock, contextlib.suppress(OSError):
            self._process.stdin.close()

    def _follow(self) -> None:
        last: dict[str, Any] = {}
        hints = typing.get_type_hints(self._function)
        try:
            assert self._process.stdout is not None
            with self._process.stdout as stream:
                for line in stream:
                    last = json.loads(line)
                    name = last.get("callback")
                    if name in self._callbacks:
                        types = wire.callback_types(hints[name])
                        values = zip(types, last["arguments"], strict=True)
                        self._callbacks[name](*(wire.load(*each) for each in values))
            self._process.wait()
            self._close_input()
            if "result" in last:
                self.future.set_result(wire.load(hints["return"], last["result"]))
            else:
                self.future.set_exception(self._error(last))
        except BaseException as error:
            self._process.kill()
            self.future.set_exception(error)
        finally:
            self._errors.close()

    def _error(self, last: Mapping[str, Any]) -> UserError:
        if "error" in last:
            return UserError(**last["error"])
        if "cancelled" in last:
            return Cancelled(tr("Canceled; everything was rolled back."))
        if self._asked:
            if not last:
                # It calls back before it makes anything.
                return Cancelled(tr("Canceled; nothing was created."))
            return Killed(tr("It was stopped before everything was rolled back."))
        self._errors.seek(0)
        text = self._errors.read()[-8000:].decode("utf-8", "replace")
        _LOG.error("A background job failed.\n%s", _without_secrets(text))
        name = last.get("unexpected")
        if name:
            return UserError(
                tr("Unexpected error ({name}).").format(name=name), tr("See the log for details.")
            )
        return UserError(
            tr("The background process ended unexpectedly."), tr("See the log for details.")
        )


def _without_secrets(text: str) -> str:
    from designer.azure.errors import without_secrets

    return without_secrets(text)
