"""The files that deploy a web service with SDK v1, on Container Instances or Kubernetes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from designer.deployment.target import PACKAGE, readme


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
    system = "import os\n" if "os." in cluster else ""
    compute = "from azureml.core.compute import AksCompute\n" if cluster else ""
    target = f"AksCompute(workspace, {cluster})" if cluster else "None"
    script = f'''\
"""Deploys the package with Azure ML's SDK v1: pip install azureml-core."""

{system}from pathlib import Path

from azureml.core import Environment, Model, Workspace
{compute}from azureml.core.model import InferenceConfig
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
            "In this folder: python deploy.py",
        ),
    }
