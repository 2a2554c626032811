"""Files of the web, and what is said where one can't be had."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from modules.contract import ModuleError, report_progress

TIMEOUT = 60.0
"""Seconds without an answer after which a download fails."""

_ALREADY_PLAIN = "%/:=&?~#+!$,;'@()*[]"
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def download(url: str, folder: Path) -> tuple[Path, str]:
    """Download a file.

    Parameters
    ----------
    url : str
        An address that begins with http:// or https://.
    folder : Path
        Where the file is put, under its own name.

    Returns
    -------
    tuple of Path and str
        The file, and the type that the server tells: ``text/csv``.

    Raises
    ------
    ModuleError
        If the address is none, or the file can't be had.
    """
    host = _host(url)
    parts = urllib.parse.urlsplit(url)
    target = folder / (Path(urllib.parse.unquote(parts.path)).name or "download")
    try:
        # Only http and https get here, and urllib follows redirects to no other scheme.
        address = urllib.parse.quote(url, safe=_ALREADY_PLAIN)
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            kind: str = answer.headers.get_content_type()
            _copy(answer, target)
    except (OSError, ValueError, http.client.HTTPException) as error:
        message, hint = _reason(error, url, host)
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ModuleError("download-failed", message, hint, parameter="url") from error
    return target, kind


def _host(url: str) -> str:
    """Return the server that an address names, with its port if it has one."""
    what = ""
    if not url:
        what = "There is no address."
    elif not url.lower().startswith(("http://", "https://")):
        what = f"“{url}” is not an address that begins with http:// or https://."
    else:
        try:
            parts = urllib.parse.urlsplit(url)
            if parts.hostname:
                return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
            what = f"“{url}” names no server."
        except ValueError:
            what = f"“{url}” is not an address of the web."
    raise ModuleError(
        "bad-url",
        what,
        "Write the whole address: https://example.com/data.csv.",
        parameter="url",
    )


def _copy(answer: Any, target: Path) -> None:
    total = int(answer.headers.get("Content-Length") or 0)
    done = 0
    with target.open("wb") as stream:
        while chunk := answer.read(1 << 20):
            stream.write(chunk)
            done += len(chunk)
            if total:
                report_progress(done / total, "Downloading")
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _reason(error: Exception, url: str, host: str) -> tuple[str, str]:
    """Return why a file can't be had, and what to do about it."""
    if isinstance(error, urllib.error.HTTPError):
        return _answer(error.code, url, host)
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, ConnectionRefusedError):
        return f"Nothing answers at “{host}”.", "Check the address; the server may be off."
    if isinstance(cause, socket.gaierror):
        return f"No server “{host}” is found.", "Check the address and the network."
    if isinstance(cause, TimeoutError):
        return (
            f"“{host}” did not answer within {TIMEOUT:.0f} seconds.",
            "Try again later; check the address and the network.",
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of “{host}” is not trusted.",
            "Check the address, and this computer's clock and certificates.",
        )
    if isinstance(cause, ssl.SSLError):
        return f"“{host}” does not answer as https.", "Check whether the address is http://."
    if isinstance(cause, (ConnectionError, http.client.IncompleteRead)):
        return f"“{host}” broke the download off.", "Try again later."
    if isinstance(cause, http.client.BadStatusLine):
        return f"“{host}” does not answer as a web server.", "Check the address and its port."
    if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
        return f"“{host}” can't be reached.", "Check the address and the network."
    return f"“{url}” can't be downloaded.", "Check the address; the log tells more."


def _answer(code: int, url: str, host: str) -> tuple[str, str]:
    if code in (404, 410):
        return f"There is nothing at “{url}” ({code}).", "Check the address."
    if code in (401, 403, 407):
        return (
            f"“{host}” does not give “{url}” to everyone ({code}).",
            "Download it in a browser, and choose the file.",
        )
    if code >= 500 or code == 429:
        return f"“{host}” can't answer at the moment ({code}).", "Try again later."
    return f"“{host}” refuses “{url}” ({code}).", "Check the address."
