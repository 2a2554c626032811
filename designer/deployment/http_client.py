"""Asking endpoints on this computer, and the ports that they listen at."""

from __future__ import annotations

import http.client
import socket
import sys

from designer.deployment.problem import ServingError

HOST = "127.0.0.1"

NO_ANSWER = (OSError, http.client.HTTPException)
"""What :func:`ask` raises where nothing answers."""


def ask(
    host: str,
    port: int,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    patience: float = 60.0,
) -> tuple[int, bytes]:
    """Send one request to an endpoint and return status and body.

    No proxy is asked: the endpoint is on this computer.

    Raises
    ------
    OSError, http.client.HTTPException
        If there is no answer.
    """
    connection = http.client.HTTPConnection(reachable(host), port, timeout=patience)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def ask_with_key(
    name: str, host: str, port: int, key: str, method: str, path: str, body: bytes | None
) -> tuple[int, bytes]:
    """Send one request with a key to an endpoint on this computer; return status and body.

    Raises
    ------
    ServingError
        If there is no answer.
    """
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        return ask(host, port, method, path, body=body, headers=headers)
    except NO_ANSWER as error:
        raise ServingError(
            f"The endpoint “{name}” did not answer: {error}.", wrong_input=False
        ) from error


def reachable(host: str) -> str:
    """Return where an endpoint is reached that listens at an address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def is_loopback(host: str) -> bool:
    """Tell whether only programs on this computer reach an address."""
    from modules.endpoint.server import is_loopback as check

    return check(host)


def is_free(port: int, host: str = HOST) -> bool:
    """Tell whether a program could listen at a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str = HOST) -> int:
    """Return a port that no program listens at now; the next moment one may."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
