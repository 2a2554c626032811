"""Download files, with errors that explain why one isn't available."""

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
"""Seconds without a response after which a download fails."""

ALREADY_PLAIN = "%/:=&?~#+!$,;'@()*[]"
"""What isn't escaped in a URL."""

_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)


def download(url: str, folder: Path) -> tuple[Path, str]:
    """Download a file.

    Parameters
    ----------
    url : str
        A URL that starts with http:// or https://.
    folder : Path
        The folder to store the file in, under its own name.

    Returns
    -------
    tuple of Path and str
        The file, and the content type from the server: ``text/csv``.

    Raises
    ------
    ModuleError
        If the URL is invalid, or the file can't be downloaded.
    """
    host = _host(url)
    parts = urllib.parse.urlsplit(url)
    target = folder / (Path(urllib.parse.unquote(parts.path)).name or "download")
    try:
        # Only http and https get here, and urllib doesn't follow redirects to other schemes.
        address = urllib.parse.quote(url, safe=ALREADY_PLAIN)
        with urllib.request.urlopen(address, timeout=TIMEOUT) as response:
            kind: str = response.headers.get_content_type()
            _copy(response, target)
    except (OSError, ValueError, http.client.HTTPException) as error:
        message, hint = _reason(error, url, host)
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise ModuleError("download-failed", message, hint, parameter="url") from error
    return target, kind


def _host(url: str) -> str:
    """Return the host of a URL, with its port if it has one."""
    message = ""
    if not url:
        message = "No URL is entered."
    elif not url.lower().startswith(("http://", "https://")):
        message = f"“{url}” doesn't start with http:// or https://."
    else:
        try:
            parts = urllib.parse.urlsplit(url)
            if parts.hostname:
                return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
            message = f"“{url}” doesn't contain a host."
        except ValueError:
            message = f"“{url}” isn't a valid URL."
    raise ModuleError(
        "bad-url",
        message,
        "Enter the full URL: https://example.com/data.csv.",
        parameter="url",
    )


def _copy(response: Any, target: Path) -> None:
    total = int(response.headers.get("Content-Length") or 0)
    done = 0
    with target.open("wb") as stream:
        while chunk := response.read(1 << 20):
            stream.write(chunk)
            done += len(chunk)
            if total:
                report_progress(done / total, "Downloading")
    if done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _reason(error: Exception, url: str, host: str) -> tuple[str, str]:
    """Return why a file can't be downloaded, and what to do about it."""
    if isinstance(error, urllib.error.HTTPError):
        return _status_reason(error.code, url, host)
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, ConnectionRefusedError):
        return f"“{host}” refused the connection.", "Check the URL; the server may be down."
    if isinstance(cause, socket.gaierror):
        return f"Host “{host}” wasn't found.", "Check the URL and the network."
    if isinstance(cause, TimeoutError):
        return (
            f"“{host}” didn't respond within {TIMEOUT:.0f} seconds.",
            "Try again later; check the URL and the network.",
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            f"The certificate of “{host}” isn't trusted.",
            "Check the URL, and this computer's clock and certificates.",
        )
    if isinstance(cause, ssl.SSLError):
        return (
            f"“{host}” doesn't support https.",
            "Check whether the URL should start with http://.",
        )
    if isinstance(cause, (ConnectionError, http.client.IncompleteRead)):
        return f"“{host}” closed the connection during the download.", "Try again later."
    if isinstance(cause, http.client.BadStatusLine):
        return f"“{host}” isn't a web server.", "Check the URL and its port."
    if isinstance(cause, OSError) and cause.errno in _UNREACHABLE:
        return f"“{host}” can't be reached.", "Check the URL and the network."
    return f"“{url}” can't be downloaded.", "Check the URL and the log."


def _status_reason(code: int, url: str, host: str) -> tuple[str, str]:
    if code in (404, 410):
        return f"“{url}” wasn't found ({code}).", "Check the URL."
    if code in (401, 403, 407):
        return (
            f"“{host}” denied access to “{url}” ({code}).",
            "Download it in a browser, and choose the file.",
        )
    if code >= 500 or code == 429:
        return f"“{host}” is temporarily unavailable ({code}).", "Try again later."
    return f"“{host}” rejected the request for “{url}” ({code}).", "Check the URL."
