"""The endpoints of a workspace, wherever they run: listing, requests, stopping, rolling back.

Importing this imports no library of tables or learners, and no SDK.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from designer.deployment.local_target import LocalTarget
from designer.deployment.naming import check_key, check_name
from designer.deployment.problem import ServingError
from designer.deployment.processes import Process
from designer.deployment.records import Records
from designer.deployment.status import Keys, Status
from designer.deployment.target import DeploymentTarget
from designer.deployment.targets import find_target, targets
from designer.private_files import make_folder
from designer.workspace import Workspace


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
        self.records = Records(workspace)

    def names(self) -> list[str]:
        """Return the names of all endpoints."""
        return self.records.names()

    def statuses(self) -> list[Status]:
        """Return the state of every endpoint; of remote ones, the last known one."""
        return [self._known_status(name) for name in self.names()]

    def folder(self, name: str) -> Path:
        """Return the folder of an endpoint.

        Raises
        ------
        ServingError
            If there is none of this name.
        """
        return self.records.folder(name)

    def package(self, name: str, version: int | None = None) -> Path:
        """Return the scoring package of a version, by default of the current one."""
        return self.records.package(name, version)

    def status(self, name: str, *, refresh: bool = False) -> Status:
        """Return the state of an endpoint.

        Parameters
        ----------
        refresh : bool
            Whether a remote endpoint is queried, too; by default its last known state is
            returned.
        """
        return self._target(name).status(name, refresh=refresh)

    def keys(self, name: str) -> Keys:
        """Return the keys of an endpoint.

        Raises
        ------
        ServingError
            If there is no such endpoint, or its keys can't be retrieved.
        """
        return self._target(name).keys(name)

    def renew_key(self, name: str, which: Literal["primary", "secondary"]) -> Keys:
        """Replace one of the keys; an endpoint that runs here is started again."""
        self._target(name).renew_key(name, which)
        return self.keys(name)

    def record(
        self, name: str, share: float, *, keep_days: int = 30, leave_out: Collection[str] = ()
    ) -> Status:
        """Change what an endpoint of this computer records; no request is lost.

        Parameters
        ----------
        share : float
            Share of the requests; 0 to record nothing.
        keep_days : int
            Days after which recorded requests are deleted.
        leave_out : collection of str
            Columns that aren't recorded.

        Raises
        ------
        ServingError
            If it runs elsewhere, or doesn't start again.
        """
        target = self._target(name)
        if not isinstance(target, LocalTarget):
            raise ServingError(
                f"“{name}” runs on “{target.title}”; only endpoints on this computer record."
            )
        recording = {"share": share, "keep_days": keep_days, "leave_out": sorted(leave_out)}
        target.record(name, recording if share else None)
        return target.status(name)

    def add_version(
        self,
        name: str,
        package: Path,
        about: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> int:
        """Add a finished scoring package as the next version of an endpoint of this computer.

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
            The number of the version. It isn't started; the current one is still the one
            before it.
        """
        check_name(name)
        if key is not None:
            check_key(key)
        make_folder(self.records.root)
        with self.records.locked(name):
            return self.records.add_local(name, package, about or {}, key=key)

    def start(
        self,
        name: str,
        *,
        version: int | None = None,
        port: int | None = None,
        host: str | None = None,
        allow: Collection[str] = (),
        arguments: Sequence[str] = (),
    ) -> Status:
        """Start an endpoint; one that runs is stopped before, if something changes.

        Parameters
        ----------
        version : int, optional
            The version from now on. If it doesn't start, the one before keeps running.
        port : int, optional
            The port from now on. Without it: the last one, or the next that is free.
        allow : collection of str
            Effects that the version may have from now on; see
            :data:`modules.scoring.ALLOWABLE`. What is deployed here is allowed already.

        Raises
        ------
        ServingError
            If there is no such version, the port is taken, or it doesn't start.
        """
        target = self._target(name)
        if allow:
            number = version or int(self.records.read(name)["version"])
            self.records.allow(name, number, allow)
        target.start(name, version=version, port=port, host=host, arguments=arguments)
        return target.status(name)

    def stop(self, name: str) -> Status:
        """Stop an endpoint; requests that are being answered are finished."""
        target = self._target(name)
        target.stop(name)
        return target.status(name)

    def restart(self, name: str) -> Status:
        """Stop an endpoint and start it again."""
        self.stop(name)
        return self.start(name)

    def rollback(self, name: str, version: int | None = None) -> Status:
        """Go back to an earlier version, by default the one before the current.

        Raises
        ------
        ServingError
            If there is no such version, or it doesn't start; the current one then keeps running.
        """
        target = self._target(name)
        target.rollback(name, self.records.earlier(name, version))
        return target.status(name)

    def delete(self, name: str, *, only_here: bool = False) -> None:
        """Stop an endpoint and delete it with all its versions, here or in the cloud.

        Of one that is damaged, only what is on this computer is known.

        Parameters
        ----------
        only_here : bool
            Leave it where it runs, or where it is gone already.
        """
        if self._known_status(name).state == "damaged":
            process = Process.read(self.records.folder(name) / "process.json")
            if process is not None:
                process.stop()
        elif not only_here:
            self._target(name).delete(name)
        self.records.delete(name)

    def recover(self) -> list[Status]:
        """Start every endpoint of this computer again that should run and doesn't."""
        found = []
        for status in self.statuses():
            if status.state == "failed" and status.port is not None:
                found.append(self.start(status.name))
        return found

    def logs(self, name: str, lines: int = 100) -> list[str]:
        """Return the last lines of an endpoint's log."""
        return self._target(name).logs(name, lines)

    def metrics(self, name: str) -> dict[str, Any]:
        """Return the metrics of a running endpoint; see :mod:`modules.endpoint.metrics`.

        Raises
        ------
        ServingError
            If it isn't running, or is a remote one.
        """
        status, body = self.send(name, "GET", "/metrics?format=json")
        if status != 200:
            raise ServingError(f"“{name}” doesn't have metrics.", wrong_input=False)
        content: dict[str, Any] = json.loads(body)
        return content

    def send(
        self, name: str, method: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """Send one request to a running endpoint with its key; return status and body.

        Raises
        ------
        ServingError
            If it isn't running, or doesn't respond.
        """
        return self._target(name).send(name, method, path, body)

    def _known_status(self, name: str) -> Status:
        """Return the state of an endpoint, also of one that is damaged or needs another target."""
        try:
            if self.records.target(name) in targets():
                return self.status(name)
            return self._unknown(name)
        except ServingError as error:
            versions = self.records.versions(name)
            problem = f"{error.message} {error.hint}".strip()
            return Status(name, "damaged", 0, versions, None, "", target="", problem=problem)

    def _unknown(self, name: str) -> Status:
        """Return what is known of an endpoint whose target isn't installed."""
        record = self.records.read(name)
        return Status(
            name,
            "unresponsive",
            int(record["version"]),
            self.records.versions(name),
            None,
            str(record.get("url", "")),
            target=self.records.target(name),
        )

    def _target(self, name: str) -> DeploymentTarget:
        return find_target(self.records.target(name))(self.records)
