"""The endpoints of a workspace, wherever they run: listing, asking, stopping, going back.

Importing this imports no library of tables or learners, and none of Azure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from designer.deployment.cloud import AzurePlace
from designer.deployment.container import DockerPlace
from designer.deployment.local import LocalPlace, add_version
from designer.deployment.naming import check_key, check_name, is_name, new_key
from designer.deployment.options import AZURE
from designer.deployment.place import Place
from designer.deployment.problem import ServingError
from designer.deployment.records import FIRST_PORT, Records
from designer.deployment.status import Keys, State, Status
from designer.workspace import Workspace

__all__ = [
    "FIRST_PORT",
    "Endpoints",
    "Keys",
    "State",
    "Status",
    "check_key",
    "check_name",
    "is_name",
    "new_key",
]


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
        """Return the state of every endpoint; Azure is not asked."""
        return [self.status(name) for name in self.names()]

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

    def status(self, name: str, *, ask: bool = False) -> Status:
        """Return the state of an endpoint, found out now.

        Parameters
        ----------
        ask : bool
            Whether Azure is asked, where the endpoint is there; by default its last answer
            is taken.
        """
        return self._place(name).status(name, ask=ask)

    def keys(self, name: str) -> Keys:
        """Return the keys of an endpoint.

        Raises
        ------
        ServingError
            If there is no such endpoint, or its keys can't be had.
        """
        return self._place(name).keys(name)

    def renew_key(self, name: str, which: Literal["primary", "secondary"]) -> Keys:
        """Replace one of the keys; an endpoint that runs here is started again."""
        self._place(name).renew_key(name, which)
        return self.keys(name)

    def add_version(
        self,
        name: str,
        package: Path,
        about: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> int:
        """Take a finished scoring package as the next version of an endpoint of this computer.

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
            The number of the version. It is not started; the current one is still the one
            before it.
        """
        check_name(name)
        if key is not None:
            check_key(key)
        self.records.place.mkdir(parents=True, exist_ok=True)
        with self.records.locked(name):
            return add_version(self.records, name, package, about or {}, key=key)

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
        place = self._place(name)
        place.start(name, version=version, port=port, host=host, options=options)
        return place.status(name)

    def stop(self, name: str) -> Status:
        """Stop an endpoint; requests that are being answered are finished."""
        place = self._place(name)
        place.stop(name)
        return place.status(name)

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
        place = self._place(name)
        place.rollback(name, self.records.earlier(name, version))
        return place.status(name)

    def delete(self, name: str, *, only_here: bool = False) -> None:
        """Stop an endpoint and delete it with all its versions, here or in the cloud.

        Parameters
        ----------
        only_here : bool
            Forget it without asking Azure or Docker, where it then stays, or is gone already.
        """
        if not only_here:
            self._place(name).delete(name)
        self.records.delete(name)

    def recover(self) -> list[Status]:
        """Start every endpoint of this computer again that should run and does not."""
        found = []
        for status in self.statuses():
            if status.state == "failed" and status.port is not None:
                found.append(self.start(status.name))
        return found

    def logs(self, name: str, lines: int = 100) -> list[str]:
        """Return the last lines of an endpoint's log."""
        return self._place(name).logs(name, lines)

    def metrics(self, name: str) -> dict[str, Any]:
        """Return what a running endpoint counted; see :mod:`modules.endpoint.metrics`.

        Raises
        ------
        ServingError
            If it does not run, or runs in Azure, which counts by itself.
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
        return self._place(name).ask(name, method, path, body)

    def place(self, target: str) -> Place:
        """Return what deploys to a target and looks after its endpoints."""
        if target == "docker":
            return DockerPlace(self.records)
        if target in AZURE:
            return AzurePlace(self.records, target)
        return LocalPlace(self.records)

    def _place(self, name: str) -> Place:
        return self.place(self.records.target(name))
