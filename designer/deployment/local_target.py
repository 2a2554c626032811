"""Endpoints as processes on this computer."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from designer.deployment import http_client, processes
from designer.deployment.checking import UNTESTED, check_response
from designer.deployment.http_client import HOST
from designer.deployment.naming import new_key
from designer.deployment.options import KEEP_DAYS, LEAVE_OUT, PORT, RECORD
from designer.deployment.problem import ServingError, not_running
from designer.deployment.processes import LOG_LINES, Process
from designer.deployment.records import FIRST_PORT
from designer.deployment.rollback import rolled_back_on_failure
from designer.deployment.status import Keys, State, Status
from designer.deployment.steps import Steps, steps_of
from designer.deployment.target import (
    PACKAGE,
    DeploymentTarget,
    DeployRequest,
    DeployResult,
    readme,
)
from designer.deployment.texts.package_texts import PORT as SERVER_PORT
from designer.deployment.texts.package_texts import allow_options
from designer.records import write_record
from modules.endpoint.listening import SUPPORTED as HANDS_OVER

RECORDS = "records"
"""The folder of recorded requests, in that of the endpoint."""

CHALLENGER = "challenger.json"
"""Names a challenger and its share of the requests; see :mod:`modules.endpoint.challenger`."""

_PORTS_TRIED = 200


class LocalTarget(DeploymentTarget):
    """Runs endpoints as processes."""

    name = "local"
    title = "This computer"
    summary = (
        "Starts a server that only this computer can reach. It keeps running when the window is "
        "closed."
    )
    files_summary = "Writes the scoring package and a script that starts its server."
    rank = 0
    options = (PORT, RECORD, KEEP_DAYS, LEAVE_OUT)
    steps = steps_of("register", "deploy", "test")

    @classmethod
    def leftovers(cls, name: str) -> str:
        """Return what may remain of a deployment that was ended by force."""
        return f"An endpoint “{name}” may remain in the list of endpoints. Delete it there."

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return a script that starts the server."""
        port = request.options["port"] or SERVER_PORT
        words = [*allow_options(request.allowed), *record_options(_recording(request.options))]
        allowed = "".join(f" {shlex.quote(word)}" for word in words)
        return {
            "run.sh": f"""\
#!/bin/sh
# Serves the package here, with the key in MODELDESK_ENDPOINT_KEY.
cd "$(dirname "$0")/{PACKAGE}" || exit 2
exec python -m modules.endpoint . --name {request.name} --port {port}{allowed}
""",
            "README.txt": readme(
                request.name,
                f"pip install -r {PACKAGE}/environment/requirements.txt",
                "MODELDESK_ENDPOINT_KEY=... sh run.sh",
            ),
        }

    def deploy(self, request: DeployRequest, steps: Steps) -> DeployResult:
        """Start the next version and send it its sample request."""
        name, records = request.name, self.records
        steps.begin("deploy")
        known = name in records.names()
        before = records.read(name) if known else None
        keys = records.keys(name) if known else None
        with rolled_back_on_failure() as made:
            with records.locked(name):
                number = records.next_version(name)
                made.add(
                    f"version {number} of “{name}”",
                    lambda: self._restore_version(name, number, before, keys),
                    _rolled_back_message(before),
                )
                about = {**request.about, "recording": _recording(request.options)}
                records.add_local(name, request.package, about, key=request.key)
            self.start(name, version=number, port=request.options["port"])
            steps.begin("test")
            response = check_response(
                records.package(name),
                lambda body: self.send(name, "POST", "/score", body),
                lambda: "\n".join(self.logs(name, LOG_LINES)),
            )
            found = self.status(name)
        messages = () if response is not None else (UNTESTED,)
        key = self.keys(name).primary
        return DeployResult(name, self.name, number, found.url, key, found.pid, messages=messages)

    def status(self, name: str, *, refresh: bool = False) -> Status:
        """Return the state of an endpoint, found out now."""
        record = self.records.read(name)
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
            self.records.versions(name),
            port,
            f"http://{http_client.reachable(host)}:{port}/score",
            process.pid if process is not None and alive else None,
            process.memory() if process is not None and alive else None,
            process.created if process is not None and alive else None,
            self.records.about(name, version).get("compiled"),
        )

    def renew_key(self, name: str, which: str) -> None:
        """Replace one of the keys; the endpoint is started again if it runs."""
        records = self.records
        with records.locked(name):
            records.keep_keys(name, **{which: new_key()})
            self._relaunch(name)

    def record(self, name: str, recording: Mapping[str, Any] | None) -> None:
        """Change what is recorded of requests; the endpoint is started again if it runs."""
        with self.records.locked(name):
            self.records.record(name, recording)
            self._relaunch(name)

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start an endpoint; one that runs is stopped before, if something changes."""
        folder = self.records.folder(name)
        with self.records.locked(name):
            before = self.records.read(name)
            after = before | {"version": version or before["version"], "wanted": True}
            after |= {"host": host or before.get("host", HOST)}
            self.records.check_whole(name, int(after["version"]))
            process = self._process(name)
            running = process if process is not None and process.is_alive() else None
            wanted_port = port or int(before["port"])
            if running is not None:
                same = (running.version, running.port, running.host)
                if same == (after["version"], wanted_port, after["host"]) and running.is_ready():
                    return
            if port is not None and not (running is not None and running.port == port):
                http_client.check_free(port, after["host"])
            try:
                exactly = port is not None
                self._launch(folder, name, after, wanted_port, exactly, arguments, running)
            except BaseException:
                if running is not None and not running.is_ready():
                    with contextlib.suppress(ServingError):
                        self._launch(folder, name, before, running.port, True, arguments, running)
                raise

    def stop(self, name: str) -> None:
        """Stop an endpoint; requests that are being answered are finished."""
        with self.records.locked(name):
            self._stop(name)

    def rollback(self, name: str, version: int) -> None:
        """Go back to an earlier version; if it doesn't start, the current one keeps running."""
        if self.status(name).pid is not None:
            self.start(name, version=version)
            return
        with self.records.locked(name):
            self.records.change(name, version=version)

    def delete(self, name: str) -> None:
        """Stop the process."""
        with self.records.locked(name):
            self._stop(name)

    def logs(self, name: str, lines: int) -> list[str]:
        """Return the last lines of the log."""
        folder = self.records.folder(name) / "logs"
        text = ""
        for file in ("start.log", "endpoint.log.1", "endpoint.log"):
            with contextlib.suppress(OSError):
                text += (folder / file).read_text("utf-8", "replace")
        return text.splitlines()[-lines:] if lines > 0 else []

    def send(self, name: str, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Send one request with the key."""
        process = self._process(name)
        # The key goes to no other program that may have got the port.
        if process is None or not process.is_alive() or not process.is_ready():
            raise not_running(name)
        return http_client.send_with_key(
            name, process.host, process.port, self.keys(name).primary, method, path, body
        )

    def _restore_version(
        self, name: str, number: int, before: Mapping[str, Any] | None, keys: Keys | None
    ) -> None:
        """Leave an endpoint as it was before its version ``number``."""
        records = self.records
        if before is None or keys is None:
            if name in records.names():
                self._stop(name)
            records.remove_version(name, number)
            return
        with records.locked(name):
            records.keep_keys(name, primary=keys.primary, secondary=keys.secondary)
            process = self._process(name)
            alive = process is not None and process.is_alive()
            records.change(name, **{key: before[key] for key in ("version", "wanted", "port")})
            if process is not None and process.version == number and not before["wanted"]:
                process.stop()
            elif before["wanted"] and (not alive or (process and process.version == number)):
                folder, port = records.folder(name), int(before["port"])
                self._launch(folder, name, before, port, True, (), process)
            records.remove_version(name, number)

    def _relaunch(self, name: str) -> None:
        process = self._process(name)
        if process is not None and process.is_alive() and process.is_ready():
            folder, record = self.records.folder(name), self.records.read(name)
            self._launch(folder, name, record, process.port, True, (), process)

    def _process(self, name: str) -> Process | None:
        return Process.read(self.records.folder(name) / "process.json")

    def _launch(
        self,
        folder: Path,
        name: str,
        record: Mapping[str, Any],
        port: int,
        exactly: bool,
        arguments: Sequence[str],
        running: Process | None,
    ) -> None:
        """Start the process and remember it; it takes over from the one that runs, if it can."""
        version = int(record["version"])
        allowed = allow_options(self.records.allowed(name, version))
        allowed += ["--challenger", str(folder / CHALLENGER)]
        host = str(record["host"])
        recording = self.records.about(name, version).get("recording")
        if recording:
            where = ("--record-folder", str(folder / RECORDS))
            allowed = [*allowed, *record_options(recording), *where]

        def start(port: int, earlier: Process | None = None) -> Process | None:
            return processes.start(
                folder / "versions" / str(version),
                name=name,
                version=version,
                port=port,
                key_file=folder / "keys.json",
                logs=folder / "logs",
                host=host,
                options=[*allowed, *arguments],
                handover=folder if HANDS_OVER else None,
                earlier=earlier,
            )

        process = None
        same = running is not None and (running.host, running.port) == (host, port)
        if HANDS_OVER and running is not None and same and running.is_alive():
            process = start(port, running)
        if running is not None and process is None:
            running.stop()
        for candidate in self._ports(name, port, exactly):
            if process is None and http_client.is_free(candidate, host):
                process = start(candidate)
            if process is not None:
                write_record(folder / "process.json", process.to_json())
                write_record(folder / "endpoint.json", {**record, "port": candidate})
                if running is not None:
                    running.stop()
                for left in folder.glob("*.sock"):
                    # Of processes that were killed.
                    if left.stem != process.instance:
                        left.unlink(missing_ok=True)
                return
        http_client.check_free(port, host)
        raise ServingError(f"No free port from {port} up.", wrong_input=False)

    def _ports(self, name: str, port: int, exactly: bool) -> Iterator[int]:
        yield port
        if not exactly:
            reserved = self.records.reserved_ports(name)
            for candidate in range(max(port, FIRST_PORT) + 1, min(port + _PORTS_TRIED, 65535)):
                if candidate not in reserved:
                    yield candidate

    def _stop(self, name: str) -> None:
        process = self._process(name)
        if process is not None:
            process.stop()
        (self.records.folder(name) / "process.json").unlink(missing_ok=True)
        self.records.change(name, wanted=False)


def _recording(options: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is recorded of requests; None for nothing."""
    if not options.get("record"):
        return None
    columns = [name.strip() for name in str(options["leave_out"]).split(",")]
    return {
        "share": float(options["record"]),
        "keep_days": int(options["keep_days"]),
        "leave_out": [name for name in columns if name],
    }


def record_options(recording: Mapping[str, Any] | None) -> list[str]:
    """Return the options with which the server records."""
    if not recording:
        return []
    words = ["--record", f"{recording['share']:g}", "--keep-days", str(recording["keep_days"])]
    return words + [f"--leave-out={name}" for name in recording["leave_out"]]


def _rolled_back_message(before: Mapping[str, Any] | None) -> str:
    """Return the message about a version that was rolled back."""
    if before is None:
        return "It was removed completely."
    again = (
        "is active again" if before["wanted"] else "is the current one, and is stopped as before"
    )
    return f"Version {before['version']} {again}."
