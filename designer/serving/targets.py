"""The files of a deployment to a container or to Azure: the package, settings and a script."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from designer.azure.environment import IMAGE
from designer.serving.endpoints import check_name
from designer.serving.problem import ServingError
from designer.serving.recipes import PORT
from designer.workspace import Workspace

PACKAGE = "package"

INSTANCE = "Standard_DS3_v2"

Files = dict[str, str]


@dataclass(frozen=True)
class Written:
    """Files of a deployment.

    Parameters
    ----------
    files : tuple of Path
        Relative to the folder; the package as one.
    """

    folder: Path
    files: tuple[Path, ...]
    said: tuple[str, ...]


def write_deployment(
    workspace: Workspace,
    file: Path,
    name: str,
    target: str,
    folder: Path,
    *,
    scores: Sequence[str] = (),
    port: int | None = None,
) -> Written:
    """Write everything that a deployment needs into a folder; nothing is deployed.

    Parameters
    ----------
    target : str
        ``local``, ``docker``, ``aci``, ``aks`` or ``managed``.
    folder : Path
        New or empty.

    Raises
    ------
    ServingError
        If the pipeline can't be served, or the folder holds something.
    """
    from designer.serving.deploying import pack

    check_name(name)
    if folder.exists() and any(folder.iterdir()):
        raise ServingError(f"The folder “{folder}” is not empty.", "Name a new one.")
    made = not folder.exists()
    try:
        packed = pack(workspace, file, folder / PACKAGE, name, scores=scores)
    except BaseException:
        if made:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    allow = bool(packed.package.own_code)
    files = TARGETS[target](name, port or PORT, allow)
    for place, text in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, "utf-8", newline="\n")
    listed = (Path(PACKAGE), *(Path(place) for place in files))
    return Written(folder, listed, packed.said)


def _local(name: str, port: int, allow_code: bool) -> Files:
    allowed = " --allow-code" if allow_code else ""
    return {
        "run.sh": f"""\
#!/bin/sh
# Serves the package here, with the key in MODELDESK_ENDPOINT_KEY.
cd "$(dirname "$0")/{PACKAGE}" || exit 2
exec python -m modules.endpoint . --name {name} --port {port}{allowed}
""",
        "README.txt": _readme(
            name,
            f"pip install -r {PACKAGE}/environment/requirements.txt",
            "MODELDESK_ENDPOINT_KEY=... sh run.sh",
        ),
    }


def _docker(name: str, port: int, allow_code: bool) -> Files:
    return {
        "compose.yaml": f"""\
services:
  {name}:
    build: ./{PACKAGE}
    image: {name}
    ports:
      - "127.0.0.1:{port}:{PORT}"
    environment:
      MODELDESK_ENDPOINT_KEY: ${{MODELDESK_ENDPOINT_KEY:?set it to the key}}
    read_only: true
    restart: unless-stopped
""",
        "deploy.sh": f"""\
#!/bin/sh
# Builds the image and starts a container, with the key in MODELDESK_ENDPOINT_KEY.
set -e
cd "$(dirname "$0")"
docker build --tag {name} ./{PACKAGE}
docker run --detach --name {name} --restart unless-stopped --read-only \\
  --publish 127.0.0.1:{port}:{PORT} --env MODELDESK_ENDPOINT_KEY {name}
""",
        "README.txt": _readme(name, "MODELDESK_ENDPOINT_KEY=... sh deploy.sh"),
    }


def _managed(name: str, port: int, allow_code: bool) -> Files:
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
instance_type: {INSTANCE}
instance_count: 1
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


def _aci(name: str, port: int, allow_code: bool) -> Files:
    sizes = "cpu_cores=1, memory_gb=1"
    configuration = f"AciWebservice.deploy_configuration({sizes}, auth_enabled=True)"
    settings = {
        "computeType": "ACI",
        "containerResourceRequirements": {"cpu": 1, "memoryInGB": 1},
        "authEnabled": True,
    }
    return _web_service(name, "AciWebservice", configuration, "None", settings)


def _aks(name: str, port: int, allow_code: bool) -> Files:
    configuration = """AksWebservice.deploy_configuration(
    cpu_cores=0.5,
    memory_gb=1,
    auth_enabled=True,
    autoscale_enabled=True,
    autoscale_min_replicas=1,
    autoscale_max_replicas=10,
    autoscale_target_utilization=70,
    scoring_timeout_ms=60000,
)"""
    settings = {
        "computeType": "AKS",
        "containerResourceRequirements": {"cpu": 0.5, "memoryInGB": 1},
        "authEnabled": True,
        "autoScaler": {
            "autoscaleEnabled": True,
            "minReplicas": 1,
            "maxReplicas": 10,
            "targetUtilization": 70,
        },
        "scoringTimeoutMs": 60000,
    }
    target = 'AksCompute(workspace, os.environ["AKS_CLUSTER"])'
    return _web_service(name, "AksWebservice", configuration, target, settings)


def _web_service(
    name: str, kind: str, configuration: str, target: str, settings: dict[str, object]
) -> Files:
    is_aks = kind == "AksWebservice"
    needs = "import os\n" if is_aks else ""
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
    cluster = ["Name the cluster in the environment variable AKS_CLUSTER."] if is_aks else []
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


def _readme(name: str, *steps: str) -> str:
    numbered = "\n".join(f"  {step}" for step in steps)
    return (
        f"The endpoint “{name}”, ready to be deployed.\n\n{numbered}\n\n"
        f"{PACKAGE}/ is the scoring package; {PACKAGE}/sample_request.json is a request to try.\n"
    )


TARGETS: dict[str, Callable[[str, int, bool], Files]] = {
    "local": _local,
    "docker": _docker,
    "aci": _aci,
    "aks": _aks,
    "managed": _managed,
}
