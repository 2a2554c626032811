"""Calls of the engine, which may still be starting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any


class EngineCaller:
    """Calls functions in a worker of the engine, as soon as it is there.

    Parameters
    ----------
    engine : callable
        Returns a future of the engine.
    """

    def __init__(self, engine: Callable[[], Future[Any]]) -> None:
        self._engine = engine

    def call(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Call a function that a worker can import by name."""
        answer: Future[Any] = Future()

        def start(ready: Future[Any]) -> None:
            try:
                ready.result().call(function, *args).add_done_callback(pass_on)
            except CancelledError:
                answer.cancel()
            except BaseException as error:
                _fail(answer, error)

        def pass_on(done: Future[Any]) -> None:
            # The engine cancels what waits when it closes.
            if done.cancelled():
                answer.cancel()
            elif error := done.exception():
                _fail(answer, error)
            elif answer.set_running_or_notify_cancel():
                answer.set_result(done.result())

        self._engine().add_done_callback(start)
        return answer


def _fail(answer: Future[Any], error: BaseException) -> None:
    if answer.set_running_or_notify_cancel():
        answer.set_exception(error)
