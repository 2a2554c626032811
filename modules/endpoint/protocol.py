"""uvicorn's HTTP, with limits of time, size, and number, and a gentle end.

uvicorn itself waits indefinitely for the first line of a request and for a client that doesn't
read its responses; a few hundred such clients would block all others. It also buffers headers of
any size, and any number of requests that wait for the response to an earlier one; and it closes
connections that the next request may be on its way through.
"""

from __future__ import annotations

import asyncio
from typing import Any

from modules.endpoint.http_error import HttpError
from modules.endpoint.service import encode

HEAD = 65_536
"""Maximum bytes of the URL and headers of a request; a single chunk may be longer."""

PIPELINED = 100
"""Maximum number of requests of a connection that wait for the response to an earlier one."""

FAREWELL = 2.0
"""Seconds that an idle connection stays open for one more request after a handover."""


class Connections:
    """The open connections of an endpoint.

    Parameters
    ----------
    most : int
        Maximum number of them; beyond it those that have been idle longest are closed.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.handed_over = False
        # A dictionary keeps the order in which they became idle.
        self._idle: dict[Any, None] = {}

    def become_idle(self, connection: Any) -> None:
        """Note that a connection isn't in the middle of a request."""
        self._idle[connection] = None

    def become_busy(self, connection: Any) -> None:
        """Note that a connection has a request, or is closed."""
        self._idle.pop(connection, None)

    def limit(self, connections: set[Any]) -> None:
        """Close those that have been idle longest, if there are too many."""
        while len(connections) > self.most and self._idle:
            longest = next(iter(self._idle))
            del self._idle[longest]
            # Its transport reports the end only later.
            connections.discard(longest)
            longest.transport.abort()


def protocol_class(connections: Connections, *, seconds: float) -> type[asyncio.Protocol]:
    """Return the connection class, with the fastest installed parser.

    Parameters
    ----------
    seconds : float
        Timeout for receiving the headers of a request, and for a client to read its responses.
    """
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]

    class Protocol(Base):
        """A connection."""

        _head_timer: asyncio.TimerHandle | None = None
        _write_timer: asyncio.TimerHandle | None = None
        _in_head = False
        _head_size = 0
        _message_ended = False
        # h11 parses no request before the one before it is answered.
        pipeline: Any = ()

        def connection_made(self, transport: Any) -> None:
            """Accept a connection."""
            super().connection_made(transport)
            connections.become_idle(self)
            self._expect_head()
            connections.limit(self.connections)

        def connection_lost(self, exc: Exception | None) -> None:
            """Remove a connection."""
            connections.become_busy(self)
            self._stop_waiting()
            self._stop_writing()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Continue reading, and start or stop the timeout."""
            self._message_ended = False
            super().data_received(data)
            if self._in_head:
                # After the end of another message, most of the data may have been its body.
                self._head_size += 0 if self._message_ended else len(data)
                if self._head_size > HEAD and not self.transport.is_closing():
                    self._send_and_close(b"431 Request Header Fields Too Large", _head_too_large())
                    return
            if len(self.pipeline) > PIPELINED and not self.transport.is_closing():
                self.pipeline.clear()
                self._send_and_close(b"429 Too Many Requests", _too_many())
                return
            cycle = self.cycle
            if cycle is None or cycle.response_complete:
                self._expect_head()
            else:
                connections.become_busy(self)
                self._stop_waiting()
                if connections.handed_over:
                    cycle.keep_alive = False

        def on_response_complete(self) -> None:
            """Wait for the next request."""
            super().on_response_complete()
            if self.pipeline:
                # uvicorn reads on after each response, so that more and more would wait.
                self.flow.pause_reading()
            if self.cycle.response_complete and not self.transport.is_closing():
                connections.become_idle(self)

        def pause_writing(self) -> None:
            """Give the client time to read."""
            super().pause_writing()
            self._write_timer = self.loop.call_later(seconds, self.transport.abort)

        def resume_writing(self) -> None:
            """Continue writing."""
            super().resume_writing()
            self._stop_writing()

        def shutdown(self) -> None:
            """End the connection; after a handover with one more request, if it comes soon."""
            cycle = self.cycle
            if connections.handed_over and (cycle is None or cycle.response_complete):
                self.loop.call_later(FAREWELL, super().shutdown)
            else:
                super().shutdown()

        # httptools reports where a head starts and ends; h11 has its own limit.

        def on_message_begin(self) -> None:
            """Start counting the bytes of a head."""
            self._in_head, self._head_size = True, 0
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """Start handling a request."""
            self._in_head = False
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            """Note that what follows belongs to another message."""
            self._message_ended = True
            super().on_message_complete()

        def send_400_response(self, msg: str) -> None:
            """Respond to data that isn't HTTP."""
            error = HttpError(400, "not-http", "The request isn't valid HTTP.")
            self._send_and_close(b"400 Bad Request", error)

        def _expect_head(self) -> None:
            if self._head_timer is None and not self.transport.is_closing():
                self._head_timer = self.loop.call_later(seconds, self._time_out)

        def _stop_waiting(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _stop_writing(self) -> None:
            if self._write_timer is not None:
                self._write_timer.cancel()
                self._write_timer = None

        def _time_out(self) -> None:
            self._head_timer = None
            if not self.transport.is_closing():
                message = f"The request didn't arrive within {seconds:g} seconds."
                self._send_and_close(b"408 Request Timeout", HttpError(408, "too-slow", message))

        def _send_and_close(self, status: bytes, error: HttpError) -> None:
            body = encode(error.to_json())
            self.transport.write(
                b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n"
                b"connection: close\r\n\r\n%b" % (status, len(body), body)
            )
            self.transport.close()

    return Protocol


def _too_many() -> HttpError:
    message = f"More than {PIPELINED} requests wait for the response to an earlier one."
    return HttpError(429, "too-many-requests", message, "Read the responses in between.")


def _head_too_large() -> HttpError:
    message = f"The headers are larger than {HEAD // 1024} kB."
    return HttpError(431, "head-too-large", message, "Send the rows in the body.")
