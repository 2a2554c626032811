"""What happens inside a worker process of this computer.

A worker runs one step at a time in its main thread. A second thread writes the
outputs to the store behind it, a third listens to the engine and ends the
worker when the engine is gone.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, TextIO

from designer.engine.executors.base import Computed, Task
from designer.engine.executors.output_capture import NOBODY, Redirection
from designer.engine.executors.value_cache import Values
from designer.engine.store_entry import StoreFullError, write_entry
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.runtime.loading import make_packages
from modules.runtime.step import StepFailed, error_of, load_specification, preload, run_step


@dataclass(frozen=True)
class Settings:
    """What a worker is told when it starts.

    Parameters
    ----------
    address, secret
        Where the engine listens, and how to be let in.
    name, generation
        Which of the engine's workers this is, and which of its processes.
    output : Connection or None
        Takes what steps print.
    nice : int
        Lowered priority of the whole worker.
    packages : mapping of str to str
        Folders of a person's own modules by the name of their package: what those have
        learnt is read by steps of others.
    """

    address: Any
    secret: bytes
    name: str
    generation: int
    store: str
    output: Any
    nice: int = 0
    packages: Mapping[str, str] = field(default_factory=dict)


def start(settings: Settings) -> None:
    """Prepare a new worker process; called once before its first task."""
    if sys.platform != "win32":
        os.setsid()
        # It was started deaf; out of the terminal's group it need not be.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # pebble's own handler tidies up for seconds; a cancelled step is to end at once.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for name in _THREAD_VARIABLES:
        os.environ[name] = "1"
    # OpenMP's threads wait for each other by spinning. Measured on a busy machine, fits
    # of boosted trees took 3 to 14 times as long with the usual 300,000 spins; with this
    # number they are as fast as ever on a quiet one.
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")
    if settings.nice and hasattr(os, "nice"):
        os.nice(settings.nice)
    for name, folder in settings.packages.items():
        # Bytecode is trusted by time and size: a quick change would load the old code.
        sys.dont_write_bytecode = True
        make_packages(name, Path(folder))
    global _worker
    _worker = _Worker(settings)


def warm_up() -> None:
    """Import what almost every step needs, before the first step does."""
    preload()
    from modules.values import storage  # noqa: F401

    for name in ("sklearn.pipeline", "sklearn.ensemble", "sklearn.linear_model", "skops.io"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def run_task(task: Task, token: str) -> Computed | dict[str, Any]:
    """Run a task; its outputs are written behind.

    Parameters
    ----------
    token : str
        32 hexadecimal digits that mark the task's part of what is printed.

    Returns
    -------
    Computed or dict
        A dictionary is the error of a step that failed.
    """
    assert _worker is not None
    return _worker.run(task, token)


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function for the window."""
    return function(*arguments)


def go_home() -> None:
    """Leave the folder of a step: Windows removes and renames none that a process works in."""
    if _worker is not None:
        with contextlib.suppress(OSError):
            os.chdir(_worker.store)


