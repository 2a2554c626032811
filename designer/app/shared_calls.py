"""The engine as the views see it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol


class Caller(Protocol):
    """What calls functions in another process: the engine."""

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]: ...


class SharedCalls:
    """Calls in a process that all views share.

    A view that is closed drops its calls. Cancelling one in the engine would end
    the process, and whoever calls next would wait for a new one to load pandas;
    so here a dropped call runs to its end, unheard.
    """

    def __init__(self, engine: Caller) -> None:
        self._engine = engine

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in the process."""
        heard: Future[Any] = Future()

        def deliver(done: Future[Any]) -> None:
            if not heard.set_running_or_notify_cancel():
                return
            error = done.exception()
            if error is not None:
                heard.set_exception(error)
            else:
                heard.set_result(done.result())

        self._engine.call(function, *arguments).add_done_callback(deliver)
        return heard
