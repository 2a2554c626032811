"""The endpoint as an ASGI application: routes, keys, limits; the service does the scoring.

No framework: there is one main route, and body size, timeouts and keys must be checked
before anything is read. (Measured on two cores, one row: 1.6 to 2.4 times the requests of
the same service behind FastAPI, and ready a quarter of a second sooner.)
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from modules.endpoint.challenger import Challenger
from modules.endpoint.hosts import Hosts
from modules.endpoint.http_error import HttpError, internal
from modules.endpoint.keys import Keys
from modules.endpoint.memory import release_memory
from modules.endpoint.metrics import Metrics
from modules.endpoint.responses import JSON, Send, busy, no_key, refuse, respond, wrong_method
from modules.endpoint.service import Service, encode
from modules.requests.values import shortened
from modules.scoring import NotByRows

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers = Mapping[bytes, bytes]

_log = logging.getLogger(__name__)

QUICK_BODY = 8_000
"""Maximum bytes of a body that a compiled package scores without a worker thread."""

LARGE_BODY = 200_000
"""Minimum bytes of a body that is scored only after the previous such one, to bound memory."""

THREADS = 4


@dataclass(frozen=True)
class Limits:
    """Limits for clients.

    Parameters
    ----------
    body : int
        Maximum bytes of a request body.
    bodies : int
        Maximum bytes of all bodies being read or scored.
    seconds : float
        Timeout for receiving a body.
    waiting : int
        Maximum requests waiting for a thread.
    connections : int
        Maximum requests in progress. Twice as many connections may be open; more close those
        that have been idle longest.
    """

    body: int = 32_000_000
    bodies: int = 256_000_000
    seconds: float = 30.0
    waiting: int = 64
    connections: int = 512


@dataclass(frozen=True)
class Identity:
    """How the endpoint describes itself.

    Parameters
    ----------
    instance : str
        Distinguishes this process from any other that may use its address later.
    """

    name: str = "endpoint"
    version: str = ""
    instance: str = ""


class Application:
    """The ASGI application of an endpoint.

    Parameters
    ----------
    documents : mapping of str to bytes
        The content of ``/openapi.json`` and ``/swagger.json``, by path.
    open_documents : bool
        Whether these, and the metrics, are open without a key. They contain columns and
        known values.
    hosts : Hosts, optional
        The names that it may be called by; by default those of this computer.
    challenger : Challenger, optional
        Gets some of the requests.
    """

    def __init__(
        self,
        service: Service,
        keys: Keys,
        *,
        identity: Identity | None = None,
        limits: Limits | None = None,
        documents: Mapping[str, bytes] | None = None,
        open_documents: bool = True,
        hosts: Hosts | None = None,
        challenger: Challenger | None = None,
    ) -> None:
        self.service = service
        self.metrics = Metrics()
        self._keys = keys
        self._identity = identity or Identity()
        self._limits = limits or Limits()
        self._documents = dict(documents or {})
        self._open = open_documents
        self._hosts = hosts or Hosts()
        self._challenger = challenger
        self._pool = ThreadPoolExecutor(THREADS, "scoring")
        self._large = ThreadPoolExecutor(1, "scoring large")
        self._bytes = 0
        self._handed_over = 0
        self._scoring = {
            "/score",
            f"/api/v1/service/{self._identity.name}/score",
            "/invocations",
        }
        self._reading = {
            "/": self._root,
            "/health": self._health,
            "/health/live": self._health,
            "/health/ready": self._health,
            "/ping": self._health,
            "/metrics": self._metrics,
            **dict.fromkeys(self._documents, self._document),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        headers = dict(scope["headers"])
        try:
            self._hosts.check(headers.get(b"host"), scope["http_version"])
            if path in self._scoring:
                await self._score(scope["method"], headers, receive, send)
                return
            if path not in self._reading:
                listed = "/score, /health, /metrics, /openapi.json and /swagger.json"
                raise HttpError(
                    404,
                    "no-such-address",
                    f"{shortened(path)} doesn't exist.",
                    f"Use {listed}.",
                )
            if scope["method"] not in ("GET", "HEAD"):
                raise wrong_method(scope["method"], "GET")
            status, kind, body = self._reading[path](scope)
            await respond(send, status, body, kind)
        except HttpError as error:
            await refuse(send, error)

    async def _score(self, method: str, headers: Headers, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        self.metrics.running += 1
        status, size = 500, 0
        try:
            try:
                self._admit(method, headers)
                body = await self._body(receive)
                size = len(body)
                answer = await self._compared(body, headers)
            except HttpError as error:
                status = error.status
                _log.info("%d %s%s", status, error.code, _column(error))
                await refuse(send, error)
            except _Gone:
                status = 499
            else:
                status = 200
                await respond(send, 200, answer)
        except Exception as error:
            _log.error("A request failed.", exc_info=error)
            await refuse(send, internal())
        finally:
            self._bytes -= size
            self.metrics.running -= 1
            self.metrics.add(status, time.perf_counter() - started)
            if size >= LARGE_BODY:
                body = answer = b""
                self._large.submit(release_memory)

    def _admit(self, method: str, headers: Headers) -> None:
        """Reject a request before its body is read."""
        if self.metrics.running > self._limits.connections:
            raise busy("There are too many connections.")
        if not self._keys.fit(headers.get(b"authorization")):
            raise no_key(b"authorization" in headers)
        if method != "POST":
            raise wrong_method(method, "POST")
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise HttpError(
                415,
                "encoding-unknown",
                "The body is compressed.",
                "Send it uncompressed, in UTF-8.",
            )
        length = headers.get(b"content-length", b"").lstrip(b"0") or b"0"
        # Python doesn't read a number of thousands of digits.
        if not length.isdigit() or len(length) > 18 or int(length) > self._limits.body:
            raise self._too_large()

    async def _body(self, receive: Receive) -> bytes:
        """Read the body; reject it if it arrives too slowly or is too large."""
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._limits.seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Gone
                    part = message.get("body", b"")
                    size += len(part)
                    self._bytes += len(part)
                    if size > self._limits.body:
                        raise self._too_large()
                    if self._bytes > self._limits.bodies:
                        raise busy("Too many large requests are in progress.")
                    if not message.get("more_body", False):
                        return b"".join((*parts, part)) if parts else part
                    parts.append(part)
        except TimeoutError:
            self._bytes -= size
            raise HttpError(
                408,
                "too-slow",
                f"The body didn't arrive within {self._limits.seconds:g} seconds.",
                "Send it without delay.",
                headers=((b"connection", b"close"),),
            ) from None
        except (HttpError, _Gone):
            self._bytes -= size
            raise

    async def _compared(self, body: bytes, headers: Headers) -> bytes:
        """Answer a request, or have it answered by the challenger."""
        challenger = self._challenger
        route = challenger.route() if challenger is not None else None
        if challenger is None or route is None:
            return await self._answer(body)
        key = headers.get(b"authorization", b"")
        if challenger.chosen(route):
            found = await asyncio.wrap_future(challenger.answer(route, body, key))
            if found is not None:
                challenger.count(route, succeeded=True)
                return found
            # A request that this process can't answer either is the client's fault.
            answer = await self._answer(body)
            challenger.count(route, succeeded=False)
            return answer
        answer = await self._answer(body)
        if not route.share:
            challenger.shadow(route, body, key)
        return answer

    async def _answer(self, body: bytes) -> bytes:
        if self.service.compiled and len(body) <= QUICK_BODY:
            with suppress(NotByRows):
                return self.service.answer(body, tables=False)
        if self._handed_over >= self._limits.waiting:
            raise busy("Too many requests are waiting.")
        self._handed_over += 1
        try:
            loop = asyncio.get_running_loop()
            pool = self._pool if len(body) < LARGE_BODY else self._large
            return await loop.run_in_executor(pool, self.service.answer, body)
        finally:
            self._handed_over -= 1

    def _too_large(self) -> HttpError:
        megabytes = self._limits.body / 1_000_000
        return HttpError(
            413,
            "too-large",
            f"The body is larger than {megabytes:g} MB.",
            "Send fewer rows at a time, or score a file.",
        )

    def _check_open(self, scope: Scope) -> None:
        if self._open:
            return
        headers = dict(scope["headers"])
        if not self._keys.fit(headers.get(b"authorization")):
            raise no_key(b"authorization" in headers)

    def _root(self, scope: Scope) -> tuple[int, bytes, bytes]:
        return 200, b"text/plain; charset=utf-8", b"Healthy"

    def _health(self, scope: Scope) -> tuple[int, bytes, bytes]:
        identity = self._identity
        content = {
            "status": "healthy",
            "name": identity.name,
            "version": identity.version,
            "instance": identity.instance,
            "compiled": self.service.compiled,
        }
        return 200, JSON, encode(content)

    def _metrics(self, scope: Scope) -> tuple[int, bytes, bytes]:
        self._check_open(scope)
        accept = dict(scope["headers"]).get(b"accept", b"")
        if b"application/json" in accept or b"format=json" in scope["query_string"]:
            return 200, JSON, encode(self._described() | self._counted())
        labels = {key: value for key, value in self._described().items() if value}
        return (
            200,
            b"text/plain; version=0.0.4; charset=utf-8",
            self.metrics.to_text(labels).encode(),
        )

    def _counted(self) -> dict[str, Any]:
        compared = self._challenger.to_json() if self._challenger is not None else None
        return self.metrics.to_json() | ({"challenger": compared} if compared else {})

    def _described(self) -> dict[str, str]:
        return {"endpoint": self._identity.name, "version": self._identity.version}

    def _document(self, scope: Scope) -> tuple[int, bytes, bytes]:
        self._check_open(scope)
        path = scope["path"]
        if path == "/swagger.json" and b"version=3" in scope["query_string"]:
            path = "/openapi.json"
        return 200, JSON, self._documents[path]


class _Gone(Exception):
    """The client has disconnected."""


def _column(error: HttpError) -> str:
    return f" in column “{shortened(error.column)}”" if error.column else ""
