"""The stored records of a workspace's endpoints.

A folder for each::

    endpoint.json      current version, target, port or address, whether it should run
    keys.json          for the user alone; not for endpoints in Azure, which has the keys
    process.json       the process that was started last
    versions/N/        the scoring packages, and N.json with the messages about each
    logs/              endpoint.log and its older parts; start.log
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from designer.deployment.http_client import HOST
from designer.deployment.naming import check_name, is_name, new_key
from designer.deployment.problem import ServingError
from designer.deployment.status import Keys
from designer.pipeline.problem import near
from designer.private_files import make_file, make_folder, make_private
from designer.workspace import Workspace, write_json

FIRST_PORT = 5001
"""Endpoints get this port or the next that is free."""


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
        return sorted(path.parent.name for path in self.root.glob("*/endpoint.json"))

    def folder(self, name: str) -> Path:
        """Return the folder of an endpoint.

        Raises
        ------
        ServingError
            If there is none of this name.
        """
        folder = self.root / name
        if not is_name(name) or not (folder / "endpoint.json").is_file():
            raise ServingError(
                f"There is no endpoint “{name}”.", near(name, self.names(), "endpoints")
            )
        return folder

    def read(self, name: str) -> dict[str, Any]:
        """Return what is remembered of an endpoint."""
        return read_json(self.folder(name) / "endpoint.json")

    def change(self, name: str, **changes: Any) -> None:
        """Store another fact about an endpoint."""
        write_json(self.folder(name) / "endpoint.json", self.read(name) | changes)

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
        return read_json(self.root / name / "versions" / f"{version}.json")

    def allowed(self, name: str, version: int | None = None) -> frozenset[str]:
        """Return the effects that a version may have, by default the current one."""
        found = self.about(name, version or int(self.read(name)["version"])).get("allowed")
        return frozenset(map(str, found)) if isinstance(found, list) else frozenset()

    def allow(self, name: str, version: int, effects: Collection[str]) -> None:
        """Allow more effects of a version from now on."""
        allowed = sorted(self.allowed(name, version) | set(effects))
        file = self.root / name / "versions" / f"{version}.json"
        write_json(file, {**self.about(name, version), "allowed": allowed})

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
        manifest = read_json(kept / "MANIFEST.json")
        content = {
            "version": number,
            "added": time.time(),
            "manifest": _hash(kept / "MANIFEST.json"),
            "compiled": manifest.get("compiled"),
            "run": manifest.get("run"),
        }
        write_json(folder / "versions" / f"{number}.json", {**about, **content})
        if not (folder / "endpoint.json").exists():
            new = {"name": name, "version": number, "wanted": False, **record}
            write_json(folder / "endpoint.json", new)
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
        plain = read_json(self.folder(name) / "keys.json")
        try:
            return Keys(str(plain["primary"]), str(plain["secondary"]))
        except KeyError:
            raise ServingError(
                f"The keys of “{name}” can't be read.", "Regenerate one of them.", wrong_input=False
            ) from None

    def keep_keys(self, name: str, **given: str) -> None:
        """Keep the keys of an endpoint on this computer: passed, stored, or new ones."""
        file = self.root / name / "keys.json"
        known = read_json(file)
        fresh = {"primary": new_key(), "secondary": new_key()} | known | given
        if fresh != known:
            write_secret(file, fresh)

    def delete(self, name: str) -> None:
        """Delete the files of an endpoint with all its versions."""
        _remove(self.folder(name))

    def reserved_ports(self, name: str) -> set[int]:
        """Return the ports of the other endpoints, running or not."""
        others = (each for each in self.names() if each != name)
        return {int(self.read(each).get("port") or 0) for each in others}

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


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if there is none."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_secret(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file that only the user can read, from its first moment."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            json.dump(content, stream)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


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
