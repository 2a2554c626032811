"""The program inside a worker process of this computer.

Its main thread does one thing at a time: a step, or a call for the window. A second thread
listens to the engine and ends the worker when the engine is gone; a third writes what steps
give to the store (``step_runner.py``).
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO

from designer.engine.executors.output_capture import NOBODY, Redirection
from designer.engine.executors.preloading import limit_threads
from designer.engine.executors.step_runner import StepRunner
from modules.contract.registry.discovery import make_packages
from modules.contract.secrets import on_secret, withhold_environment


@dataclass(frozen=True)
class Settings:
    """The settings of a worker.

    Parameters
    ----------
    store : str
        The folder of the store.
    environment : mapping of str to str
        The engine's environment.
    nice : int
        Lowered priority of the whole worker.
    packages : mapping of str to str
        Folders of the user's own modules by the name of their package: what those have
        fitted is read by steps of others.
    """

    store: str
    environment: Mapping[str, str]
    nice: int = 0
    packages: Mapping[str, str] = field(default_factory=dict)


def main(connection: Connection, output: Any, settings: Settings) -> None:
    """Execute the engine's commands until it exits.

    Parameters
    ----------
    connection : Connection
        To the engine. Comes: ``("run", token, task)``, ``("call", token, function and
        arguments, pickled)``, ``("forget", keys)``. Goes: ``("ready",)``, what
        :class:`StepRunner` sends, and ``("returned" or "raised", token, value, pickled)``.
    output : Connection
        Receives the output of steps.
    """
    if sys.platform != "win32":
        os.setsid()
        # It started with Ctrl+C blocked; outside of the terminal's group it needn't be.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.clear()
    os.environ.update(settings.environment)
    withhold_environment()
    if hasattr(time, "tzset"):
        time.tzset()
    limit_threads()
    if settings.nice and hasattr(os, "nice"):
        os.nice(settings.nice)
    for name, folder in settings.packages.items():
        # Bytecode is trusted by time and size: a quick change would load the old code.
        sys.dont_write_bytecode = True
        make_packages(name, Path(folder))
    global _home
    _home = settings.store
    _Worker(connection, Redirection(output), Path(settings.store)).serve()


def leave_folder() -> None:
    """Leave the folder of a step: Windows removes and renames none that a process works in."""
    if _home is not None:
        with contextlib.suppress(OSError):
            os.chdir(_home)


class _Worker:
    def __init__(self, connection: Connection, output: Redirection, store: Path) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._orders: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._output = output
        if hasattr(os, "register_at_fork"):
            # The engine sees by the end of the connection that this process has ended: a
            # child that a step forks must not keep it open.
            os.register_at_fork(after_in_child=connection.close)
        on_secret(output.mask)
        _set_up_logging()
        self._steps = StepRunner(store, self._send)
        threading.Thread(target=self._listen, name="listen", daemon=True).start()

    def serve(self) -> None:
        self._send("ready")
        while True:
            kind, token, content = self._orders.get()
            if kind == "run":
                self._output.restore()
                self._output.mark(token)
                outcome = self._steps.run(content, token)
                leave_folder()
                self._output.restore()
                self._output.mark(NOBODY)
                self._send("ended", token, outcome)
                del outcome
            else:
                self._send(*_called(token, content))
            del content

    def _listen(self) -> None:
        """Pass on what the engine sends; end when it is gone."""
        try:
            while True:
                order = self._connection.recv()
                if order[0] == "forget":
                    self._steps.forget(order[1])
                else:
                    self._orders.put(order)
                del order
        except (EOFError, OSError):
            if sys.platform != "win32" and os.getpgid(0) == os.getpid():
                os.killpg(os.getpid(), signal.SIGKILL)
            os._exit(1)

    def _send(self, *message: Any) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)


def _called(token: str, content: bytes) -> tuple[str, str, bytes]:
    """Call a function; return a message with the result."""
    try:
        function, arguments = pickle.loads(content)  # noqa: S301 - from the engine itself
        return "returned", token, pickle.dumps(function(*arguments))
    except BaseException as error:
        try:
            content = pickle.dumps(error)
            pickle.loads(content)  # noqa: S301 - made above
        except Exception:
            content = pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
        return "raised", token, content


class _CurrentStderr(logging.StreamHandler[TextIO]):
    """Writes to whatever the standard error stream is at the moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _set_up_logging() -> None:
    handler = _CurrentStderr()
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


_home: str | None = None
