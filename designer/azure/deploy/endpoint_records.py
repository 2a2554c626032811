"""Records of endpoints in Azure on this computer."""

from __future__ import annotations

from typing import Any

from designer.azure.workspace import WorkspaceConfig
from designer.deployment.records import Records


def workspace_record(config: WorkspaceConfig) -> dict[str, Any]:
    """Return what is remembered of a workspace."""
    return {
        "subscription": config.subscription,
        "resource_group": config.resource_group,
        "workspace": config.name,
        "tenant": config.tenant,
        "cloud": config.cloud,
    }


def workspace_of(records: Records, name: str) -> WorkspaceConfig:
    """Return the workspace that an endpoint is in."""
    plain = records.read(name)["azure"]
    return WorkspaceConfig(
        plain["subscription"],
        plain["resource_group"],
        plain["workspace"],
        plain["tenant"],
        plain["cloud"],
    )


def keyring_account(records: Records, name: str) -> str:
    """Return what the keys of an endpoint are called in the keyring."""
    config = workspace_of(records, name)
    parts = (config.subscription, config.resource_group, config.name)
    return "/".join((*parts, records.target(name), name))


def model_of(records: Records, name: str, version: int) -> str:
    """Return the model that a version was registered as in Azure, as ``NAME:VERSION``."""
    return str(records.about(name, version)["azure_model"])
