"""Calling Docker: the image and the container of an endpoint."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.deployment.http_client import HOST, NO_ANSWER, PortInUse, send
from designer.deployment.problem import ServingError, end_of
from designer.deployment.processes import LOG_LINES
from designer.deployment.status import Keys
from designer.deployment.texts.package_texts import PORT
from modules.endpoint.hosts import VARIABLE as HOSTS
from modules.endpoint.keys import PRIMARY, SECONDARY

PROGRAM = "docker"

_PORT_IN_USE = ("port is already allocated", "exposing port tcp", "address already in use")
"""What Docker prints for a port that a container has, or a program (Docker Desktop, Linux)."""

PATIENCE = 120.0
"""Seconds that a container has to respond."""


def build(image: str, package: Path, notify: Callable[[str], object]) -> None:
    """Build the image of a package and report Docker's output."""
    printed: list[str] = []
    with subprocess.Popen(
        [_program(), "build", "--tag", image, str(package)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=_environment(),
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.strip():
                    printed.append(line.rstrip())
                    notify(printed[-1])
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        log = "\n".join(printed[-LOG_LINES:])
        raise ServingError("The image couldn't be built.", end_of(log), wrong_input=False)


def replace(name: str, record: Mapping[str, Any], keys: Keys) -> None:
    """Run the image of a version replacing the previous one.

    Raises
    ------
    PortInUse
        If another container or program has its port.
    ServingError
        With what Docker printed, if it failed for another reason.
    """
    remove(name)
    sizes = record["sizes"]
    done = run(
        [
            *("run", "--detach", "--name", container_of(name)),
            *("--restart", "unless-stopped", "--read-only"),
            *("--cpus", f"{sizes['cores']:g}", "--memory", f"{sizes['memory'] * 1024:.0f}m"),
            *("--publish", f"{HOST}:{record['port']}:{PORT}"),
            # By name alone: an argument could be read by every program on this computer.
            *("--env", PRIMARY, "--env", SECONDARY, "--env", HOSTS),
            image_of(name, int(record["version"])),
        ],
        {PRIMARY: keys.primary, SECONDARY: keys.secondary},
        check=False,
    )
    if any(each in done.stderr.lower() for each in _PORT_IN_USE):
        raise PortInUse(int(record["port"]))
    if done.returncode:
        raise ServingError(f"Docker error: {last_line(done)}", wrong_input=False)


def remove(name: str) -> None:
    """Remove the container of an endpoint, if there is one."""
    done = run(["rm", "--force", container_of(name)], check=False)
    if done.returncode and "no such container" not in done.stderr.lower():
        raise ServingError(f"Docker error: {last_line(done)}", wrong_input=False)


def wait(name: str, port: int) -> None:
    """Wait until the container of an endpoint responds.

    Raises
    ------
    ServingError
        If it ends instead, or takes too long.
    """
    end = time.monotonic() + PATIENCE
    while not is_ready(port):
        state = state_of(name)
        if state not in ("running", "created") or time.monotonic() > end:
            raise ServingError(
                f"The container of “{name}” isn't responding; its state is “{state or 'gone'}”.",
                end_of(logs(name, LOG_LINES)),
                wrong_input=False,
            )
        time.sleep(0.1)


def is_ready(port: int) -> bool:
    """Return whether an endpoint responds at a port."""
    try:
        return send(HOST, port, "GET", "/health", timeout=2.0)[0] == 200
    except NO_ANSWER:
        return False


def state_of(name: str) -> str:
    """Return Docker's name for the state of a container; empty if there is none."""
    done = run(["inspect", "--format", "{{.State.Status}}", container_of(name)], check=False)
    return done.stdout.strip() if not done.returncode else ""


def logs(name: str, lines: int) -> str:
    """Return the end of the log of an endpoint's container."""
    done = run(["logs", "--tail", str(lines), container_of(name)], check=False)
    return done.stdout + done.stderr


def run(
    arguments: Sequence[str], variables: Mapping[str, str] | None = None, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Call Docker.

    Raises
    ------
    ServingError
        With what Docker printed, if it failed.
    """
    done = subprocess.run(
        [_program(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_environment() | dict(variables or {}),
    )
    if check and done.returncode:
        raise ServingError(f"Docker error: {last_line(done)}", wrong_input=False)
    return done


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of what Docker printed, as a sentence."""
    lines = (done.stderr or done.stdout).strip().splitlines()
    return f"{lines[-1].rstrip('.')}." if lines else f"status {done.returncode}."


def image_of(name: str, version: int) -> str:
    """Return what the image of a version is called."""
    return f"modeldesk-{name}:{version}"


def container_of(name: str) -> str:
    """Return what the container of an endpoint is called."""
    return f"modeldesk-{name}"


def _program() -> str:
    found = shutil.which(PROGRAM)
    if found is None:
        raise ServingError("Docker isn't installed on this computer.", wrong_input=False)
    return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "ENDPOINT_KEY" not in name}
