"""Whether an endpoint works: its sample request, sent here or where it was deployed to."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from designer.deployment import processes
from designer.deployment.http_client import free_port, send_with_key
from designer.deployment.naming import new_key
from designer.deployment.problem import ServingError, end_of
from designer.deployment.processes import LOG_LINES
from designer.deployment.texts.package_texts import allow_options
from designer.records import write_record

SAMPLE = "sample_request.json"

TOLERANCE = 1e-6
"""Maximum relative difference between local and remote responses."""

UNTESTED = "The endpoint wasn't tested: the pipeline has no example rows to send."


def check_response(
    package: Path,
    send: Callable[[bytes], tuple[int, bytes]],
    log: Callable[[], str] = lambda: "",
) -> bytes | None:
    """Send an endpoint the sample request of its package.

    Parameters
    ----------
    send : callable
        Sends a body; returns status and response.
    log : callable
        Returns the end of the endpoint's log.

    Returns
    -------
    bytes or None
        The response; None if the package has no example row to send.

    Raises
    ------
    ServingError
        If it rejects the request, or doesn't respond; the end of its log is the hint.
    """
    body = (package / SAMPLE).read_bytes()
    if not _has_rows(body):
        return None
    try:
        status, response = send(body)
    except ServingError as error:
        raise ServingError(error.message, end_of(log()), wrong_input=False) from error
    if status != 200:
        text = response.decode("utf-8", "replace")[:300]
        raise ServingError(
            f"The endpoint answered its sample request with status {status}: {text}",
            end_of(log()),
            wrong_input=False,
        )
    return response


def local_response(package: Path, allowed: Collection[str]) -> bytes | None:
    """Start a package for a moment and return its response to its own sample request.

    Parameters
    ----------
    allowed : collection of str
        Effects that the package may have.

    Raises
    ------
    ServingError
        If it doesn't start, or refuses its sample.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        key_file = Path(made) / "keys.json"
        key = new_key()
        write_record(key_file, {"primary": key})
        process = None
        while process is None:
            process = processes.start(
                package,
                name="check",
                version=1,
                port=free_port(),
                key_file=key_file,
                logs=Path(made),
                options=allow_options(allowed),
            )
        host, port = process.host, process.port
        log = Path(made) / "endpoint.log"
        try:
            return check_response(
                package,
                lambda body: send_with_key("check", host, port, key, "POST", "/score", body),
                lambda: "\n".join(log.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]),
            )
        finally:
            process.stop()


def same_response(one: Any, two: Any) -> bool:
    """Return whether two documents are equal, numbers nearly."""
    if isinstance(one, dict) and isinstance(two, dict):
        return one.keys() == two.keys() and all(same_response(one[key], two[key]) for key in one)
    if isinstance(one, list) and isinstance(two, list):
        return len(one) == len(two) and all(map(same_response, one, two))
    if isinstance(one, float) or isinstance(two, float):
        numbers = all(isinstance(each, (int, float)) for each in (one, two))
        return numbers and math.isclose(one, two, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return bool(one == two)


def _has_rows(sample: bytes) -> bool:
    """Return whether a sample request has rows; there are none where no example was sound."""
    inputs = json.loads(sample)["Inputs"]
    return all(inputs.values())
