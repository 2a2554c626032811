"""The process of an endpoint: its own program, which outlives the window that started it.

A process file isn't trusted: a process is running only if a process of that
number was started at that time, and responds at its address with its own mark.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from designer.deployment.environment import passed_on
from designer.deployment.http_client import HOST, NO_ANSWER, reachable, send
from designer.deployment.problem import ServingError, end_of
from designer.private_files import make_folder, private
from designer.records import DamagedRecordError, Moment, Record, read_record
from modules.endpoint.exit_status import NOT_HANDED_OVER, PORT_TAKEN

PATIENCE = 60.0
"""Seconds that a process has to be ready."""

LOG_LINES = 25
"""Lines of a log that are shown with an error."""

_started: list[subprocess.Popen[bytes]] = []


_log = logging.getLogger(__name__)


class _Shape(Record):
    pid: Annotated[int, Field(ge=1, lt=2**31)]
    created: Moment
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    version: int
    instance: str


@dataclass(frozen=True)
class Process:
    """A process that was started.

    Parameters
    ----------
    created : float
        When the operating system started it, in seconds since 1970.
    instance : str
        What it returns at ``/health``, so that no other program can be taken for it.
    """

    pid: int
    created: float
    host: str
    port: int
    version: int
    instance: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)

    @classmethod
    def read(cls, path: Path) -> Process | None:
        """Read the record of a process; None if there is none that can be read."""
        try:
            found = read_record(path, _Shape)
        except DamagedRecordError as error:
            _log.warning("The process of an endpoint is unknown. %s", error.message)
            return None
        if found is None:
            return None
        return cls(found.pid, found.created, found.host, found.port, found.version, found.instance)

    @property
    def url(self) -> str:
        """The address that rows are sent to."""
        return f"http://{reachable(self.host)}:{self.port}/score"

    def is_alive(self) -> bool:
        """Return whether this very process still runs."""
        import psutil

        _collect()
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1.0
            # While one of its threads has yet to end, it still has its port.
            ended = process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1
            return bool(same and not ended)
        except psutil.Error:
            return False

    def is_ready(self, *, timeout: float = 2.0) -> bool:
        """Return whether it responds, and isn't another program at its address."""
        try:
            status, body = send(self.host, self.port, "GET", "/health", timeout=timeout)
            content = json.loads(body)
        except (*NO_ANSWER, ValueError):
            return False
        return (
            status == 200 and isinstance(content, dict) and content.get("instance") == self.instance
        )

    def memory(self) -> int | None:
        """Return the bytes of memory that it uses; None if it has ended."""
        import psutil

        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.is_alive() else None
        except psutil.Error:
            return None

    def stop(self, *, timeout: float = 12.0) -> None:
        """End it: requests that are being answered are finished, then by force."""
        import psutil

        if not self.is_alive():
            return
        try:
            process = psutil.Process(self.pid)
            process.terminate()
            if not _wait_for_end(self, timeout):
                process.kill()
                _wait_for_end(self, 5.0)
        except psutil.NoSuchProcess:
            return
        except psutil.AccessDenied as error:
            raise ServingError(
                f"The process {self.pid} can't be stopped: it belongs to another user.",
                wrong_input=False,
            ) from error


def start(
    package: Path,
    *,
    name: str,
    version: int,
    port: int,
    key_file: Path,
    logs: Path,
    host: str = HOST,
    options: Sequence[str] = (),
    handover: Path | None = None,
    earlier: Process | None = None,
) -> Process | None:
    """Start the endpoint of a package and wait until it responds.

    It runs the code within the package, the one that its scores were checked with.

    Parameters
    ----------
    handover : Path, optional
        The folder in which processes of this endpoint meet, if another may take over from it.
    earlier : Process, optional
        The process at this address to take over from; it ends by itself once this one responds.

    Returns
    -------
    Process or None
        None if the port is taken, or the earlier process doesn't hand it over.

    Raises
    ------
    ServingError
        With the program's output, if it ended instead.
    """
    instance = secrets.token_hex(8)
    make_folder(logs)
    start_log = logs / "start.log"
    arguments = [
        sys.executable,
        # Nothing in the current folder can replace a library.
        "-P",
        "-m",
        "modules.endpoint",
        str(package),
        *("--host", host, "--port", str(port), "--name", name),
        *("--package-version", str(version), "--instance", instance),
        *("--key-file", str(key_file), "--log", str(logs / "endpoint.log")),
        *options,
    ]
    if handover is not None:
        # Relative, because systems limit the length of the path of a socket.
        arguments += ["--handover", os.path.relpath(handover, package.parent)]
    if earlier is not None:
        arguments += ["--take-over", earlier.instance]
    # Its logs are for the user alone.
    detached: dict[str, Any] = {"start_new_session": True, "umask": 0o077}
    if sys.platform == "win32":
        detached = {
            "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        }
    with open(start_log, "wb", opener=private) as output:
        child = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=package.parent,
            env=_environment(package),
            **detached,
        )
    _started.append(child)
    process = Process(child.pid, _created(child.pid), host, port, version, instance)
    end = time.monotonic() + PATIENCE
    try:
        while child.poll() is None:
            if process.is_ready(timeout=1.0):
                return process
            if time.monotonic() > end:
                raise ServingError(
                    f"The endpoint “{name}” wasn't ready after {PATIENCE:.0f} seconds.",
                    end_of("\n".join(_lines(start_log)[-LOG_LINES:])),
                    wrong_input=False,
                )
            time.sleep(0.02)
    except BaseException:
        # Nothing else refers to it yet.
        process.stop(timeout=1.0)
        raise
    if child.returncode in (PORT_TAKEN, NOT_HANDED_OVER):
        return None
    lines = _lines(start_log)
    last = lines[-1] if lines else "it printed nothing."
    raise ServingError(
        f"The endpoint “{name}” didn't start: {last}",
        end_of("\n".join(lines[-LOG_LINES:])) if len(lines) > 1 else "",
        wrong_input=False,
    )


def _environment(package: Path) -> dict[str, str]:
    return passed_on(os.environ, package) | {
        "PYTHONPATH": str(package),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _created(pid: int) -> float:
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0


def _wait_for_end(process: Process, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while process.is_alive():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _collect() -> None:
    """Reap processes that have ended, so that none stays as a zombie."""
    _started[:] = [child for child in _started if child.poll() is None]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return []
