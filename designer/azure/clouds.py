"""The clouds of Azure: the public one and the sovereign ones.

Their addresses come from Microsoft's libraries; only those of the studio aren't in any of them.
"""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC = "AzureCloud"

CLOUDS: Mapping[str, str] = {
    PUBLIC: "Azure",
    "AzureChinaCloud": "Azure in China (21Vianet)",
    "AzureUSGovernment": "Azure Government (US)",
}
"""Their titles, by the names that the Azure CLI and both SDKs have for them."""

STUDIOS: Mapping[str, str] = {
    PUBLIC: "https://ml.azure.com",
    "AzureChinaCloud": "https://studio.ml.azure.cn",
    "AzureUSGovernment": "https://ml.azure.us",
}
"""Azure ML studio in each of them (Microsoft, “Azure Machine Learning: sovereign clouds”)."""


def authority(cloud: str) -> str:
    """Return the host that signs in, as azure-identity knows it."""
    from azure.identity import AzureAuthorityHosts

    return {
        "AzureChinaCloud": AzureAuthorityHosts.AZURE_CHINA,
        "AzureUSGovernment": AzureAuthorityHosts.AZURE_GOVERNMENT,
    }.get(cloud, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD)


def manager_scope(cloud: str) -> str:
    """Return the scope of a token for the resource manager."""
    from azure.core import AzureClouds
    from azure.mgmt.core.tools import get_arm_endpoints

    kind = {
        "AzureChinaCloud": AzureClouds.AZURE_CHINA_CLOUD,
        "AzureUSGovernment": AzureClouds.AZURE_US_GOVERNMENT,
    }.get(cloud, AzureClouds.AZURE_PUBLIC_CLOUD)
    return str(get_arm_endpoints(kind)["credential_scopes"][0])
