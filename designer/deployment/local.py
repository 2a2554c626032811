"""Endpoints on this computer: starting and stopping their processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.deployment import http_client as asking
from designer.deployment import processes
from designer.deployment.checking import UNTESTED, check_answer
from designer.deployment.http_client import HOST
from designer.deployment.naming import new_key
from designer.deployment.options import TargetOptions
from designer.deployment.place import Order, Ready
from designer.deployment.problem import ServingError
from designer.deployment.processes import LOG_LINES, Process
from designer.deployment.records import FIRST_PORT, Records, read_json
from designer.deployment.rollback import undone_on_failure
from designer.deployment.status import Keys, State, Status
from designer.deployment.steps import Steps
from designer.workspace import write_json

_PORTS_TRIED = 200


class LocalPlace:
    """Runs endpoints as processes; a :class:`designer.deployment.place.Place`."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Do nothing: whatever can be packed can be deployed here."""

    def prepare(self, order: Order, steps: Steps) -> None:
        """Do nothing."""

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Start the next version and send it its sample request."""
        name, records = order.name, self._records
        steps.begin("deploy")
        known = name in records.names()
        before = records.read(name) if known else None
        keys = records.keys(name) if known else None
        with undone_on_failure() as made:
            with records.locked(name):
                number = records.next_version(name)
                made.add(
                    f"version {number} of “{name}”",
                    lambda: self._take_back(name, number, before, keys),
                    _taken_back(before),
                )
                add_version(records, name, order.package, order.about, key=order.key)
            self.start(name, version=number, port=order.options.port)
            steps.begin("test")
            answer = check_answer(
                records.package(name),
                lambda body: self.ask(name, "POST", "/score", body),
                lambda: "\n".join(self.logs(name, LOG_LINES)),
            )
            found = self.status(name)
        said = () if answer is not None else (UNTESTED,)
        return Ready(number, found.url, self.keys(name).primary, found.pid, said=said)

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state of an endpoint, found out now."""
        record = self._records.read(name)
        process = self._process(name)
        alive = process is not None and process.is_alive()
        state: State
        if process is not None and alive:
            state = "running" if process.is_ready() else "unresponsive"
        else:
            state = "failed" if record.get("wanted") else "stopped"
        version = int(record["version"])
        host, port = str(record.get("host", HOST)), int(record["port"])
        return Status(
            name,
            state,
            version,
            self._records.versions(name),
            port,
            f"http://{asking.reachable(host)}:{port}/score",
            process.pid if process is not None and alive else None,
            process.memory() if process is not None and alive else None,
            process.created if process is not None and alive else None,
            self._records.about(name, version).get("compiled"),
        )

    def keys(self, name: str) -> Keys:
        """Return the keys."""
        return self._records.keys(name)

    def renew_key(self, name: str, which: str) -> None:
        """Replace one of the keys; the endpoint is started again if it runs."""
        with self._records.locked(name):
            self._records.keep_keys(name, **{which: new_key()})
        if self.status(name).state == "running":
            self.stop(name)
            self.start(name)

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """Start an endpoint; one that runs is stopped before, if something changes."""
        folder = self._records.folder(name)
        with self._records.locked(name):
            before = self._records.read(name)
            after = before | {"version": version or before["version"], "wanted": True}
            after |= {"host": host or before.get("host", HOST)}
            self._records.check_whole(name, int(after["version"]))
            process = self._process(name)
            running = process if process is not None and process.is_alive() else None
            wanted_port = port or int(before["port"])
            if running is not None:
                same = (running.version, running.port, running.host)
                if same == (after["version"], wanted_port, after["host"]) and running.is_ready():
                    return
            if port is not None and not (running is not None and running.port == port):
                _check_free(port, after["host"])
            if running is not None:
                running.stop()
            try:
                self._launch(folder, name, after, wanted_port, port is not None, options)
            except BaseException:
                if running is not None:
                    with contextlib.suppress(ServingError):
                        self._launch(folder, name, before, running.port, True, options)
                raise

    def stop(self, name: str) -> None:
        """Stop an endpoint; requests that are being answered are finished."""
        with self._records.locked(name):
            self._stop(name)

    def rollback(self, name: str, version: int) -> None:
        """Go back to an earlier version; if it does not start, the current one goes on."""
        if self.status(name).pid is not None:
            self.start(name, version=version)
            return
        with self._records.locked(name):
            self._records.change(name, version=version)

    def delete(self, name: str) -> None:
        """Stop the process."""
        with self._records.locked(name):
            self._stop(name)

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the last lines of the log."""
        folder = self._records.folder(name) / "logs"
        text = ""
        for file in ("start.log", "endpoint.log.1", "endpoint.log"):
            with contextlib.suppress(OSError):
                text += (folder / file).read_text("utf-8", "replace")
        return text.splitlines()[-lines:] if lines > 0 else []

    def ask(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key."""
        process = self._process(name)
        # The key goes to no other program that may have got the port.
        if process is None or not process.is_alive() or not process.is_ready():
            raise ServingError(
                f"The endpoint “{name}” does not run.",
                "Start it.",
                remedy="start",
                subject=name,
                wrong_input=False,
            )
        return asking.ask_with_key(
            name, process.host, process.port, self.keys(name).primary, method, path, body
        )

    def _take_back(
        self, name: str, number: int, before: Mapping[str, Any] | None, keys: Keys | None
    ) -> None:
        """Leave an endpoint as it was before its version ``number``."""
        records = self._records
        if before is None or keys is None:
            if name in records.names():
                self._stop(name)
            records.remove_version(name, number)
            return
        with records.locked(name):
            records.keep_keys(name, primary=keys.primary, secondary=keys.secondary)
            process = self._process(name)
            if process is not None and process.version == number:
                process.stop()
            records.change(name, **{key: before[key] for key in ("version", "wanted", "port")})
            if before["wanted"] and (process is None or not process.is_alive()):
                self._launch(records.folder(name), name, before, int(before["port"]), True, ())
            records.remove_version(name, number)

    def _process(self, name: str) -> Process | None:
        return Process.from_json(read_json(self._records.folder(name) / "process.json"))

    def _launch(
        self,
        folder: Path,
        name: str,
        record: Mapping[str, Any],
        port: int,
        exactly: bool,
        options: Sequence[str],
    ) -> None:
        """Start the process and remember it."""
        version = int(record["version"])
        allowed = ["--allow-code"] if self._records.about(name, version).get("own_code") else []
        host = str(record["host"])
        (folder / "process.json").unlink(missing_ok=True)
        for candidate in self._ports(name, port, exactly):
            if not asking.is_free(candidate, host):
                continue
            process = processes.start(
                folder / "versions" / str(version),
                name=name,
                version=version,
                port=candidate,
                key_file=folder / "keys.json",
                logs=folder / "logs",
                host=host,
                options=[*allowed, *options],
            )
            if process is not None:
                write_json(folder / "process.json", process.to_json())
                write_json(folder / "endpoint.json", {**record, "port": candidate})
                return
        _check_free(port, host)
        raise ServingError(f"No port is free from {port} on.", wrong_input=False)

    def _ports(self, name: str, port: int, exactly: bool) -> Iterator[int]:
        yield port
        if not exactly:
            reserved = self._records.reserved_ports(name)
            for candidate in range(max(port, FIRST_PORT) + 1, min(port + _PORTS_TRIED, 65535)):
                if candidate not in reserved:
                    yield candidate

    def _stop(self, name: str) -> None:
        process = self._process(name)
        if process is not None:
            process.stop()
        (self._records.folder(name) / "process.json").unlink(missing_ok=True)
        self._records.change(name, wanted=False)


def add_version(
    records: Records,
    name: str,
    package: Path,
    about: Mapping[str, Any],
    *,
    key: str | None = None,
    **record: Any,
) -> int:
    """Take a package as the next version of an endpoint with a port and keys of its own here.

    Parameters
    ----------
    record : object
        What else is remembered of the endpoint, if it is new.
    """
    new = {"port": records.next_port(name), "host": HOST, **record}
    number = records.add(name, package, about, new)
    records.keep_keys(name, **({"primary": key} if key else {}))
    return number


def _taken_back(before: Mapping[str, Any] | None) -> str:
    """Return what the person should know of a version that was taken back."""
    if before is None:
        return "Nothing of it is left."
    again = "answers again" if before["wanted"] else "is the current one, and is stopped as before"
    return f"Version {before['version']} {again}."


def _check_free(port: int, host: str) -> None:
    if not asking.is_free(port, host):
        raise ServingError(
            f"Port {port} is in use.", "Leave the port out to get the next that is free."
        )
