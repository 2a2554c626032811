"""uvicorn's HTTP, with time and size limits for headers and a limit for open connections.

uvicorn itself waits indefinitely for the first line of a request; a few hundred clients that
send a byte occasionally would block all others. It also buffers headers of any size.
"""

from __future__ import annotations

import asyncio
from typing import Any

from modules.endpoint.http_error import HttpError
from modules.endpoint.service import encode

HEAD = 65_536
"""Maximum bytes of the URL and headers of a request; a single chunk may be longer."""


def protocol_class(*, seconds: float, connections: int) -> type[asyncio.Protocol]:
    """Return the connection class, with the fastest installed parser.

    Parameters
    ----------
    seconds : float
        Timeout for receiving the headers of a request.
    connections : int
        Maximum open connections; more are closed immediately.
    """
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as Base
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol as Base  # type: ignore[assignment]

    class Protocol(Base):
        """A connection."""

        _head_timer: asyncio.TimerHandle | None = None
        _in_head = False
        _head_size = 0

        def connection_made(self, transport: Any) -> None:
            """Accept a connection, if there aren't too many."""
            super().connection_made(transport)
            if len(self.connections) > connections:
                transport.abort()
                return
            self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            """Remove a connection."""
            self._stop_waiting()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Continue reading, and start or stop the timeout."""
            super().data_received(data)
            if self._in_head:
                self._head_size += len(data)
                if self._head_size > HEAD and not self.transport.is_closing():
                    self._send_and_close(b"431 Request Header Fields Too Large", _head_too_large())
                    return
            cycle = self.cycle
            if cycle is None or cycle.response_complete:
                self._expect_head()
            else:
                self._stop_waiting()

        # httptools reports where a head starts and ends; h11 has its own limit.

        def on_message_begin(self) -> None:
            """Start counting the bytes of a head."""
            self._in_head, self._head_size = True, 0
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            """Start handling a request."""
            self._in_head = False
            super().on_headers_complete()

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


def _head_too_large() -> HttpError:
    message = f"The headers are larger than {HEAD // 1024} kB."
    return HttpError(431, "head-too-large", message, "Send the rows in the body.")
