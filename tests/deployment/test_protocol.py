"""The connections of an endpoint, without an endpoint: what comes in one block is known."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from modules.endpoint.protocol import Connections, protocol_class

HEAD = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"


async def application(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    empty = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": empty})
    await send({"type": "http.response.body", "body": b""})


async def answers(first: bytes, *more: bytes) -> list[bytes]:
    """Return the status lines of the responses: one to what arrives at once, one to each more."""
    ours, theirs = socket.socketpair()
    kind = protocol_class(Connections(10), seconds=10)
    config = uvicorn.Config(application, http=kind, lifespan="off")  # type: ignore[arg-type]
    config.load()
    loop, state = asyncio.get_running_loop(), ServerState()
    await loop.connect_accepted_socket(
        lambda: kind(config=config, server_state=state, app_state={}),  # type: ignore[call-arg]
        theirs,
    )
    reader, writer = await asyncio.open_connection(sock=ours)
    found = []
    for part in (first, *more):
        writer.write(part)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        found.append(head.splitlines()[0])
    writer.close()
    return found


def test_a_body_does_not_count_as_the_head_that_follows_in_the_same_block() -> None:
    large = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 100000\r\n\r\n" + bytes(100_000)
    found = asyncio.run(answers(large + HEAD[:10], HEAD[10:]))
    assert found == [b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK"]


def test_a_head_without_end_is_refused_after_a_body_too() -> None:
    small = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 3\r\n\r\nabc"
    found = asyncio.run(answers(small + HEAD[:24], b"e" * 70_000))
    assert found == [b"HTTP/1.1 200 OK", b"HTTP/1.1 431 Request Header Fields Too Large"]


def test_requests_are_read_only_as_they_are_answered() -> None:
    large = b"GET / HTTP/1.1\r\nhost: here\r\nnote: " + b"e" * 10_000 + b"\r\n\r\n"
    found = asyncio.run(answers(large * 300, *[b""] * 299))
    assert found == [b"HTTP/1.1 200 OK"] * 300


def test_requests_that_wait_for_an_earlier_one_are_limited() -> None:
    assert asyncio.run(answers(HEAD * 101, *[b""] * 100)) == [b"HTTP/1.1 200 OK"] * 101
    assert asyncio.run(answers(HEAD * 200)) == [b"HTTP/1.1 429 Too Many Requests"]
