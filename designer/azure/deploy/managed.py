"""The deployment target for managed online endpoints of Azure ML."""

from __future__ import annotations

from collections.abc import Mapping

from designer.azure.deploy.azure_target import CLOUD, CONFIG, SIGN_IN, AzureTarget
from designer.azure.deploy.managed_endpoints import ManagedEndpoints
from designer.azure.deploy.service_client import ServiceClient, deployment_name, tags_of
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
        name, options, deployment = request.name, request.options, deployment_name(1)
        return {
            "endpoint.yml": f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json
name: {name}
auth_mode: key
tags:
  made with: ModelDesk
""",
            "deployment.yml": f"""\
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: {deployment}
endpoint_name: {name}
tags:
  version: "1"
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

import json
import shutil
import tempfile
from pathlib import Path

from azure.ai.ml import MLClient, load_online_deployment, load_online_endpoint
from azure.ai.ml.entities import Model
from azure.identity import AzureAuthorityHosts, DefaultAzureCredential

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "{PACKAGE}"
AUTHORITIES = {{
    "AzureChinaCloud": AzureAuthorityHosts.AZURE_CHINA,
    "AzureUSGovernment": AzureAuthorityHosts.AZURE_GOVERNMENT,
}}


def code_only(folder, names):
    """Return what isn't part of the code: the model is registered separately."""
    return {{"__pycache__", "model"}} if Path(folder) == PACKAGE else {{"__pycache__"}}


# config.json names the workspace; it is downloaded from Azure ML studio.
cloud = json.loads((HERE / "config.json").read_text("utf-8-sig")).get("cloud", "AzureCloud")
authority = AUTHORITIES.get(cloud, AzureAuthorityHosts.AZURE_PUBLIC_CLOUD)
sign_in = DefaultAzureCredential(authority=authority)
client = MLClient.from_config(sign_in, path=str(HERE), cloud=cloud)
model = client.models.create_or_update(
    Model(
        name={name!r}, path=str(PACKAGE / "model"), type="custom_model", tags={tags_of(1)!r}
    )
)
endpoint = load_online_endpoint(HERE / "endpoint.yml")
client.online_endpoints.begin_create_or_update(endpoint).result()
with tempfile.TemporaryDirectory() as temporary:
    code = shutil.copytree(PACKAGE, Path(temporary, "package"), ignore=code_only)
    changes = [
        {{"code_configuration.code": str(code)}},
        {{"model": f"azureml:{{model.name}}:{{model.version}}"}},
    ]
    deployment = load_online_deployment(HERE / "deployment.yml", params_override=changes)
    client.online_deployments.begin_create_or_update(deployment).result()
sample = str(PACKAGE / "sample_request.json")
print(
    client.online_endpoints.invoke(
        {name!r}, deployment_name="{deployment}", request_file=sample
    )
)
endpoint = client.online_endpoints.get({name!r})
endpoint.traffic = {{"{deployment}": 100}}
client.online_endpoints.begin_create_or_update(endpoint).result()
print(client.online_endpoints.get({name!r}).scoring_uri)
''',
            "README.txt": readme(
                name,
                "pip install azure-ai-ml azure-identity",
                "Put the config.json of the workspace here.",
                "From any folder: python deploy.py",
                "Or: az ml online-endpoint create -f endpoint.yml",
                "    az ml online-deployment create -f deployment.yml --all-traffic",
            ),
        }
