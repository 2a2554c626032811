"""Reports that Azure ML hasn't responded for some time, and that it responds again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from designer.azure.errors import AzureError
from designer.azure.workspace import Notify

FIRST = 10.0
"""Seconds without a response after which this is reported for the first time."""

AGAIN = 60.0
"""Seconds between two further reports."""

CHECK = 1.0
"""Seconds between two checks, while a request is waiting for its response."""


class ResponseWatch:
    """Watches the requests about a run; a request may wait for minutes by itself.

    Parameters
    ----------
    run : str
        The id of the local run.
    notify : callable
        Receives the reports, on a separate thread.
    """

    def __init__(self, run: str, notify: Notify) -> None:
        self._run = run
        self._notify = notify
        self._lock = threading.Lock()
        self._since: float | None = None
        self._reported = 0
        self._reason = ""
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"responses {run}", daemon=True)

    def __enter__(self) -> ResponseWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join()

    @contextlib.contextmanager
    def request(self) -> Iterator[None]:
        """Make a request; it begins the silence, or ends it with its response."""
        with self._lock:
            if self._since is None:
                self._since = time.monotonic()
        try:
            yield
        except AzureError as error:
            self._reason = error.message
            if not (error.passing or error.once_reached):
                self._answered()
            raise
        self._answered()

    def check(self) -> None:
        """Report the silence if it is time."""
        with self._lock:
            if self._since is None:
                return
            seconds = time.monotonic() - self._since
            if seconds < (AGAIN * self._reported or FIRST):
                return
            self._reported = int(seconds // AGAIN) + 1
            reason = f" {self._reason}" if self._reason else ""
        self._notify(
            f"Azure ML hasn't responded for {_duration(seconds)}.{reason} The run continues there, "
            "and its results will be downloaded when Azure ML responds. To stop waiting and come "
            f"back later: open the pipeline again, or “designer runs follow {self._run}”."
        )

    def _answered(self) -> None:
        with self._lock:
            reported, self._reported = self._reported, 0
            self._since, self._reason = None, ""
        if reported:
            self._notify("Azure ML responds again.")

    def _watch(self) -> None:
        while not self._closed.wait(CHECK):
            self.check()


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < AGAIN else f"{seconds / 60:.0f} min"
