"""The stored records of a workspace's endpoints.

A folder for each::

    endpoint.json      current version, target, port or address, whether it should run
    keys.json          for the user alone; not for endpoints in Azure, which has the keys
    process.json       the process that was started last
    versions/N/        the scoring packages, and N.json with the messages about each
    logs/              endpoint.log and its older parts; start.log
    records/DAY/       recorded requests with their scores, if that was chosen
    retraining/        how it is retrained, and the rounds; see designer.retraining.loop
    challenger.json    the challenger that gets some requests, if there is one
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, model_validator

from designer.deployment.http_client import HOST
from designer.deployment.naming import check_name, is_name, new_key
from designer.deployment.problem import ServingError
from designer.deployment.status import Keys
from designer.pipeline.problem import near
from designer.private_files import make_file, make_folder, make_private
from designer.records import DamagedRecordError, Moment, Record, read_record, write_record
from designer.workspace import Workspace

FIRST_PORT = 5001
"""Endpoints get this port or the next that is free."""


_AGAIN = "Deploy the pipeline again under another name, and delete this endpoint."

R = TypeVar("R", bound=Record)


class _Azure(Record):
    subscription: str
    resource_group: str
    workspace: str
    tenant: str | None


class _Endpoint(Record):
    version: Annotated[int, Field(ge=1)]
    target: str = "local"
    wanted: bool = False
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    host: str = HOST
    url: str = ""
    state: str = ""
    portal: str = ""
    sign_in: str = "browser"
    checked: Moment | None = None
    azure: _Azure | None = None

    @model_validator(mode="after")
    def _check_place(self) -> _Endpoint:
        if self.target in ("local", "docker") and self.port is None:
            raise ValueError("the port is missing")
        return self


class _Version(Record):
    added: Moment = 0.0
    compiled: bool | None = None
    allowed: list[str] = Field(default_factory=list)
    manifest: str = ""
    messages: list[str] = Field(default_factory=list)
    run: str | None = None
    recording: dict[str, Any] | None = None


class _Keys(Record):
    primary: Annotated[str, Field(min_length=1)]
    secondary: Annotated[str, Field(min_length=1)]


class Records:
    """The endpoints of a workspace, as files."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @property
    def root(self) -> Path:
        """The folder that contains those of the endpoints."""
        return self.workspace.endpoints_folder

    def names(self) -> list[str]:
        """Return the names of all endpoints."""
        found = (path.parent.name for path in self.root.glob("*/endpoint.json"))
        return sorted(name for name in found if is_name(name))

    def folder(self, name: str) -> Path:
        """Return the folder of an endpoint.

        Raises
        ------
        ServingError
            If there is none of this name.
        """
        folder = self.root / name
        if not is_name(name) or not os.path.lexists(folder / "endpoint.json"):
            raise ServingError(
                f"There is no endpoint “{name}”.", near(name, self.names(), "endpoints")
            )
        return folder

    def read(self, name: str) -> dict[str, Any]:
        """Return what is remembered of an endpoint.

        Raises
        ------
        ServingError
            If there is none of this name, or its record is damaged.
        """
        found = _read(self.folder(name) / "endpoint.json", _Endpoint)
        # None if another program has just deleted it.
        return found.plain() if found else self.read(name)

    def change(self, name: str, **changes: Any) -> None:
        """Store another fact about an endpoint."""
        write_record(self.folder(name) / "endpoint.json", self.read(name) | changes)

    def target(self, name: str) -> str:
        """Return where an endpoint runs."""
        return str(self.read(name).get("target", "local"))

    def package(self, name: str, version: int | None = None) -> Path:
        """Return the scoring package of a version, by default of the current one."""
        number = version or int(self.read(name)["version"])
        package = self.folder(name) / "versions" / str(number)
        if not package.is_dir():
            listed = ", ".join(str(each) for each in self.versions(name))
            raise ServingError(f"“{name}” has no version {number}.", f"Its versions are {listed}.")
        return package

    def versions(self, name: str) -> tuple[int, ...]:
        """Return the numbers of the versions; none of an endpoint that is new."""
        manifests = (self.root / name / "versions").glob("*/MANIFEST.json")
        names = [path.parent.name for path in manifests]
        return tuple(sorted(int(name) for name in names if name.isdigit()))

    def about(self, name: str, version: int) -> dict[str, Any]:
        """Return what is remembered of a version."""
        found = _read(self.root / name / "versions" / f"{version}.json", _Version)
        return found.plain() if found else {}

    def allowed(self, name: str, version: int | None = None) -> frozenset[str]:
        """Return the effects that a version may have, by default the current one."""
        found = self.about(name, version or int(self.read(name)["version"])).get("allowed")
        return frozenset(found or ())

    def allow(self, name: str, version: int, effects: Collection[str]) -> None:
        """Allow more effects of a version from now on."""
        allowed = sorted(self.allowed(name, version) | set(effects))
        file = self.root / name / "versions" / f"{version}.json"
        write_record(file, {**self.about(name, version), "allowed": allowed})

    def recording(self, name: str) -> dict[str, Any] | None:
        """Return what the current version records of requests; None for nothing."""
        found = self.about(name, int(self.read(name)["version"])).get("recording")
        return found if isinstance(found, dict) else None

    def record(self, name: str, recording: Mapping[str, Any] | None) -> None:
        """Store what the current version is to record of requests."""
        version = int(self.read(name)["version"])
        file = self.root / name / "versions" / f"{version}.json"
        write_record(file, {**self.about(name, version), "recording": recording})

    def earlier(self, name: str, version: int | None) -> int:
        """Return the version to go back to, by default the one before the current.

        Raises
        ------
        ServingError
            If there is no such version.
        """
        if version is None:
            current = int(self.read(name)["version"])
            earlier = [each for each in self.versions(name) if each < current]
            if not earlier:
                raise ServingError(f"“{name}” has no version before {current}.")
            version = earlier[-1]
        self.package(name, version)
        return version

    def add(
        self, name: str, package: Path, about: Mapping[str, Any], record: Mapping[str, Any]
    ) -> int:
        """Add a finished scoring package as the next version; call it while it is locked.

        Parameters
        ----------
        package : Path
            Is moved.
        record : mapping
            What is remembered of the endpoint, if it is new.

        Returns
        -------
        int
            The number of the version. The current one is still the one before it.
        """
        check_name(name)
        folder = self.root / name
        make_folder(folder / "versions")
        number = self.next_version(name)
        kept = folder / "versions" / str(number)
        shutil.move(package, kept)
        make_private(kept)
        manifest = _plain(kept / "MANIFEST.json")
        content = {
            "version": number,
            "added": time.time(),
            "manifest": _hash(kept / "MANIFEST.json"),
            "compiled": manifest.get("compiled"),
            "run": manifest.get("run"),
        }
        write_record(folder / "versions" / f"{number}.json", {**about, **content})
        if not (folder / "endpoint.json").exists():
            new = {"name": name, "version": number, "wanted": False, **record}
            write_record(folder / "endpoint.json", new)
        return number

    def add_local(
        self,
        name: str,
        package: Path,
        about: Mapping[str, Any],
        *,
        key: str | None = None,
        **record: Any,
    ) -> int:
        """Add a package as :meth:`add` does, for an endpoint with its own port and keys.

        Parameters
        ----------
        key : str, optional
            The primary key from now on; by default keys stay, or new ones are made.
        record : object
            What else is remembered of the endpoint, if it is new.
        """
        new = {"port": self.next_port(name), "host": HOST, **record}
        number = self.add(name, package, about, new)
        self.keep_keys(name, **({"primary": key} if key else {}))
        return number

    def remove_version(self, name: str, number: int) -> None:
        """Remove a version that isn't the current one; with the last one, the endpoint goes too."""
        versions = self.root / name / "versions"
        if set(self.versions(name)) <= {number}:
            _remove(self.root / name)
            return
        (versions / f"{number}.json").unlink(missing_ok=True)
        _remove(versions / str(number))

    def next_version(self, name: str) -> int:
        """Return the number that the next version gets."""
        return max(self.versions(name), default=0) + 1

    def check_whole(self, name: str, version: int) -> None:
        """Reject a changed package before its code runs.

        Raises
        ------
        ServingError
            If a file isn't as it was.
        """
        from modules.contract.errors import ModuleError
        from modules.endpoint.package import verify

        package = self.package(name, version)
        try:
            if _hash(package / "MANIFEST.json") != self.about(name, version).get("manifest"):
                raise ModuleError(
                    "package-damaged",
                    f"The manifest of version {version} isn't the one that was written.",
                    "Deploy the pipeline again.",
                )
            verify(package)
        except ModuleError as error:
            raise ServingError(error.message, error.hint, wrong_input=False) from error

    def keys(self, name: str) -> Keys:
        """Return the keys of an endpoint on this computer.

        Raises
        ------
        ServingError
            If there is no such endpoint, or its keys are damaged.
        """
        found = _read(self.folder(name) / "keys.json", _Keys, "Regenerate one of them.")
        if found is None:
            raise ServingError(
                f"The keys of “{name}” are missing.", "Regenerate one of them.", wrong_input=False
            )
        return Keys(found.primary, found.secondary)

    def keep_keys(self, name: str, **given: str) -> None:
        """Keep the keys of an endpoint on this computer: passed, stored, or new ones."""
        file = self.root / name / "keys.json"
        try:
            known = _read(file, _Keys)
        except ServingError:
            # Those that can't be read are replaced.
            known = None
        before = known.plain() if known else {}
        fresh = {"primary": new_key(), "secondary": new_key()} | before | given
        if fresh != before:
            write_record(file, fresh, indent=None)

    def delete(self, name: str) -> None:
        """Delete the files of an endpoint with all its versions."""
        _remove(self.folder(name))

    def reserved_ports(self, name: str) -> set[int]:
        """Return the ports of the other endpoints, running or not."""
        found = set()
        for other in self.names():
            with contextlib.suppress(ServingError):
                found.add(int(self.read(other).get("port") or 0) if other != name else 0)
        return found

    def next_port(self, name: str) -> int:
        """Return a port that belongs to no other endpoint."""
        reserved = self.reserved_ports(name)
        port = FIRST_PORT
        while port in reserved:
            port += 1
        return port

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Let one program at a time change an endpoint; the lock ends with the program."""
        database = sqlite3.connect(
            make_file(self.root / f".{name}.lock"), timeout=120, isolation_level=None
        )
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


def _read(path: Path, shape: type[R], hint: str = _AGAIN) -> R | None:
    """Return a record; None if there is none; ServingError if it is damaged."""
    try:
        return read_record(path, shape, hint)
    except DamagedRecordError as error:
        raise ServingError(error.message, error.hint, wrong_input=False) from error


def _plain(path: Path) -> dict[str, Any]:
    found = _read(path, Record)
    return found.plain() if found else {}


def _remove(folder: Path) -> None:
    """Remove a folder, if it is there."""
    if folder.is_dir():
        # Hidden first, so that a partial folder is never seen as complete.
        gone = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        os.replace(folder, gone)
        shutil.rmtree(gone, ignore_errors=True)


def _hash(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
