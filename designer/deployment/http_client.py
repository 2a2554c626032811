"""Requests to endpoints on this computer, and the ports that they listen on."""

from __future__ import annotations

import http.client
import socket
import sys

from designer.deployment.problem import ServingError

HOST = "127.0.0.1"

NO_ANSWER = (OSError, http.client.HTTPException)
"""What :func:`send` raises where nothing responds."""


class PortInUse(ServingError):
    """A program listens on a port already."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is in use.", "Omit the port to use the next free one.", option="port"
        )


def send(
    host: str,
    port: int,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = 60.0,
) -> tuple[int, bytes]:
    """Send one request to an endpoint and return status and body.

    No proxy is used: the endpoint is on this computer.

    Raises
    ------
    OSError, http.client.HTTPException
        If there is no response.
    """
    connection = http.client.HTTPConnection(reachable(host), port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def send_with_key(
    name: str, host: str, port: int, key: str, method: str, path: str, body: bytes | None
) -> tuple[int, bytes]:
    """Send one request with a key to an endpoint on this computer; return status and body.

    Raises
    ------
    ServingError
        If there is no response.
    """
    headers = {"Authorization": f"Bearer {key}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    try:
        return send(host, port, method, path, body=body, headers=headers)
    except NO_ANSWER as error:
        raise ServingError(
            f"The endpoint “{name}” didn't respond: {error}.", wrong_input=False
        ) from error


def reachable(host: str) -> str:
    """Return the host to reach an endpoint that listens on an address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def is_loopback(host: str) -> bool:
    """Return whether only programs on this computer reach an address."""
    from modules.endpoint.hosts import is_loopback as check

    return check(host)


def is_free(port: int, host: str = HOST) -> bool:
    """Return whether a program could listen on a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_free(port: int, host: str = HOST) -> None:
    """Raise if a program listens on the port.

    Raises
    ------
    PortInUse
        With what to do.
    """
    if not is_free(port, host):
        raise PortInUse(port)


def free_port(host: str = HOST) -> int:
    """Return a port that no program listens on now; the next moment one may."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
