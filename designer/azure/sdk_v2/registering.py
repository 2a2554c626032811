"""Registers the components and the environment of a compiled pipeline, each once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from azure.ai.ml import MLClient, load_component
from azure.ai.ml.entities import Environment
from azure.core.exceptions import ResourceNotFoundError

from designer.azure.sdk_v2.files import COMPONENTS, PIPELINE

REGISTERED = "registered.yml"
"""The pipeline job with registered components instead of those in files."""


def register(client: MLClient, folder: Path) -> None:
    """Register what the compiled files contain, and write :data:`REGISTERED` beside them.

    Name and version of a component or environment identify its content, so what the workspace has
    already isn't sent again.
    """
    known: set[str] = set()
    names = {}
    for path in sorted((folder / COMPONENTS).glob("*.yml")):
        about = yaml.safe_load(path.read_text("utf-8"))["environment"]
        reference = f"azureml:{about['name']}:{about['version']}"
        if reference not in known:
            # The SDK drops the name of one that is part of a component.
            conda = path.parent / about["conda_file"]
            surroundings = Environment(**about | {"conda_file": str(conda.resolve())})
            _once(client.environments, surroundings)
            known.add(reference)
        component: Any = load_component(path)
        component.environment = reference
        _once(client.components, component)
        names[f"./{COMPONENTS}/{path.name}"] = f"azureml:{component.name}:{component.version}"
    document = yaml.safe_load((folder / PIPELINE).read_text("utf-8"))
    for job in document["jobs"].values():
        job["component"] = names[job["component"]]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    (folder / REGISTERED).write_text(text, "utf-8")


def _once(operations: Any, entity: Any) -> None:
    try:
        operations.get(entity.name, entity.version)
    except ResourceNotFoundError:
        operations.create_or_update(entity)
