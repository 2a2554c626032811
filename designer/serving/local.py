"""Endpoints on this computer: starting and stopping their processes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.serving import processes
from designer.serving.naming import new_key
from designer.serving.options import TargetOptions
from designer.serving.place import Order, Ready
from designer.serving.problem import ServingError
from designer.serving.processes import HOST, Process
from designer.serving.records import FIRST_PORT, Records, read_json, write_secret
from designer.serving.status import Keys, State, Status
from designer.serving.steps import Steps
from designer.workspace import write_json

SAMPLE = "sample_request.json"

_PORTS_TRIED = 200


class LocalPlace:
    """Runs endpoints as processes; a :class:`designer.serving.place.Place`."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def check(self, name: str, options: TargetOptions, key: str | None) -> None:
        """Do nothing: whatever can be packed can be deployed here."""

    def prepare(self, order: Order, steps: Steps) -> None:
        """Do nothing."""

    def deploy(self, order: Order, steps: Steps) -> Ready:
        """Start the next version and send it its sample request.

        A version that does not start stays, with its log; one that a person did not wait for
        does not.
        """
        name = order.name
        steps.begin("deploy")
        known = name in self._records.names()
        before = self._records.read(name) if known else None
        keys = self._records.keys(name) if known else None
        number = self._records.next_version(name)
        try:
            with self._records.locked(name):
                number = add_version(self._records, name, order.package, order.about, key=order.key)
            self.start(name, version=number, port=order.options.port)
            steps.begin("test")
            status, body = self.ask(name, "POST", "/score", sample_of(self._records.package(name)))
            said = () if status == 200 else (refused(status, body),)
            found = self.status(name)
        except Exception:
            raise
        except BaseException:
            self._take_back(name, number, before, keys)
            raise
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
            f"http://{processes.reachable(host)}:{port}/score",
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
        return processes.ask_with_key(
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
                if before["wanted"]:
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
            if not processes.is_free(candidate, host):
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


def answer_here(package: Path, *, own_code: bool) -> bytes:
    """Start a package for a moment and return its answer to its own sample request.

    Raises
    ------
    ServingError
        If it does not start, or refuses its sample.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        key_file = Path(made) / "keys.json"
        key = new_key()
        write_secret(key_file, {"primary": key})
        process = None
        while process is None:
            process = processes.start(
                package,
                name="check",
                version=1,
                port=processes.free_port(),
                key_file=key_file,
                logs=Path(made),
                options=["--allow-code"] if own_code else [],
            )
        try:
            status, body = processes.ask_with_key(
                "check", process.host, process.port, key, "POST", "/score", sample_of(package)
            )
        finally:
            process.stop()
    if status != 200:
        raise ServingError(refused(status, body), wrong_input=False)
    return body


def sample_of(package: Path) -> bytes:
    """Return the sample request of a package."""
    return (package / SAMPLE).read_bytes()


def refused(status: int, body: bytes) -> str:
    """Return the sentence for an endpoint that refused its own sample request."""
    text = body.decode("utf-8", "replace")[:300]
    return f"The endpoint answered its sample request with status {status}: {text}"


def _check_free(port: int, host: str) -> None:
    if not processes.is_free(port, host):
        raise ServingError(
            f"Port {port} is in use.", "Leave the port out to get the next that is free."
        )
