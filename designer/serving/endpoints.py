"""The endpoints of a workspace: versions, keys, starting and stopping, logs.

A folder for each, in the workspace::

    endpoint.json      current version, port, whether it should run
    keys.json          for the person alone
    process.json       the process that was started last
    versions/N/        the scoring packages, and N.json with what was said of each
    logs/              endpoint.log and its older parts; start.log

Importing this imports no library of tables or learners.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from designer.pipeline.problem import near
from designer.serving import processes
from designer.serving.problem import ServingError
from designer.serving.processes import HOST, Process
from designer.workspace import Workspace, write_json

FIRST_PORT = 5001
"""Endpoints get this port or the next that is free."""

_PORTS_TRIED = 200

State = Literal["running", "starting", "unresponsive", "stopped", "failed"]


@dataclass(frozen=True)
class Keys:
    """The keys of an endpoint; never in a log, an argument or an error."""

    primary: str = field(repr=False)
    secondary: str = field(repr=False)


@dataclass(frozen=True)
class Status:
    """What is known of an endpoint right now.

    Parameters
    ----------
    state : str
        ``running``; ``starting``; ``unresponsive``: its process runs and does not answer;
        ``stopped``: by a person; ``failed``: it ended by itself, or with the computer.
    version : int
        The current version.
    url : str
        Where rows are sent to.
    pid, memory : int or None
        Of the process, memory in bytes; None if there is none.
    """

    name: str
    state: State
    version: int
    versions: tuple[int, ...]
    port: int
    url: str
    pid: int | None = None
    memory: int | None = None
    started: float | None = None
    compiled: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name,
            "state": self.state,
            "url": self.url,
            "version": self.version,
            "versions": list(self.versions),
            "port": self.port,
            "pid": self.pid,
            "memory": self.memory,
            "started": self.started,
            "compiled": self.compiled,
        }


class Endpoints:
    """The endpoints of a workspace.

    Parameters
    ----------
    workspace : Workspace or path
        The workspace, or its folder.
    """

    def __init__(self, workspace: Workspace | Path | str) -> None:
        if not isinstance(workspace, Workspace):
            workspace = Workspace(Path(workspace))
        self.workspace = workspace

    def names(self) -> list[str]:
        """Return the names of all endpoints."""
        folder = self.workspace.endpoints_folder
        return sorted(path.parent.name for path in folder.glob("*/endpoint.json"))

    def statuses(self) -> list[Status]:
        """Return the state of every endpoint."""
        return [self.status(name) for name in self.names()]

    def folder(self, name: str) -> Path:
        """Return the folder of an endpoint.

        Raises
        ------
        ServingError
            If there is none of this name.
        """
        folder = self.workspace.endpoints_folder / name
        if not is_name(name) or not (folder / "endpoint.json").is_file():
            raise ServingError(
                f"There is no endpoint “{name}”.", near(name, self.names(), "endpoints")
            )
        return folder

    def package(self, name: str, version: int | None = None) -> Path:
        """Return the scoring package of a version, by default of the current one."""
        folder = self.folder(name)
        number = version or int(_read(folder / "endpoint.json")["version"])
        package = folder / "versions" / str(number)
        if not package.is_dir():
            listed = ", ".join(str(each) for each in self._versions(folder))
            raise ServingError(f"“{name}” has no version {number}.", f"Its versions are {listed}.")
        return package

    def status(self, name: str) -> Status:
        """Return the state of an endpoint, found out now."""
        folder = self.folder(name)
        record = _read(folder / "endpoint.json")
        process = Process.from_json(_read(folder / "process.json"))
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
            tuple(self._versions(folder)),
            port,
            f"http://{processes.reachable(host)}:{port}/score",
            process.pid if process is not None and alive else None,
            process.memory() if process is not None and alive else None,
            process.created if process is not None and alive else None,
            _read(folder / "versions" / f"{version}.json").get("compiled"),
        )

    def keys(self, name: str) -> Keys:
        """Return the keys of an endpoint.

        Raises
        ------
        ServingError
            If there is no such endpoint, or its keys are damaged.
        """
        plain = _read(self.folder(name) / "keys.json")
        try:
            return Keys(str(plain["primary"]), str(plain["secondary"]))
        except KeyError:
            raise ServingError(
                f"The keys of “{name}” can't be read.", "Renew one of them.", wrong_input=False
            ) from None

    def renew_key(self, name: str, which: Literal["primary", "secondary"]) -> Keys:
        """Replace one of the keys; the endpoint is started again if it runs."""
        folder = self.folder(name)
        with self._locked(name):
            plain = {"primary": new_key(), "secondary": new_key()} | _read(folder / "keys.json")
            _write_secret(folder / "keys.json", plain | {which: new_key()})
        if self.status(name).state == "running":
            self.restart(name)
        return self.keys(name)

    def add_version(
        self,
        name: str,
        package: Path,
        about: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> int:
        """Take a finished scoring package as the next version; it is not started yet.

        Parameters
        ----------
        package : Path
            Is moved.
        about : mapping, optional
            What is to be remembered of the version.
        key : str, optional
            The primary key from now on; by default keys stay, or new ones are made.

        Returns
        -------
        int
            The number of the version. The current one is still the one before it.
        """
        check_name(name)
        if key is not None:
            check_key(key)
        folder = self.workspace.endpoints_folder / name
        (folder / "versions").mkdir(parents=True, exist_ok=True)
        with self._locked(name):
            number = max(self._versions(folder), default=0) + 1
            place = folder / "versions" / str(number)
            shutil.move(package, place)
            manifest = _read(place / "MANIFEST.json")
            content = {
                "version": number,
                "added": time.time(),
                "manifest": _hash(place / "MANIFEST.json"),
                "compiled": manifest.get("compiled"),
                "own_code": manifest.get("own_code", []),
                "run": manifest.get("run"),
            }
            write_json(folder / "versions" / f"{number}.json", {**(about or {}), **content})
            known = _read(folder / "keys.json")
            fresh = {"primary": new_key(), "secondary": new_key()} | known
            if key is not None:
                fresh["primary"] = key
            if fresh != known:
                _write_secret(folder / "keys.json", fresh)
            if not (folder / "endpoint.json").exists():
                record = {"name": name, "version": number, "port": self._next_port(name)}
                write_json(folder / "endpoint.json", record | {"host": HOST, "wanted": False})
        return number

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        options: Sequence[str] = (),
    ) -> Status:
        """Start an endpoint; one that runs is stopped before, if something changes.

        Parameters
        ----------
        version : int, optional
            The version from now on. If it does not start, the one before goes on.
        port : int, optional
            The port from now on. Without it: the last one, or the next that is free.

        Raises
        ------
        ServingError
            If there is no such version, the port is taken, or it does not start.
        """
        folder = self.folder(name)
        with self._locked(name):
            before = _read(folder / "endpoint.json")
            after = before | {"version": version or before["version"], "wanted": True}
            after |= {"host": host or before.get("host", HOST)}
            package = self.package(name, int(after["version"]))
            _check_whole(folder, package)
            process = Process.from_json(_read(folder / "process.json"))
            running = process if process is not None and process.is_alive() else None
            wanted_port = port or int(before["port"])
            if running is not None:
                same = (running.version, running.port, running.host)
                if same == (after["version"], wanted_port, after["host"]) and running.is_ready():
                    return self.status(name)
            if port is not None and not (running is not None and running.port == port):
                _check_free(port, after["host"])
            if running is not None:
                running.stop()
            try:
                self._launch(folder, name, after, wanted_port, port is not None, options)
            except ServingError:
                if running is not None:
                    with contextlib.suppress(ServingError):
                        self._launch(folder, name, before, running.port, True, options)
                raise
        return self.status(name)

    def stop(self, name: str) -> Status:
        """Stop an endpoint; requests that are being answered are finished."""
        folder = self.folder(name)
        with self._locked(name):
            self._stop(folder)
        return self.status(name)

    def restart(self, name: str) -> Status:
        """Stop an endpoint and start it again."""
        self.stop(name)
        return self.start(name)

    def rollback(self, name: str, version: int | None = None) -> Status:
        """Go back to an earlier version, by default the one before the current.

        Raises
        ------
        ServingError
            If there is no such version, or it does not start; the current one then goes on.
        """
        status = self.status(name)
        if version is None:
            earlier = [each for each in status.versions if each < status.version]
            if not earlier:
                raise ServingError(f"“{name}” has no version before {status.version}.")
            version = earlier[-1]
        self.package(name, version)
        if status.pid is not None:
            return self.start(name, version=version)
        folder = self.folder(name)
        with self._locked(name):
            record = _read(folder / "endpoint.json")
            write_json(folder / "endpoint.json", record | {"version": version})
        return self.status(name)

    def delete(self, name: str) -> None:
        """Stop an endpoint and delete it with all its versions."""
        folder = self.folder(name)
        with self._locked(name):
            self._stop(folder)
        # First out of sight, so that half a folder is never taken for an endpoint.
        gone = folder.with_name(f".{name}.{secrets.token_hex(4)}")
        os.replace(folder, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def recover(self) -> list[Status]:
        """Start every endpoint again that should run and does not, after a reboot say."""
        found = []
        for status in self.statuses():
            if status.state == "failed":
                found.append(self.start(status.name))
        return found

    def logs(self, name: str, lines: int = 100) -> list[str]:
        """Return the last lines of an endpoint's log."""
        folder = self.folder(name) / "logs"
        text = ""
        for file in ("start.log", "endpoint.log.1", "endpoint.log"):
            with contextlib.suppress(OSError):
                text += (folder / file).read_text("utf-8", "replace")
        return text.splitlines()[-lines:] if lines > 0 else []

    def metrics(self, name: str) -> dict[str, Any]:
        """Return what a running endpoint counted; see :mod:`modules.endpoint.metrics`.

        Raises
        ------
        ServingError
            If it does not run.
        """
        status, body = self.ask(name, "GET", "/metrics?format=json")
        if status != 200:
            raise ServingError(f"“{name}” gives no metrics.", wrong_input=False)
        content: dict[str, Any] = json.loads(body)
        return content

    def ask(
        self, name: str, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Send one request to a running endpoint with its key; return status and body.

        Raises
        ------
        ServingError
            If it does not run, or does not answer.
        """
        import http.client

        process = Process.from_json(_read(self.folder(name) / "process.json"))
        # The key goes to no other program that may have got the port.
        if process is None or not process.is_alive() or not process.is_ready():
            raise ServingError(
                f"The endpoint “{name}” does not run.",
                f"Start it: designer endpoints start {name}",
                wrong_input=False,
            )
        headers = {"Authorization": f"Bearer {self.keys(name).primary}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            return processes.ask(
                process.host, process.port, method, path, body=body, headers=headers
            )
        except (OSError, http.client.HTTPException) as error:
            raise ServingError(
                f"The endpoint “{name}” did not answer: {error}.", wrong_input=False
            ) from error

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
        about = _read(folder / "versions" / f"{version}.json")
        allowed = ["--allow-code"] if about.get("own_code") else []
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
            reserved = self._reserved(name)
            for candidate in range(max(port, FIRST_PORT) + 1, min(port + _PORTS_TRIED, 65535)):
                if candidate not in reserved:
                    yield candidate

    def _reserved(self, name: str) -> set[int]:
        """Return the ports of the other endpoints, running or not."""
        folder = self.workspace.endpoints_folder
        return {
            int(_read(folder / other / "endpoint.json").get("port", 0))
            for other in self.names()
            if other != name
        }

    def _next_port(self, name: str) -> int:
        reserved = self._reserved(name)
        port = FIRST_PORT
        while port in reserved:
            port += 1
        return port

    def _stop(self, folder: Path) -> None:
        process = Process.from_json(_read(folder / "process.json"))
        if process is not None:
            process.stop()
        (folder / "process.json").unlink(missing_ok=True)
        write_json(folder / "endpoint.json", _read(folder / "endpoint.json") | {"wanted": False})

    def _versions(self, folder: Path) -> list[int]:
        places = (folder / "versions").glob("*/MANIFEST.json")
        return sorted(int(path.parent.name) for path in places if path.parent.name.isdigit())

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Let one program at a time change an endpoint; the lock ends with the program."""
        place = self.workspace.endpoints_folder / f".{name}.lock"
        database = sqlite3.connect(place, timeout=120, isolation_level=None)
        try:
            try:
                database.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                raise ServingError(
                    f"Another program is changing the endpoint “{name}”.",
                    "Try again in a moment.",
                    wrong_input=False,
                ) from None
            yield
        finally:
            database.close()


def is_name(name: str) -> bool:
    """Tell whether a text can be the name of an endpoint, here and on Azure."""
    return re.fullmatch(r"[a-z][a-z0-9-]{1,30}[a-z0-9]", name) is not None


def check_name(name: str) -> None:
    """Refuse what can't be the name of an endpoint.

    Raises
    ------
    ServingError
        With a name that could.
    """
    if is_name(name):
        return
    close = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:32].strip("-")
    hint = f"Take “{close}”, for example." if is_name(close) else ""
    raise ServingError(
        f"“{name}” can't be the name of an endpoint: take 3 to 32 small letters, digits and "
        "hyphens, beginning with a letter.",
        hint,
    )


def check_key(key: str) -> None:
    """Refuse what can't be a key; the key itself is not repeated.

    Raises
    ------
    ServingError
        With a sentence.
    """
    from modules.contract.errors import ModuleError
    from modules.endpoint.keys import check_key as check

    try:
        check(key)
    except ModuleError as error:
        raise ServingError(error.message, error.hint) from None


def new_key() -> str:
    """Return a key that nobody can guess."""
    return secrets.token_urlsafe(32)


def _check_whole(folder: Path, package: Path) -> None:
    """Refuse a package that is not the one that was written, before its code runs."""
    from modules.contract.errors import ModuleError
    from modules.endpoint.package import verify

    about = _read(folder / "versions" / f"{package.name}.json")
    try:
        if _hash(package / "MANIFEST.json") != about.get("manifest"):
            raise ModuleError(
                "package-damaged",
                f"The manifest of version {package.name} is not the one that was written.",
                "Deploy the pipeline again.",
            )
        verify(package)
    except ModuleError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error


def _check_free(port: int, host: str) -> None:
    if not processes.is_free(port, host):
        raise ServingError(
            f"Port {port} is in use.", "Leave the port out to get the next that is free."
        )


def _write_secret(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file that only the person can read, from its first moment."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
