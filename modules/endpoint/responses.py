"""Responses as ASGI messages, and the errors that aren't about rows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from modules.endpoint.http_error import HttpError
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
    """Send a response."""
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        *_SAFE,
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, error: HttpError) -> None:
    """Send an error."""
    body = encode(error.to_json())
    await respond(send, error.status, body, more=error.headers)


def no_key(given: bool) -> HttpError:
    """Return the error of a request without a key, or with a wrong one."""
    if given:
        message, hint = "The key isn't valid for this endpoint.", ""
    else:
        message, hint = (
            "The request doesn't have a key.",
            "Send the header Authorization: Bearer KEY.",
        )
    code = "wrong-key" if given else "no-key"
    return HttpError(401, code, message, hint, headers=((b"www-authenticate", b"Bearer"),))


def wrong_method(method: str, right: str) -> HttpError:
    """Return the error for an unsupported method, which names the supported one."""
    return HttpError(
        405,
        "wrong-method",
        f"{method} isn't supported here.",
        f"Send a {right} request.",
        headers=((b"allow", right.encode()),),
    )


def busy(message: str) -> HttpError:
    """Return the error of a request that the client can retry soon."""
    return HttpError(
        503, "busy", message, "Try again in a moment.", headers=((b"retry-after", b"1"),)
    )
