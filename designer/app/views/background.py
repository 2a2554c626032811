"""Work in another process, with its result delivered to the window's thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from designer.composed_texts import in_language
from designer.texts import tr
from modules.contract.errors import ModuleError

_LOG = logging.getLogger(__name__)


class Caller(Protocol):
    """Runs a function in a worker process: the engine."""

    def call(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Start a call."""


class Task:
    """A task in progress."""

    def __init__(self, future: Future[Any]) -> None:
        self._future = future
        self.dropped = False

    def drop(self) -> None:
        """Cancel it: its result is dropped, and it doesn't need to start."""
        self.dropped = True
        self._future.cancel()


class Tasks:
    """Runs functions for one widget; results after its end are dropped.

    Parameters
    ----------
    owner : QObject
        The widget that waits for the results.
    engine : Caller or None
        Without one a thread of this process does the work.
    """

    def __init__(self, owner: QObject, engine: Caller | None) -> None:
        self._owner = owner
        self._engine = engine
        self._open: set[Task] = set()
        tasks = self._open
        owner.destroyed.connect(lambda: _drop_all(tasks))

    def run(
        self,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], None],
        failed: Callable[[str, str], None],
    ) -> Task:
        """Start a function that a worker can import by name.

        Parameters
        ----------
        done, failed : callable
            Called in this thread with the result, or with a sentence and a hint.
        """
        try:
            future = (self._engine.call if self._engine else _in_thread)(function, *args)
        except (RuntimeError, OSError) as error:
            future = Future()
            future.set_exception(error)
        task = Task(future)
        self._open.add(task)

        def deliver() -> None:
            self._open.discard(task)
            if not task.dropped and shiboken6.isValid(  # type: ignore[no-untyped-call]
                self._owner
            ):
                _hand_over(future, done, failed)

        invoker = _invoker()
        future.add_done_callback(lambda _: _post(invoker, deliver))
        return task


def _drop_all(tasks: set[Task]) -> None:
    for task in tuple(tasks):
        task.drop()


def _hand_over(
    future: Future[Any], done: Callable[[Any], None], failed: Callable[[str, str], None]
) -> None:
    try:
        result = future.result()
    except CancelledError:
        return
    except ModuleError as error:
        failed(in_language(error.message), in_language(error.hint))
    except Exception:
        _LOG.exception("A result couldn't be read.")
        failed(tr("This result can't be read."), tr("Run its step again."))
    else:
        done(result)


class _Invoker(QObject):
    """Lives as long as the application, so that a late worker finds it."""

    posted = Signal(object)

    @Slot(object)
    def deliver(self, call: Any) -> None:
        call()


def _invoker() -> _Invoker:
    application = QApplication.instance()
    found = application.findChild(_Invoker) if application else None
    if found is None:
        found = _Invoker(application)
        found.posted.connect(found.deliver, Qt.ConnectionType.QueuedConnection)
    return found


def _post(invoker: _Invoker, call: Callable[[], None]) -> None:
    try:
        invoker.posted.emit(call)
    except RuntimeError:
        _LOG.debug("A result arrived after the application had closed.")


def _in_thread(function: Callable[..., Any], *args: Any) -> Future[Any]:
    future: Future[Any] = Future()

    def work() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = function(*args)
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    # Python waits for it at its exit: a thread that it leaves behind while that imports a
    # library, or hands a result to Qt, ends the process.
    threading.Thread(target=work, name="view-worker").start()
    return future
