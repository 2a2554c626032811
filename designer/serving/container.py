"""Endpoints in containers of Docker's, on this computer."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.serving import processes
from designer.serving.local import add_version, refused, sample_of
from designer.serving.naming import new_key
from designer.serving.options import TargetOptions
from designer.serving.place import Order, Ready
from designer.serving.problem import ServingError
from designer.serving.processes import HOST
from designer.serving.recipes import PORT
from designer.serving.records import Records
from designer.serving.status import Keys, State, Status
from designer.serving.steps import Steps
from designer.serving.undoing import undone_on_failure
from modules.endpoint.keys import PRIMARY, SECONDARY

PROGRAM = "docker"

PATIENCE = 120.0
"""Seconds that a container gets to answer."""

LOG_LINES = 25

_STATES: Mapping[str, State] = {
    "created": "starting",
    "restarting": "failed",
    "paused": "unresponsive",
    "exited": "stopped",
    "dead": "failed",
}


class DockerPlace:
    """Looks after endpoints in containers; a :class:`designer.serving.place.Place`."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Refuse if there is no Docker, or it does not answer."""
        if shutil.which(PROGRAM) is None:
            raise ServingError(
                "Docker is not installed on this computer.",
                "Install it, or only write the files, for another computer.",
                remedy="files",
            )
        done = _run(["version", "--format", "{{.Server.Version}}"], check=False)
        if done.returncode:
            raise ServingError(f"Docker does not answer: {_last(done)}", "Start Docker.")

    def prepare(self, order: Order, steps: Steps) -> None:
        """Look for a free port."""
        steps.begin("compute", "Docker on this computer")
        port = order.options.port
        if port is not None and not self._mine(order.name, port) and not processes.is_free(port):
            raise ServingError(
                f"Port {port} is in use.", "Leave the port out to get the next that is free."
            )

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Build the image of the next version, run it and test it."""
        name, records = order.name, self._records
        with records.locked(name), undone_on_failure() as made:
            known = name in records.names()
            number = records.next_version(name)
            before = records.read(name) if known else {}
            steps.begin("deploy", "building the image")
            image = _image(name, number)
            made.add(f"the image “{image}”", lambda: _run(["rmi", "--force", image]))
            _build(image, order.package, steps.say)
            port = order.options.port or before.get("port") or self._free_port(name)
            record: dict[str, Any] = {
                "target": "docker",
                "port": port,
                "sizes": {"cores": order.options.cores, "memory": order.options.memory},
            }
            steps.say("starting the container")
            if known:
                keys = records.keys(name)
                keys = Keys(order.key or keys.primary, keys.secondary)
                made.add(f"version {before['version']}", lambda: self._replace(name, before))
            else:
                keys = Keys(order.key or new_key(), new_key())
                made.add(f"the container “{_container(name)}”", lambda: _remove(name))
            _replace(name, {**record, "version": number}, keys)
            steps.begin("test")
            _wait(name, port)
            status, body = processes.ask_with_key(
                name, HOST, port, keys.primary, "POST", "/score", sample_of(order.package)
            )
            if status != 200:
                raise ServingError(refused(status, body), _log_hint(name), wrong_input=False)
            add_version(records, name, order.package, order.about, **record)
            records.keep_keys(name, primary=keys.primary, secondary=keys.secondary)
            records.change(name, version=number, **record)
        return Ready(number, self.status(name).url, keys.primary)

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state of the container."""
        record = self._records.read(name)
        version, port = int(record["version"]), int(record["port"])
        return Status(
            name,
            self._state(name, port),
            version,
            self._records.versions(name),
            port,
            f"http://{HOST}:{port}/score",
            compiled=self._records.about(name, version).get("compiled"),
            target="docker",
        )

    def keys(self, name: str) -> Keys:
        """Return the keys."""
        return self._records.keys(name)

    def renew_key(self, name: str, which: str) -> None:
        """Replace one of the keys and the container, which holds them."""
        with self._records.locked(name):
            self._records.keep_keys(name, **{which: new_key()})
            self._replace(name, self._records.read(name))

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Start the container, or another with what is asked for."""
        if host is not None and not processes.is_loopback(host):
            raise ServingError(
                "A container is reached from this computer alone.",
                "Put a server with TLS before it.",
            )
        with self._records.locked(name):
            record = self._records.read(name)
            changed = record | {
                "version": version or record["version"],
                "port": port or record["port"],
            }
            if changed == record:
                _run(["start", _container(name)])
            else:
                self._replace(name, changed)
                self._records.change(name, version=changed["version"], port=changed["port"])
        _wait(name, int(changed["port"]))

    def stop(self, name: str) -> None:
        """Stop the container."""
        with self._records.locked(name):
            _run(["stop", _container(name)])

    def rollback(self, name: str, version: int) -> None:
        """Run the image of an earlier version."""
        self.start(name, version=version)

    def delete(self, name: str) -> None:
        """Remove the container and the images."""
        with self._records.locked(name):
            _remove(name)
            for version in self._records.versions(name):
                with contextlib.suppress(ServingError):
                    _run(["rmi", "--force", _image(name, version)])

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the end of the log of the container."""
        self._records.folder(name)
        return _logs(name, lines).splitlines()

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key."""
        port = int(self._records.read(name)["port"])
        # The key goes to no other program that may have got the port.
        if self._state(name, port) != "running":
            raise ServingError(
                f"The endpoint “{name}” does not run.",
                "Start it.",
                remedy="start",
                subject=name,
                wrong_input=False,
            )
        key = self.keys(name).primary
        return processes.ask_with_key(name, HOST, port, key, method, path, body)

    def _state(self, name: str, port: int) -> State:
        if shutil.which(PROGRAM) is None:
            return "stopped"
        state = _inspected(name)
        if state == "running":
            return "running" if _is_ready(port) else "unresponsive"
        return _STATES.get(state, "failed")

    def _mine(self, name: str, port: int) -> bool:
        return name in self._records.names() and self._records.read(name).get("port") == port

    def _free_port(self, name: str) -> int:
        reserved = self._records.reserved_ports(name)
        port = self._records.next_port(name)
        while port in reserved or not processes.is_free(port):
            port += 1
        return port

    def _replace(self, name: str, record: Mapping[str, Any]) -> None:
        _replace(name, record, self._records.keys(name))


def _build(image: str, package: Path, say: Callable[[str], object]) -> None:
    """Build the image of a package and tell what Docker says meanwhile."""
    said: list[str] = []
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
                    said.append(line.rstrip())
                    say(said[-1])
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        log = "\n".join(["The end of its log:", *said[-LOG_LINES:]])
        raise ServingError("The image could not be built.", log, wrong_input=False)


def _replace(name: str, record: Mapping[str, Any], keys: Keys) -> None:
    """Run the image of a version in the place of what ran before."""
    _remove(name)
    sizes = record["sizes"]
    _run(
        [
            *("run", "--detach", "--name", _container(name)),
            *("--restart", "unless-stopped", "--read-only"),
            *("--cpus", f"{sizes['cores']:g}", "--memory", f"{sizes['memory'] * 1024:.0f}m"),
            *("--publish", f"{HOST}:{record['port']}:{PORT}"),
            # By name alone: an argument could be read by every program on this computer.
            *("--env", PRIMARY, "--env", SECONDARY),
            _image(name, int(record["version"])),
        ],
        {PRIMARY: keys.primary, SECONDARY: keys.secondary},
    )


def _remove(name: str) -> None:
    done = _run(["rm", "--force", _container(name)], check=False)
    if done.returncode and "no such container" not in done.stderr.lower():
        raise ServingError(f"Docker says: {_last(done)}", wrong_input=False)


def _wait(name: str, port: int) -> None:
    end = time.monotonic() + PATIENCE
    while not _is_ready(port):
        state = _inspected(name)
        if state not in ("running", "created") or time.monotonic() > end:
            raise ServingError(
                f"The container of “{name}” does not answer; it is {state or 'gone'}.",
                _log_hint(name),
                wrong_input=False,
            )
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    try:
        return processes.ask(HOST, port, "GET", "/health", patience=2.0)[0] == 200
    except processes.NO_ANSWER:
        return False


def _inspected(name: str) -> str:
    """Return Docker's word for the state of a container; empty if there is none."""
    done = _run(["inspect", "--format", "{{.State.Status}}", _container(name)], check=False)
    return done.stdout.strip() if not done.returncode else ""


def _logs(name: str, lines: int) -> str:
    done = _run(["logs", "--tail", str(lines), _container(name)], check=False)
    return done.stdout + done.stderr


def _log_hint(name: str) -> str:
    return f"The end of its log:\n{_logs(name, LOG_LINES)}".strip()


def _run(
    arguments: Sequence[str], variables: Mapping[str, str] | None = None, *, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Call Docker.

    Raises
    ------
    ServingError
        With what Docker said, if it failed.
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
        raise ServingError(f"Docker says: {_last(done)}", wrong_input=False)
    return done


def _program() -> str:
    found = shutil.which(PROGRAM)
    if found is None:
        raise ServingError("Docker is not installed on this computer.", wrong_input=False)
    return found


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if "ENDPOINT_KEY" not in name}


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr or done.stdout).strip().splitlines()
    return f"{lines[-1].rstrip('.')}." if lines else f"status {done.returncode}."


def _image(name: str, version: int) -> str:
    return f"modeldesk-{name}:{version}"


def _container(name: str) -> str:
    return f"modeldesk-{name}"
