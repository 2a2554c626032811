"""The texts that deploy a scoring package to each target: YAML, JSON and scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from designer.deployment.package_texts import PORT
from designer.packaging.environment import IMAGE

if TYPE_CHECKING:
    from designer.deployment.options import TargetOptions

PACKAGE = "package"
"""The folder of the scoring package among the files."""

Files = dict[str, str]


def files_of(target: str, name: str, options: TargetOptions, *, allow_code: bool) -> Files:
    """Return the files of a deployment: text by path, beside the package.

    Parameters
    ----------
    target : str
        ``local``, ``docker``, ``aci``, ``aks`` or ``managed``.
    allow_code : bool
        Whether the pipeline has code of the person's own.
    """
    return _TARGETS[target](name, options, allow_code)


def _local(name: str, options: TargetOptions, allow_code: bool) -> Files:
    allowed = " --allow-code" if allow_code else ""
    return {
        "run.sh": f"""\
#!/bin/sh
# Serves the package here, with the key in MODELDESK_ENDPOINT_KEY.
cd "$(dirname "$0")/{PACKAGE}" || exit 2
exec python -m modules.endpoint . --name {name} --port {options.port or PORT}{allowed}
""",
        "README.txt": _readme(
            name,
            f"pip install -r {PACKAGE}/environment/requirements.txt",
            "MODELDESK_ENDPOINT_KEY=... sh run.sh",
        ),
    }


def _docker(name: str, options: TargetOptions, allow_code: bool) -> Files:
    return {
        "compose.yaml": f"""\
services:
  {name}:
    build: ./{PACKAGE}
    image: {name}
    ports:
      - "127.0.0.1:{options.port or PORT}:{PORT}"
    environment:
      MODELDESK_ENDPOINT_KEY: ${{MODELDESK_ENDPOINT_KEY:?set it to the key}}
    read_only: true
    cpus: {options.cores:g}
    mem_limit: {_megabytes(options)}m
    restart: unless-stopped
""",
        "deploy.sh": f"""\
#!/bin/sh
# Builds the image and starts a container, with the key in MODELDESK_ENDPOINT_KEY.
set -e
cd "$(dirname "$0")"
docker build --tag {name} ./{PACKAGE}
docker run --detach --name {name} --restart unless-stopped --read-only \\
  --cpus {options.cores:g} --memory {_megabytes(options)}m \\
  --publish 127.0.0.1:{options.port or PORT}:{PORT} --env MODELDESK_ENDPOINT_KEY {name}
""",
        "README.txt": _readme(name, "MODELDESK_ENDPOINT_KEY=... sh deploy.sh"),
    }


def _managed(name: str, options: TargetOptions, allow_code: bool) -> Files:
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
instance_type: {options.instance_type}
instance_count: {options.instances}
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
        "README.txt": _readme(
            name,
            "pip install azure-ai-ml azure-identity",
            "Put the config.json of the workspace here.",
            "python deploy.py",
            "Or: az ml online-endpoint create -f endpoint.yml",
            "    az ml online-deployment create -f deployment.yml --all-traffic",
        ),
    }


def _aci(name: str, options: TargetOptions, allow_code: bool) -> Files:
    sizes = f"cpu_cores={options.cores:g}, memory_gb={options.memory:g}"
    configuration = f"AciWebservice.deploy_configuration({sizes}, auth_enabled=True)"
    settings = {
        "computeType": "ACI",
        "containerResourceRequirements": _requirements(options),
        "authEnabled": True,
    }
    return _web_service(name, "AciWebservice", configuration, "None", settings)


def _aks(name: str, options: TargetOptions, allow_code: bool) -> Files:
    configuration = f"""AksWebservice.deploy_configuration(
    cpu_cores={options.cores:g},
    memory_gb={options.memory:g},
    num_replicas={options.instances},
    autoscale_enabled=False,
    auth_enabled=True,
    scoring_timeout_ms=60000,
)"""
    settings = {
        "computeType": "AKS",
        "containerResourceRequirements": _requirements(options),
        "authEnabled": True,
        "autoScaler": {"autoscaleEnabled": False},
        "numReplicas": options.instances,
        "scoringTimeoutMs": 60000,
    }
    cluster = f'"{options.cluster}"' if options.cluster else 'os.environ["AKS_CLUSTER"]'
    target = f"AksCompute(workspace, {cluster})"
    return _web_service(name, "AksWebservice", configuration, target, settings)


def _web_service(
    name: str, kind: str, configuration: str, target: str, settings: dict[str, object]
) -> Files:
    is_aks = kind == "AksWebservice"
    asked = "os.environ" in target
    needs = "import os\n" if asked else ""
    more = "from azureml.core.compute import AksCompute\n" if is_aks else ""
    script = f'''\
"""Deploys the package with Azure ML's SDK v1: pip install azureml-core."""

{needs}from pathlib import Path

from azureml.core import Environment, Model, Workspace
{more}from azureml.core.model import InferenceConfig
from azureml.core.webservice import {kind}

HERE = Path(__file__).resolve().parent

# config.json names the workspace; it is downloaded from Azure ML studio.
workspace = Workspace.from_config(path=str(HERE))
model = Model.register(workspace, model_path="{PACKAGE}/model", model_name="{name}")
environment = Environment.from_conda_specification(
    "{name}", str(HERE / "{PACKAGE}/environment/conda.yml")
)
inference = InferenceConfig(
    entry_script="score.py", source_directory=str(HERE / "{PACKAGE}"), environment=environment
)
configuration = {configuration}
service = Model.deploy(
    workspace, "{name}", [model], inference, configuration, {target}, overwrite=True
)
service.wait_for_deployment(show_output=True)
print(service.scoring_uri)
print(service.run((HERE / "{PACKAGE}" / "sample_request.json").read_text("utf-8")))
'''
    inference = {
        "entryScript": "score.py",
        "sourceDirectory": f"./{PACKAGE}",
        "environment": {"name": name, "condaFile": f"./{PACKAGE}/environment/conda.yml"},
    }
    cluster = ["Name the cluster in the environment variable AKS_CLUSTER."] if asked else []
    return {
        "deploy.py": script,
        "inference_config.json": json.dumps(inference, indent=1) + "\n",
        "deployment_config.json": json.dumps(settings, indent=1) + "\n",
        "README.txt": _readme(
            name,
            "pip install azureml-core",
            "Put the config.json of the workspace here.",
            *cluster,
            "In this folder: python deploy.py",
        ),
    }


def _requirements(options: TargetOptions) -> dict[str, float]:
    return {"cpu": options.cores, "memoryInGB": options.memory}


def _megabytes(options: TargetOptions) -> int:
    return round(options.memory * 1024)


def _readme(name: str, *steps: str) -> str:
    numbered = "\n".join(f"  {step}" for step in steps)
    return (
        f"The endpoint “{name}”, ready to be deployed.\n\n{numbered}\n\n"
        f"{PACKAGE}/ is the scoring package; {PACKAGE}/sample_request.json is a request to try.\n"
    )


_TARGETS: dict[str, Callable[[str, TargetOptions, bool], Files]] = {
    "local": _local,
    "docker": _docker,
    "aci": _aci,
    "aks": _aks,
    "managed": _managed,
}
