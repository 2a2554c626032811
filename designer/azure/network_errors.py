"""Why Azure can't be reached: problems that may pass, and those that can't."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies


class NetworkProblem(NamedTuple):
    """A problem of the connection.

    Parameters
    ----------
    passing : bool
        Whether it may be temporary.
    once_reached : bool
        Whether it may be temporary if Azure has responded before: a name that isn't resolved
        then, or a proxy that doesn't respond, will be back.
    """

    message: str
    hint: str
    passing: bool = False
    once_reached: bool = False


def network_problem(chain: Sequence[BaseException], text: str) -> NetworkProblem | None:
    """Return what is wrong with the connection, or None if an error is about something else.

    Parameters
    ----------
    chain : sequence of BaseException
        What the SDK raised, with its causes.
    text : str
        Their messages.
    """
    names = {kind.__name__ for each in chain for kind in type(each).__mro__}
    lower = text.lower()
    if not (names & _NO_NETWORK or any(word in lower for word in _NO_NETWORK_WORDS)):
        return None
    return (
        _certificate(chain, text)
        or _proxy(names, text)
        or _unknown_host(chain, text)
        or _unusable_address(names, text)
        or NetworkProblem(
            "Azure can't be reached.",
            "Check the network, and HTTPS_PROXY if you need a proxy.",
            passing=True,
        )
    )


_NO_NETWORK = {
    "ServiceRequestError",
    "ServiceRequestTimeoutError",
    "ServiceResponseError",
    "gaierror",
    "ConnectionError",
    "ConnectTimeout",
    "ReadTimeout",
    "ProxyError",
    "MaxRetryError",
    "NewConnectionError",
    "SSLError",
}
_NO_NETWORK_WORDS = (
    "max retries exceeded",
    "failed to establish a new connection",
    "unable to connect to proxy",
    "name or service not known",
    "getaddrinfo failed",
    "network is unreachable",
    "certificate_verify_failed",
)
_NO_SUCH_HOST = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME), 11001}
"""What a system reports about a name that doesn't exist; another number is no answer at all."""

_NO_SUCH_HOST_WORDS = ("name or service not known", "nodename nor servname", "no address associ")


def _certificate(chain: Sequence[BaseException], text: str) -> NetworkProblem | None:
    wrong = any(isinstance(each, ssl.SSLCertVerificationError) for each in chain)
    if wrong or "certificate_verify_failed" in text.lower():
        return NetworkProblem(
            f"The certificate of {_host(text) or 'Azure'} can't be verified.",
            "If your network inspects encrypted connections, set REQUESTS_CA_BUNDLE and "
            "SSL_CERT_FILE to its certificate. Also check the date of this computer.",
        )
    if "wrong_version_number" in text.lower() or "http_request" in text.lower():
        return NetworkProblem(
            f"{_host(text) or 'Azure'} doesn't respond with an encrypted connection.",
            "Check HTTPS_PROXY: the address of most proxies begins with http://.",
        )
    return None


def _proxy(names: set[str], text: str) -> NetworkProblem | None:
    if "ProxyError" not in names and "unable to connect to proxy" not in text.lower():
        return None
    proxy = _proxy_address()
    denied = re.search(r"Tunnel connection failed: (4\d\d [\w ]*\w)", text)
    if denied:
        return NetworkProblem(
            f"The proxy{proxy} denied the connection: {denied[1]}.",
            "Check the user and the password in HTTPS_PROXY, or ask its administrator to allow it.",
        )
    if "refused" in text.lower() or any(word in text.lower() for word in _NO_SUCH_HOST_WORDS):
        return NetworkProblem(
            f"The proxy{proxy} can't be reached.",
            "Check HTTPS_PROXY, or remove it if you need no proxy.",
            once_reached=True,
        )
    return None


def _unknown_host(chain: Sequence[BaseException], text: str) -> NetworkProblem | None:
    unknown = any(
        isinstance(each, socket.gaierror) and each.errno in _NO_SUCH_HOST for each in chain
    )
    if not unknown and not any(word in text.lower() for word in _NO_SUCH_HOST_WORDS):
        return None
    return NetworkProblem(
        f"Azure can't be reached: there is no host {_host(text) or 'of this name'}.",
        "Check the network, the cloud in config.json, and HTTPS_PROXY if you need a proxy.",
        once_reached=True,
    )


def _unusable_address(names: set[str], text: str) -> NetworkProblem | None:
    if not names & {"InvalidURL", "InvalidSchema", "MissingSchema", "TooManyRedirects"}:
        return None
    return NetworkProblem(
        "Azure can't be reached: an address can't be used.",
        "Check HTTPS_PROXY; a SOCKS proxy needs: pip install pysocks",
    )


def _host(text: str) -> str:
    found = re.search(r"(?:host=|resolve |Connection\(host=)['\"]([\w.-]+)['\"]", text)
    return f"“{found[1]}”" if found else ""


def _proxy_address() -> str:
    """Return the address of the proxy without user and password, with a blank before it."""
    try:
        parts = urlsplit(getproxies().get("https", ""))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f" “{parts.hostname}{port}”" if parts.hostname else ""
