"""The deployment target Azure Container Instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.azure.deploy.azure_target import CLOUD, CONFIG, SIGN_IN, AzureTarget
from designer.azure.deploy.service_client import ServiceClient
from designer.azure.deploy.web_service_files import web_service_files
from designer.azure.deploy.web_services import WebServices
from designer.azure.workspace import Notify, WorkspaceConfig
from designer.deployment.options import CORES, MEMORY
from designer.deployment.target import DeployRequest


class ContainerInstancesTarget(AzureTarget):
    """Runs each endpoint in one container."""

    name = "aci"
    title = "Azure Container Instances"
    summary = (
        "Runs one container in Azure, ready in a few minutes; for trials and light use. You sign "
        "in when it is deployed."
    )
    files_summary = (
        "Writes the scoring package, its settings, and a script that deploys it to Azure Container "
        "Instances with your own sign-in."
    )
    rank = 20
    options = (CONFIG, CLOUD, SIGN_IN, CORES, MEMORY)
    sdk = "v1"

    def connect(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> ServiceClient:
        """Sign in to a workspace."""
        return ContainerInstances(config, sign_in, notify)

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return a script and its settings."""
        cores, memory = request.options["cores"], request.options["memory"]
        sizes = f"cpu_cores={cores:g}, memory_gb={memory:g}"
        settings = {
            "computeType": "ACI",
            "containerResourceRequirements": {"cpu": cores, "memoryInGB": memory},
            "authEnabled": True,
        }
        return web_service_files(
            request.name,
            "AciWebservice",
            f"AciWebservice.deploy_configuration({sizes}, auth_enabled=True, tags=TAGS)",
            settings,
        )


class ContainerInstances(WebServices):
    """Web services on Azure Container Instances, with SDK v1."""

    def choose(self, options: Mapping[str, Any]) -> str:
        """Describe the compute target; Container Instances need no compute target."""
        return ContainerInstancesTarget.title

    def configuration(self, options: Mapping[str, Any], **common: Any) -> Any:
        """Return the SDK's deployment configuration."""
        from azureml.core.webservice import AciWebservice

        return AciWebservice.deploy_configuration(**common)
