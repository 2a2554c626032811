"""Deploying a version of an endpoint in Azure, testing it, and restoring the one before."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from designer.azure.deploy.endpoint_records import model_of
from designer.azure.deploy.service_client import (
    LOG_LINES,
    FoundService,
    ServiceClient,
    ServiceSpec,
    send,
)
from designer.azure.errors import AzureError, without_secrets
from designer.azure.workspace import WorkspaceConfig
from designer.deployment.checking import UNTESTED, check_response, same_response
from designer.deployment.records import Records
from designer.deployment.rollback import Rollback
from designer.deployment.steps import Steps


class Versions:
    """The versions of the endpoints of one Azure target.

    Parameters
    ----------
    side_by_side : bool
        Whether the version before stays while the next one is deployed.
    """

    def __init__(self, records: Records, *, side_by_side: bool) -> None:
        self._records = records
        self._side_by_side = side_by_side

    def deploy_version(
        self,
        client: ServiceClient,
        name: str,
        version: int,
        package: Path,
        model: str,
        options: Mapping[str, Any],
        rollback: Rollback,
        steps: Steps,
        *,
        key: str | None = None,
    ) -> FoundService:
        """Deploy a version, and record how to roll it back."""
        before = self._redeploy(client, name, version, steps)
        message = self._rolled_back_message(name)
        if self._side_by_side or before is None:
            rollback.add(f"the endpoint “{name}”", lambda: client.withdraw(name, version), message)
        else:
            rollback.add(
                f"the endpoint “{name}”, of which version {version} failed", before, message
            )
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            code = _without_model(package, Path(temporary))
            conda = package / "environment" / "conda.yml"
            spec = ServiceSpec(name, version, model, code, conda, options, key)
            return client.deploy(spec, steps.notify)

    def test(
        self,
        client: ServiceClient,
        config: WorkspaceConfig,
        name: str,
        version: int,
        found: FoundService,
        key: str,
        package: Path,
        here: bytes | None,
    ) -> tuple[str, ...]:
        """Send the sample request; return messages about the response."""
        only = version if self._side_by_side else None

        def log() -> str:
            with contextlib.suppress(AzureError):
                return without_secrets(client.logs(name, version, LOG_LINES).replace(key, "***"))
            return "It can't be read."

        response = check_response(
            package,
            lambda body: send(found.url, key, body, config=config, version=only),
            log,
        )
        messages = [] if response is not None else [UNTESTED]
        if response and here and not same_response(json.loads(response), json.loads(here)):
            messages.append(
                "Its response to the sample request differs from that of this computer."
            )
        if found.url.startswith("http://"):
            messages.append(
                "Its URL begins with http: keys and rows travel unencrypted until you set "
                "up a certificate in Azure."
            )
        return tuple(messages)

    def _rolled_back_message(self, name: str) -> str:
        """Return the message about a version that was rolled back."""
        if name not in self._records.names():
            return "It was removed from Azure completely."
        return f"Version {self._records.read(name)['version']} is active as before."

    def _redeploy(
        self, client: ServiceClient, name: str, version: int, steps: Steps
    ) -> Callable[[], object] | None:
        """Return what restores the current version after one failed."""
        if name not in self._records.names():
            return None
        record = self._records.read(name)
        current = int(record["version"])

        def again() -> None:
            package = self._records.package(name, current)
            model = model_of(self._records, name, current)
            steps.notify(f"version {current} again")
            self.deploy_version(
                client, name, current, package, model, record["sizes"], Rollback(), steps
            )

        return again


def _without_model(package: Path, folder: Path) -> Path:
    """Copy the code of a package; the model travels as a registered model."""
    code = folder / "package"
    shutil.copytree(
        package,
        code,
        ignore=lambda inside, names: {
            name
            for name in names
            if name == "__pycache__" or (name == "model" and Path(inside) == package)
        },
    )
    return code
