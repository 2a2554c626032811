"""The deployment target for managed online endpoints of Azure ML."""

from __future__ import annotations

from collections.abc import Mapping

from designer.azure.deploy.azure_target import CLOUD, CONFIG, SIGN_IN, AzureTarget
from designer.azure.deploy.managed_endpoints import ManagedEndpoints
from designer.azure.deploy.service_client import ServiceClient
from designer.azure.workspace import Notify, WorkspaceConfig
from designer.deployment.options import INSTANCES, Option
from designer.deployment.target import PACKAGE, DeployRequest, readme
from designer.packaging.environment import IMAGE

INSTANCE_TYPE = Option(
    "instance_type",
    "Instance type",
    "Azure VM size of each instance.",
    default="Standard_DS3_v2",
    suggestions=(
        "Standard_DS1_v2",
        "Standard_DS2_v2",
        "Standard_DS3_v2",
        "Standard_DS4_v2",
        "Standard_F2s_v2",
        "Standard_F4s_v2",
        "Standard_F8s_v2",
        "Standard_E2s_v3",
        "Standard_E4s_v3",
    ),
    pattern=r"Standard_\w+",
    invalid="“{}” isn't an Azure VM size.",
    hint="Use “Standard_DS3_v2”, for example.",
)


class ManagedTarget(AzureTarget):
    """Runs endpoints on machines that Azure manages, with versions side by side."""

    name = "managed"
    title = "Azure managed online endpoint"
    summary = (
        "Runs on machines that Azure manages, as many as you choose. You sign in when it is "
        "deployed."
    )
    files_summary = (
        "Writes the scoring package, endpoint.yml, deployment.yml, and a script that deploys them "
        "with your own sign-in."
    )
    rank = 40
    options = (CONFIG, CLOUD, SIGN_IN, INSTANCE_TYPE, INSTANCES)
    takes_key = False
    sdk = "v2"
    side_by_side = True

    def connect(self, config: WorkspaceConfig, sign_in: str, notify: Notify) -> ServiceClient:
        """Sign in to a workspace."""
        return ManagedEndpoints(config, sign_in, notify)

    def files(self, request: DeployRequest) -> Mapping[str, str]:
        """Return the YAML files and a script."""
        name, options = request.name, request.options
        return {
            "endpoint.yml": f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
name: {name}
auth_mode: key
""",
            "deployment.yml": f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
endpoint_name: {name}
model:
  name: {name}
  path: ./{PACKAGE}/model
  type: custom_model
code_configuration:
  code: ./{PACKAGE}
  scoring_script: score.py
environment:
  name: {name}
  image: {IMAGE}
  conda_file: ./{PACKAGE}/environment/conda.yml
instance_type: {options["instance_type"]}
instance_count: {options["instances"]}
request_settings:
  request_timeout_ms: 60000
""",
            "deploy.py": f'''\
"""Deploys the package as a managed online endpoint: pip install azure-ai-ml azure-identity."""

from pathlib import Path

from azure.ai.ml import MLClient, load_online_deployment, load_online_endpoint
from azure.identity import DefaultAzureCredential

HERE = Path(__file__).resolve().parent

# config.json names the workspace; it is downloaded from Azure ML studio.
client = MLClient.from_config(DefaultAzureCredential(), path=str(HERE))
endpoint = load_online_endpoint(HERE / "endpoint.yml")
client.online_endpoints.begin_create_or_update(endpoint).result()
deployment = load_online_deployment(HERE / "deployment.yml")
client.online_deployments.begin_create_or_update(deployment).result()
endpoint.traffic = {{"blue": 100}}
client.online_endpoints.begin_create_or_update(endpoint).result()
sample = HERE / "{PACKAGE}" / "sample_request.json"
print(client.online_endpoints.get({name!r}).scoring_uri)
print(client.online_endpoints.invoke({name!r}, request_file=str(sample)))
''',
            "README.txt": readme(
                name,
                "pip install azure-ai-ml azure-identity",
                "Put the config.json of the workspace here.",
                "python deploy.py",
                "Or: az ml online-endpoint create -f endpoint.yml",
                "    az ml online-deployment create -f deployment.yml --all-traffic",
            ),
        }
