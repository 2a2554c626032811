"""Runs steps inside a worker process, and stores their outputs in the background."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from designer.engine.executors.base import Computed, Task
from designer.engine.executors.value_cache import ValueCache
from designer.engine.fingerprints import digest
from designer.engine.store.entry import write_entry
from designer.engine.store.errors import StoreFullError
from modules.contract.context import Stop
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.runtime.step import StepFailed, error_of, load_specification, run_step
from modules.values.skops_import import import_skops

Send = Callable[..., None]


class StepRunner:
    """Runs one step after the other; a separate thread stores their outputs.

    Parameters
    ----------
    store : Path
        The folder of the store.
    send : callable
        Sends the engine a message: ``"running"``, ``"progress"`` with a fraction and a text,
        ``"trial"`` with a :class:`Trial`, ``"stored"`` with the manifest, ``"unstored"`` with an
        error; the token follows the kind.
    """

    def __init__(self, store: Path, send: Send) -> None:
        self._store = store
        self._send = send
        self._process = os.getpid()
        self._values = ValueCache(store)
        # One entry waiting and one being written: memory stays within bounds.
        self._unsaved: queue.Queue[_Unsaved] = queue.Queue(1)
        threading.Thread(target=self._write, name="write", daemon=True).start()

    def forget(self, tokens: Mapping[str, str]) -> None:
        """Drop values from memory: the job that made them by the key of their entry."""
        self._values.forget(tokens)

    def run(self, task: Task, token: str) -> Computed | dict[str, Any]:
        """Run a task; its outputs are written in the background.

        Parameters
        ----------
        token : str
            Names the job in messages.

        Returns
        -------
        Computed or dict
            A dictionary is the error of a step that failed.
        """
        self._send("running", token)
        try:
            return self._run(task, token)
        except StepFailed as failure:
            return _failure(failure.error, failure.details)
        except BaseException as error:
            return _failure(error_of(error), traceback.format_exc())

    def _run(self, task: Task, token: str) -> Computed:
        began = time.perf_counter()
        warned: list[str] = []
        with contextlib.suppress(OSError):
            os.chdir(task.folder or os.getcwd())
        file = Path(task.module_file) if task.module_file else None
        spec = load_specification(task.module, file, task.function)
        inputs = {port: self._input(task, port) for port in task.inputs}
        stop = Stop(Path(task.stop_file).exists) if task.stop_file else None
        try:
            outputs = run_step(
                spec,
                task.arguments,
                inputs,
                threads=task.threads,
                on_progress=self._progress(token),
                on_warning=lambda text: _warn(warned, text),
                on_trial=lambda trial: self._send("trial", token, trial),
                stop=stop,
                failure_folder=Path(task.leftovers) if task.leftovers else None,
            )
        finally:
            if os.getpid() != self._process:
                # A script has forked, and its child must not continue as a second worker.
                os._exit(0)
        del inputs
        seconds = time.perf_counter() - began
        if not all(isinstance(value, DataTable) for value in outputs.values()):
            # Not left to the writer: two threads that import the same libraries at once
            # may see them half-finished.
            import_skops()
        key = ""
        if stop is not None and stop.heeded:
            # What it returned isn't what the same inputs give another time.
            key = digest(task.key, token)
            task = replace(task, key=key, base=key)
        computed = Computed(frozenset(outputs), seconds, tuple(warned[:100]), key)
        wanted = {port: value for port, value in outputs.items() if port in task.wanted}
        self._values.hold(task.key, token, wanted)
        del wanted
        about = {**task.about, "base": task.base, "seconds": seconds, "warnings": warned[:100]}
        self._unsaved.put((task, token, outputs, about))
        return computed

    def _input(self, task: Task, port: str) -> Any:
        try:
            return self._values.read(task.inputs[port], fresh=task.fresh_inputs)
        except (ModuleError, OSError) as error:
            raise StepFailed(error_of(error) | {"port": port}, str(error)) from None

    def _progress(self, token: str) -> Callable[[float, str], None]:
        last = 0.0

        def report(fraction: float, text: str) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= 0.05 or fraction >= 1:
                last = now
                self._send("progress", token, fraction, text)

        return report

    def _write(self) -> None:
        """Write outputs in the background, one entry after the other."""
        if sys.platform == "linux":
            # Elsewhere a thread's number isn't one that a process could have.
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 5)
        while True:
            task, token, outputs, about = self._unsaved.get()
            try:
                manifest = write_entry(
                    self._store, task.key, outputs, _save, about, replace=task.replace
                )
                self._send("stored", token, manifest)
            except BaseException as error:
                if not isinstance(error, StoreFullError):
                    logging.getLogger(__name__).error("The result can't be stored.", exc_info=True)
                self._send("unstored", token, _not_stored(error))
            del task, outputs, about


def _failure(error: dict[str, Any], details: str) -> dict[str, Any]:
    with contextlib.suppress(Exception):
        sys.stderr.write(details + "\n")
    plain: dict[str, Any] = json.loads(json.dumps(error, default=str))
    return plain


def _warn(warned: list[str], text: str) -> None:
    if text not in warned:
        warned.append(text)
        logging.getLogger("step").warning(text)


def _save(value: Any, folder: Path) -> dict[str, Any]:
    from modules.values import storage

    storage.save(value, folder)
    # As it was written: plain JSON, whatever the summary was made of.
    return storage.describe(folder)


def _not_stored(error: BaseException) -> dict[str, Any]:
    """Return what kept a result from being stored, as an error of its step."""
    if isinstance(error, StoreFullError):
        return {
            "code": "disk-full",
            "message": "There is no space left to store the result of this step: "
            f"{error.strerror}.",
            "hint": "Free some space on the workspace's disk, or choose another workspace.",
        }
    if not isinstance(error, OSError):
        plain = error_of(error)
        if not isinstance(error, ModuleError):
            plain["message"] = f"The result of this step can't be stored: {error}"
        return plain
    reason = (error.strerror or str(error)).rstrip(".")
    where = f" in “{error.filename}”" if error.filename else ""
    plain = {
        "code": "not-stored",
        "message": f"The result of this step can't be stored{where}: "
        f"{reason[:1].lower()}{reason[1:]}.",
    }
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        plain["hint"] = "Choose a workspace in a folder that you can write to."
    return plain


_Unsaved = tuple[Task, str, dict[str, Any], dict[str, Any]]
"""A task with its token, its outputs, and what else to note of it."""
