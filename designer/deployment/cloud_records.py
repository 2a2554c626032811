"""Which workspace of Azure's an endpoint is in, and signing in to it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designer.deployment.cloud_words import in_words
from designer.deployment.options import TargetOptions
from designer.deployment.records import Records

if TYPE_CHECKING:
    from designer.azure.deploy.deployment import Cloud
    from designer.azure.workspace import WorkspaceConfig


class CloudRecords:
    """What this computer remembers of where the endpoints of one Azure target are.

    Parameters
    ----------
    target : str
        ``aci``, ``aks`` or ``managed``.
    """

    def __init__(self, records: Records, target: str) -> None:
        self._records = records
        self._target = target
        self._cloud: Cloud | None = None

    def connect(self, config: WorkspaceConfig, sign_in: str, say: Callable[[str], None]) -> Cloud:
        """Sign in, once."""
        from designer.azure.deploy.deployment import connect

        if self._cloud is None:
            self._cloud = connect(self._target, config, sign_in, say=say)
        return self._cloud

    def cloud_of(self, name: str) -> Cloud:
        """Sign in to where an endpoint is."""
        record = self._records.read(name)
        sign_in = str(record.get("sign_in", "browser"))
        # The stream of now: while an SDK is asked, what it prints there is dropped.
        stream = sys.stderr
        return self.connect(
            self.config_of(name),
            sign_in,
            lambda text: print(text, file=stream),
        )

    def config(self, options: TargetOptions) -> WorkspaceConfig:
        """Read the config.json of a workspace."""
        from designer.azure.workspace import read_config

        with in_words():
            return read_config(options.config or Path("config.json"))

    def config_of(self, name: str) -> WorkspaceConfig:
        """Return the workspace that an endpoint is in."""
        from designer.azure.workspace import WorkspaceConfig

        plain = self._records.read(name)["azure"]
        return WorkspaceConfig(
            plain["subscription"], plain["resource_group"], plain["workspace"], plain["tenant"]
        )

    def record_of(self, config: WorkspaceConfig) -> dict[str, Any]:
        """Return what is remembered of a workspace."""
        return {
            "subscription": config.subscription,
            "resource_group": config.resource_group,
            "workspace": config.name,
            "tenant": config.tenant,
        }

    def account(self, name: str) -> str:
        """Return what the keys of an endpoint are called in the keyring."""
        plain = self._records.read(name)["azure"]
        parts = (plain["subscription"], plain["resource_group"], plain["workspace"])
        return "/".join((*parts, self._target, name))

    def model(self, name: str, version: int) -> str:
        """Return the model that a version was registered as in Azure, as ``NAME:VERSION``."""
        return str(self._records.about(name, version)["azure_model"])
