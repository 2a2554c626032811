"""Challengers of endpoints on this computer: processes that get some of the requests."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from designer.deployment import http_client, processes
from designer.deployment.local_target import CHALLENGER, record_options
from designer.deployment.problem import ServingError
from designer.deployment.processes import Process
from designer.deployment.records import Records
from designer.deployment.texts.package_texts import allow_options
from designer.records import write_record

RECORDS = "challenger-records"
"""The folder with the requests that challengers recorded, in that of the endpoint."""


def start_challenger(
    records: Records, name: str, number: int, package: Path, allowed: Collection[str], logs: Path
) -> Process:
    """Start a challenger of an endpoint; it gets no requests before :func:`route_to`.

    It accepts the keys of the endpoint and records what the endpoint records, elsewhere.

    Parameters
    ----------
    number : int
        Identifies it, and is the version in the names of its recorded files.

    Raises
    ------
    ServingError
        If it doesn't start.
    """
    folder = records.folder(name)
    recording = records.recording(name)
    options = [*allow_options(allowed), *record_options(recording)]
    if recording:
        options += ["--record-folder", str(folder / RECORDS)]
    for _ in range(10):
        process = processes.start(
            package,
            name=name,
            version=number,
            port=http_client.free_port(),
            key_file=folder / "keys.json",
            logs=logs,
            options=options,
        )
        # None if another program was faster at its port.
        if process is not None:
            return process
    raise ServingError("No free port for the challenger.", wrong_input=False)


def route_to(records: Records, name: str, process: Process, share: float, stage: int) -> None:
    """Let a challenger answer a share of the requests; with 0 it gets copies of them."""
    route = {
        "host": process.host,
        "port": process.port,
        "instance": process.instance,
        "share": share,
        "stage": stage,
    }
    write_record(records.folder(name) / CHALLENGER, route)


def stop_challenger(records: Records, name: str, process: Process | None) -> None:
    """Let a challenger get no more requests, and end it; those in progress are finished."""
    (records.folder(name) / CHALLENGER).unlink(missing_ok=True)
    if process is not None:
        process.stop()


def process_from(plain: dict[str, Any] | None) -> Process | None:
    """Return the process of a record, which may have ended."""
    return Process(**plain) if plain else None
