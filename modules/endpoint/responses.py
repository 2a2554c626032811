"""Answers as ASGI messages, and the refusals that have nothing to do with rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from modules.endpoint.http_error import Refusal
from modules.endpoint.service import encode

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = b"application/json"
_SAFE = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


async def respond(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = JSON,
    more: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    """Send an answer."""
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        *_SAFE,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, refusal: Refusal) -> None:
    """Send a refusal."""
    body = encode(refusal.to_json())
    await respond(send, refusal.status, body, more=refusal.headers)


def no_key(given: bool) -> Refusal:
    """Return the refusal of a request without a key, or with a wrong one."""
    if given:
        message, hint = "The key is not one of this endpoint.", ""
    else:
        message, hint = "The request has no key.", "Send the header Authorization: Bearer KEY."
    code = "wrong-key" if given else "no-key"
    return Refusal(401, code, message, hint, headers=((b"www-authenticate", b"Bearer"),))


def wrong_method(method: str, right: str) -> Refusal:
    """Return the refusal of a method, which names the right one."""
    return Refusal(
        405,
        "wrong-method",
        f"{method} does nothing here.",
        f"Send a {right}.",
        headers=((b"allow", right.encode()),),
    )


def busy(message: str) -> Refusal:
    """Return the refusal of a request that can be sent again in a moment."""
    return Refusal(
        503, "busy", message, "Try again in a moment.", headers=((b"retry-after", b"1"),)
    )
