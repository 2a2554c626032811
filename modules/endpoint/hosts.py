"""Which names an endpoint may be called by.

A web page can have its own name resolve to this computer, and read what the browser gets
there (DNS rebinding). The header ``Host`` then has the name of the page.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from functools import lru_cache

from modules.endpoint.http_error import HttpError

VARIABLE = "MODELDESK_ENDPOINT_HOSTS"
"""Environment variable with further names, separated by commas; for a container, for example."""


class Hosts:
    """Checks the header ``Host`` of requests; the port in it doesn't matter.

    Parameters
    ----------
    address : str
        The address that the endpoint listens on. One of loopback is called by any address of
        loopback; any other by every address, and by the name of this computer.
    names : iterable of str
        Further names, for example of a reverse proxy.
    """

    def __init__(self, address: str = "127.0.0.1", names: Iterable[str] = ()) -> None:
        self._loopback = is_loopback(address)
        own = () if self._loopback else (socket.gethostname(),)
        self._names = {_bare(name) for name in ("localhost", address, *own, *names)}
        self.accept = lru_cache(256)(self._accept)

    def check(self, header: bytes | None, version: str) -> None:
        """Reject a request by another name.

        Parameters
        ----------
        version : str
            That of HTTP; only before 1.1 the header may be missing.

        Raises
        ------
        HttpError
            With what to do.
        """
        if header is None:
            if version == "1.0":
                return
            raise HttpError(400, "no-host", "The request doesn't have the header Host.")
        if not self.accept(header):
            raise HttpError(
                421,
                "wrong-host",
                "The endpoint doesn't have the name in the header Host.",
                f"Use its address, or start it with this name in --allow-host or {VARIABLE}.",
            )

    def _accept(self, header: bytes) -> bool:
        name = _bare(header.decode("latin-1"))
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._loopback


def names_from_environment() -> list[str]:
    """Return the further names in the environment."""
    return [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]


def is_loopback(host: str) -> bool:
    """Return whether only programs on this computer can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bare(host: str) -> str:
    """Return a host in lowercase without its port, brackets, and final dot."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return (name if name.count(":") > 1 else name.partition(":")[0]).removesuffix(".")
