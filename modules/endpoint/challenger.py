"""Passes some requests on to a challenger: another process with another version of the model.

A file names the challenger and its share of the requests; when it changes, the requests from then
on follow it, and nothing is restarted. With the share 0 the challenger shadows: it gets a copy of
each request and its response is dropped. Whatever the challenger does, the client gets a response:
if it fails, this process answers.
"""

from __future__ import annotations

import http.client
import json
import logging
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOK = 0.5
"""Seconds between two looks at the file."""

PATIENCE = 10.0
"""Seconds that the challenger may take for a response."""

THREADS = 8
WAITING = 64
"""Copies that wait for a challenger in the shadow; more are dropped."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """Where the challenger is, and what it gets.

    Parameters
    ----------
    instance : str
        What its process returns at ``/health``: no request goes to another program at its address.
    share : float
        Of the requests that it answers; 0 to shadow.
    stage : int
        Counts begin with each stage.
    """

    host: str
    port: int
    instance: str
    share: float
    stage: int


class Challenger:
    """Sends requests to the challenger that a file names, and counts their results.

    Parameters
    ----------
    file : Path
        JSON with the fields of :class:`Route`; without it there is no challenger.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._route: Route | None = None
        self._looked = -LOOK
        self._lock = threading.Lock()
        self._local = threading.local()
        self._waiting = 0
        self._sent = 0
        self._failed = 0
        self._pool = ThreadPoolExecutor(THREADS, "challenger")

    def route(self) -> Route | None:
        """Return the present route; None if there is no challenger."""
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            found = _read(self._file)
            if found != self._route:
                with self._lock:
                    self._route, self._sent, self._failed = found, 0, 0
        return self._route

    def chosen(self, route: Route) -> bool:
        """Return whether the challenger answers the next request."""
        return random.random() < route.share

    def answer(self, route: Route, body: bytes, key: bytes) -> Future[bytes | None]:
        """Return the challenger's response to a request; None if it failed."""
        return self._pool.submit(self._send, route, body, key)

    def shadow(self, route: Route, body: bytes, key: bytes) -> None:
        """Send a copy of a request that this process has answered, and drop the response."""
        with self._lock:
            if self._waiting >= WAITING:
                return
            self._waiting += 1

        def send() -> None:
            try:
                self.count(route, self._send(route, body, key) is not None)
            finally:
                with self._lock:
                    self._waiting -= 1

        self._pool.submit(send)

    def count(self, route: Route, succeeded: bool) -> None:
        """Count a request that this process could answer, and whether the challenger could."""
        with self._lock:
            if route == self._route:
                self._sent += 1
                self._failed += not succeeded

    def to_json(self) -> dict[str, Any] | None:
        """Return the counts of the present stage; None without a challenger."""
        route = self.route()
        if route is None:
            return None
        return {
            "stage": route.stage,
            "share": route.share,
            "requests": self._sent,
            "failures": self._failed,
        }

    def _send(self, route: Route, body: bytes, key: bytes) -> bytes | None:
        headers = {"Authorization": key.decode("latin-1"), "Content-Type": "application/json"}
        for is_kept in (True, False):
            connection = self._connection(route, is_kept)
            if connection is None:
                continue
            try:
                connection.request("POST", "/score", body, headers)
                response = connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException):
                # One that was kept may have been closed in between.
                connection.close()
                self._local.kept = None
                continue
            return content if response.status == 200 else None
        return None

    def _connection(self, route: Route, is_kept: bool) -> http.client.HTTPConnection | None:
        """Return this thread's connection to the challenger; None if that doesn't respond."""
        kept = getattr(self._local, "kept", None)
        if kept is not None and is_kept and kept[0] == (route.host, route.port, route.instance):
            connection: http.client.HTTPConnection = kept[1]
            return connection
        if kept is not None:
            kept[1].close()
            self._local.kept = None
        if is_kept:
            return None
        made = http.client.HTTPConnection(route.host, route.port, timeout=PATIENCE)
        try:
            made.request("GET", "/health")
            content = json.loads(made.getresponse().read())
            if content["instance"] != route.instance:
                raise ValueError("another program")
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            made.close()
            return None
        self._local.kept = ((route.host, route.port, route.instance), made)
        return made


def _read(file: Path) -> Route | None:
    try:
        plain = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.warning("The challenger is unknown: %s", error)
        return None
    with suppress(TypeError, KeyError, ValueError):
        return Route(
            str(plain["host"]),
            int(plain["port"]),
            str(plain["instance"]),
            float(plain["share"]),
            int(plain["stage"]),
        )
    _log.warning("The challenger is unknown: its file is damaged.")
    return None
