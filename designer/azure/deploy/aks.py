"""The deployment target Azure Kubernetes Service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.azure.deploy.azure_target import CLOUD, CONFIG, SIGN_IN, AzureTarget
from designer.azure.deploy.service_client import ServiceClient
from designer.azure.deploy.web_service_files import web_service_files
from designer.azure.deploy.web_services import WebServices
from designer.azure.errors import AzureError
from designer.azure.workspace import Notify, WorkspaceConfig
from designer.deployment.options import CORES, INSTANCES, MEMORY, Option
from designer.deployment.target import DeployRequest

CLUSTER = Option(
    "cluster",
    "Cluster",
    "Name of the AKS cluster in the workspace.",
    pattern=r"[A-Za-z][\w-]{0,62}",
    invalid="“{}” can't be the name of a cluster.",
    hint="Use the name shown in the workspace under Compute, Kubernetes clusters.",
    required="Enter the name of the AKS cluster that is attached to the workspace.",
    placeholder="Its name in the workspace",
)

_KIND = "AKS"
"""The kind of compute target that AksWebservice runs on."""


class KubernetesTarget(AzureTarget):
    """Runs endpoints in an AKS cluster."""

    name = "aks"
    title = "Azure Kubernetes Service"
    summary = (
        "Runs containers in your cluster, several for heavy traffic. You sign in when it is "
        "deployed."
    )
    files_summary = (
        "Writes the scoring package, its settings, and a script that deploys it to Azure "
        "Kubernetes Service with your own sign-in."
    )
    rank = 30
    options = (CONFIG, CLOUD, SIGN_IN, CLUSTER, CORES, MEMORY, INSTANCES)
    sdk = "v1"

    def connect(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> ServiceClient:
        """Sign in to a workspace."""
        return Kubernetes(config, sign_in, notify)

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return a script and its settings."""
        options = request.options
        configuration = f"""AksWebservice.deploy_configuration(
    cpu_cores={options["cores"]:g},
    memory_gb={options["memory"]:g},
    num_replicas={options["instances"]},
    autoscale_enabled=False,
    auth_enabled=True,
    scoring_timeout_ms=60000,
    tags=TAGS,
)"""
        settings = {
            "computeType": "AKS",
            "containerResourceRequirements": {
                "cpu": options["cores"],
                "memoryInGB": options["memory"],
            },
            "authEnabled": True,
            "autoScaler": {"autoscaleEnabled": False},
            "numReplicas": options["instances"],
            "scoringTimeoutMs": 60000,
        }
        cluster = f'"{options["cluster"]}"' if options["cluster"] else 'os.environ["AKS_CLUSTER"]'
        return web_service_files(
            request.name, "AksWebservice", configuration, settings, cluster=cluster
        )


class Kubernetes(WebServices):
    """Web services on AKS clusters, with SDK v1."""

    def choose(self, options: Mapping[str, Any]) -> str:
        """Check that the cluster is attached to the workspace."""
        cluster = options["cluster"]
        with self.translated_errors():
            found = self.workspace.compute_targets
        known = sorted(name for name, each in found.items() if each.type == _KIND)
        if cluster in known:
            return f"the cluster “{cluster}”"
        raise AzureError(
            f"The workspace “{self.config.name}” has no cluster “{cluster}”.",
            f"It has: {', '.join(known)}." if known else "It has none. Attach one in the studio.",
        )

    def configuration(self, options: Mapping[str, Any], **common: Any) -> Any:
        """Return the SDK's deployment configuration."""
        from azureml.core.webservice import AksWebservice

        return AksWebservice.deploy_configuration(
            **common,
            num_replicas=options["instances"],
            autoscale_enabled=False,
            scoring_timeout_ms=60_000,
        )

    def compute(self, options: Mapping[str, Any]) -> Any:
        """Return the cluster."""
        return self.workspace.compute_targets[options["cluster"]]
