"""The files that deploy a web service with SDK v1, on Container Instances or Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from designer.azure.deploy.service_client import tags_of
from designer.deployment.target import PACKAGE, readme
from designer.packaging.environment import IMAGE

TAGS = tags_of(1)


def web_service_files(
    name: str, kind: str, configuration: str, settings: Mapping[str, object], *, cluster: str = ""
) -> dict[str, str]:
    """Return a script and its settings: texts by relative path.

    Parameters
    ----------
    kind : str
        ``AciWebservice`` or ``AksWebservice``.
    configuration : str
        The expression of the deployment configuration.
    settings : mapping
        The same for the Azure CLI.
    cluster : str
        The expression of the cluster's name; empty for a kind that needs none.
    """
    compute = "from azureml.core.compute import AksCompute\n" if cluster else ""
    target = f"AksCompute(workspace, {cluster})" if cluster else "None"
    script = f'''\
"""Deploys the package with Azure ML's SDK v1: pip install azureml-core."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from azureml.core import Environment, Model, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication
{compute}from azureml.core.model import InferenceConfig
from azureml.core.webservice import {kind}

HERE = Path(__file__).resolve().parent
PACKAGE = HERE / "{PACKAGE}"
TAGS = {TAGS!r}


def code_only(folder, names):
    """Return what isn't part of the code: the model is registered separately."""
    return {{"__pycache__", "model"}} if Path(folder) == PACKAGE else {{"__pycache__"}}


# The SDK registers only what is below the current folder.
os.chdir(HERE)
# config.json names the workspace; it is downloaded from Azure ML studio.
about = json.loads((HERE / "config.json").read_text("utf-8-sig"))
sign_in = InteractiveLoginAuthentication(
    tenant_id=about.get("tenant_id"), cloud=about.get("cloud", "AzureCloud")
)
workspace = Workspace.from_config(path=str(HERE), auth=sign_in)
model = Model.register(workspace, model_path="{PACKAGE}/model", model_name="{name}", tags=TAGS)
environment = Environment.from_conda_specification(
    "{name}", str(PACKAGE / "environment" / "conda.yml")
)
environment.docker.base_image = "{IMAGE}"
environment.inferencing_stack_version = "latest"
configuration = {configuration}
with tempfile.TemporaryDirectory() as temporary:
    code = shutil.copytree(PACKAGE, Path(temporary, "package"), ignore=code_only)
    inference = InferenceConfig(
        entry_script="score.py", source_directory=str(code), environment=environment
    )
    service = Model.deploy(
        workspace, "{name}", [model], inference, configuration, {target}, overwrite=True
    )
service.wait_for_deployment(show_output=True)
print(service.scoring_uri)
print(service.run((PACKAGE / "sample_request.json").read_text("utf-8")))
'''
    inference = {
        "entryScript": "score.py",
        "sourceDirectory": f"./{PACKAGE}",
        "environment": {"name": name, "condaFile": f"./{PACKAGE}/environment/conda.yml"},
    }
    named = ["Name the cluster in the environment variable AKS_CLUSTER."]
    return {
        "deploy.py": script,
        "inference_config.json": json.dumps(inference, indent=1) + "\n",
        "deployment_config.json": json.dumps(settings, indent=1) + "\n",
        "README.txt": readme(
            name,
            "pip install azureml-core",
            "Put the config.json of the workspace here.",
            *(named if "os." in cluster else []),
            "From any folder: python deploy.py",
        ),
    }
