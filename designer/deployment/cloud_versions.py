"""Bringing up a version of an endpoint in Azure, testing it, and putting back the one before."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.checking import UNTESTED, check_answer, same_answer
from designer.deployment.cloud_records import CloudRecords
from designer.deployment.records import Records
from designer.deployment.rollback import Undoing
from designer.deployment.steps import Steps

if TYPE_CHECKING:
    from designer.azure.deploy.deployment import Cloud, Found
    from designer.azure.workspace import WorkspaceConfig


class CloudVersions:
    """The versions of the endpoints of one Azure target.

    Parameters
    ----------
    target : str
        ``aci``, ``aks`` or ``managed``.
    """

    def __init__(self, records: Records, azure: CloudRecords, target: str) -> None:
        self._records = records
        self._azure = azure
        self._target = target

    def bring_up(
        self,
        cloud: Cloud,
        name: str,
        version: int,
        package: Path,
        model: str,
        sizes: Mapping[str, Any],
        made: Undoing,
        steps: Steps,
        *,
        key: str | None = None,
    ) -> Found:
        """Deploy a version, and remember how that is undone."""
        from designer.azure.deploy import deployment

        before = self._redeploy(cloud, name, version, steps)
        said = self._undone(name)
        if self._target == "managed" or before is None:
            made.add(f"the endpoint “{name}”", lambda: cloud.withdraw(name, version), said)
        else:
            made.add(f"the endpoint “{name}”, of which version {version} failed", before, said)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
            code = _without_model(package, Path(place))
            conda = package / "environment" / "conda.yml"
            order = deployment.Order(name, version, model, code, conda, **sizes, key=key)
            return cloud.deploy(order, steps.say)

    def test(
        self,
        cloud: Cloud,
        config: WorkspaceConfig,
        name: str,
        version: int,
        found: Found,
        key: str,
        package: Path,
        here: bytes | None,
    ) -> tuple[str, ...]:
        """Send the sample request; return what the person should know of the answer."""
        from designer.azure.deploy.deployment import LOG_LINES, ask
        from designer.azure.errors import AzureError, without_secrets

        only = version if self._target == "managed" else None

        def log() -> str:
            with contextlib.suppress(AzureError):
                return without_secrets(cloud.logs(name, version, LOG_LINES).replace(key, "***"))
            return "It can't be read."

        answer = check_answer(
            package,
            lambda body: ask(found.url, key, body, config=config, version=only),
            log,
        )
        said = [] if answer is not None else [UNTESTED]
        if answer and here and not same_answer(json.loads(answer), json.loads(here)):
            said.append("Its answer to the sample request is not the one of this computer.")
        if found.url.startswith("http://"):
            said.append(
                "Its address begins with http: keys and rows travel unencrypted until you set "
                "up a certificate in Azure."
            )
        return tuple(said)

    def _undone(self, name: str) -> str:
        """Return what the person should know of a version that was taken back."""
        if name not in self._records.names():
            return "Nothing of it is left in Azure."
        return f"Version {self._records.read(name)['version']} answers as before."

    def _redeploy(
        self, cloud: Cloud, name: str, version: int, steps: Steps
    ) -> Callable[[], object] | None:
        """Return what puts the current version back in the place of one that failed."""
        if name not in self._records.names():
            return None
        record = self._records.read(name)
        current = int(record["version"])

        def again() -> None:
            package, model = self._records.package(name, current), self._azure.model(name, current)
            steps.say(f"version {current} again")
            self.bring_up(cloud, name, current, package, model, record["sizes"], Undoing(), steps)

        return again


def _without_model(package: Path, place: Path) -> Path:
    """Copy the code of a package; the model travels as a registered model."""
    code = place / "package"
    shutil.copytree(
        package,
        code,
        ignore=lambda folder, names: {
            name
            for name in names
            if name == "__pycache__" or (name == "model" and Path(folder) == package)
        },
    )
    return code