class _Worker:
    def __init__(self, settings: Settings) -> None:
        self.store = Path(settings.store)
        self._process = os.getpid()
        try:
            self._connection: Connection = Client(settings.address, authkey=settings.secret)
            self._connection.send(("hello", settings.name, settings.generation, os.getpid()))
        except (ConnectionError, FileNotFoundError, EOFError):
            # The engine is gone already; there is nobody to tell.
            os._exit(1)
        if hasattr(os, "register_at_fork"):
            # The engine sees by the end of the connection that this process has ended: a
            # child that a step forks must not hold it open.
            os.register_at_fork(after_in_child=self._connection.close)
        self._sending = threading.Lock()
        self._values = Values(self.store)
        # One entry waiting and one being written: memory stays within bounds.
        self._unsaved: queue.Queue[tuple[Task, str, dict[str, Any], dict[str, Any]]] = queue.Queue(
            1
        )
        self._output = Redirection(settings.output)
        _set_up_logging()
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        threading.Thread(target=self._write, name="write", daemon=True).start()

    def run(self, task: Task, token: str) -> Computed | dict[str, Any]:
        self._output.restore()
        self._output.mark(token)
        self._send("running", token)
        try:
            return self._run(task, token)
        except StepFailed as failure:
            return self._failure(failure.error, failure.details)
        except BaseException as error:
            return self._failure(error_of(error), traceback.format_exc())
        finally:
            go_home()
            self._output.restore()
            self._output.mark(NOBODY)

    def _run(self, task: Task, token: str) -> Computed:
        began = time.perf_counter()
        warned: list[str] = []
        with contextlib.suppress(OSError):
            os.chdir(task.folder or os.getcwd())
        file = Path(task.module_file) if task.module_file else None
        spec = load_specification(task.module, file, task.function)
        inputs = {port: self._input(task, port) for port in task.inputs}
        try:
            outputs = run_step(
                spec,
                task.arguments,
                inputs,
                threads=task.threads,
                on_progress=self._progress(token),
                on_warning=lambda text: self._warned(warned, text),
                leftovers=Path(task.leftovers) if task.leftovers else None,
            )
        finally:
            if os.getpid() != self._process:
                # A script has forked, and its child must not go on as a second worker.
                os._exit(0)
        del inputs
        seconds = time.perf_counter() - began
        if not all(isinstance(value, DataTable) for value in outputs.values()):
            # Not left to the writer: it imports half of scikit-learn, and two threads
            # that import the same libraries at once may see them half-finished.
            importlib.import_module("skops.io")
        computed = Computed(frozenset(outputs), seconds, tuple(warned[:100]))
        wanted = {port: value for port, value in outputs.items() if port in task.wanted}
        self._values.hold(task.key, token, wanted)
        del wanted
        about = {**task.about, "base": task.base, "seconds": seconds, "warnings": warned[:100]}
        self._unsaved.put((task, token, outputs, about))
        return computed

    def _failure(self, error: dict[str, Any], details: str) -> dict[str, Any]:
        with contextlib.suppress(Exception):
            sys.stderr.write(details + "\n")
        plain: dict[str, Any] = json.loads(json.dumps(error, default=str))
        return plain

    def _input(self, task: Task, port: str) -> Any:
        try:
            return self._values.read(task.inputs[port], fresh=task.fresh_inputs)
        except (ModuleError, OSError) as error:
            raise StepFailed(error_of(error) | {"port": port}, str(error)) from None

    def _write(self) -> None:
        """Write outputs behind the steps, one entry after the other."""
        if sys.platform == "linux":
            # Elsewhere a thread's number is not one that a process could have.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
        while True:
            task, token, outputs, about = self._unsaved.get()
            try:
                manifest = write_entry(
                    self.store, task.key, outputs, _save, about, replace=task.replace
                )
                self._send("stored", token, manifest)
            except StoreFullError as error:
                self._send(
                    "unstored",
                    token,
                    {
                        "code": "disk-full",
                        "message": "There is no space left to store the result of this step: "
                        f"{error.strerror}.",
                        "hint": "Free some space on the disk that holds the workspace, "
                        "or choose another workspace.",
                    },
                )
            except BaseException as error:
                logging.getLogger(__name__).error("The result can't be stored.", exc_info=True)
                plain = error_of(error)
                if isinstance(error, OSError):
                    plain = _not_stored(error)
                elif not isinstance(error, ModuleError):
                    plain["message"] = f"The result of this step can't be stored: {error}"
                self._send("unstored", token, plain)
            del task, outputs, about

    def _listen(self) -> None:
        """Do what the engine says; end when it is gone."""
        try:
            while True:
                kind, content = self._connection.recv()
                if kind == "forget":
                    self._values.forget(content)
        except (EOFError, OSError):
            if sys.platform != "win32" and os.getpgid(0) == os.getpid():
                os.killpg(os.getpid(), signal.SIGKILL)
            os._exit(1)

    def _progress(self, token: str) -> Callable[[float, str], None]:
        last = 0.0

        def tell(fraction: float, text: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= 0.05 or fraction >= 1:
                last = now
                self._send("progress", token, fraction, text)

        return tell

    def _warned(self, warned: list[str], text: str) -> None:
        if text not in warned:
            warned.append(text)
            logging.getLogger("step").warning(text)

    def _send(self, *message: Any) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)


def _not_stored(error: OSError) -> dict[str, Any]:
    """Say what the operating system objects to."""
    reason = (error.strerror or str(error)).rstrip(".")
    place = f" in “{error.filename}”" if error.filename else ""
    plain = {
        "code": "not-stored",
        "message": f"The result of this step can't be stored{place}: "
        f"{reason[:1].lower()}{reason[1:]}.",
    }
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        plain["hint"] = "Choose a workspace in a folder that you may write to."
    return plain


def _save(value: Any, folder: Path) -> dict[str, Any]:
    from modules.values import storage

    storage.save(value, folder)
    # As it was written: plain JSON, whatever the summary was made of.
    return storage.describe(folder)


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


_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)

_Unsaved = tuple[Task, str, dict[str, Any], dict[str, Any]]
"""A task with its token, its outputs, and what else to note of it."""

_worker: _Worker | None = None
