"""Registers the components and the environment of a compiled pipeline, each once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml
from azure.ai.ml import MLClient, load_component
from azure.ai.ml.entities import Environment
from azure.core.exceptions import ResourceNotFoundError

from designer.azure.sdk_v2.files import PIPELINE
from designer.azure.sdk_v2.jobs import COMPONENTS

REGISTERED = "registered.yml"
"""The pipeline job with registered components instead of those in files."""


def register(client: MLClient, folder: Path) -> None:
    """Register what the compiled files contain, and write :data:`REGISTERED` beside them.

    Name and version of a component or environment identify its content, so what the workspace has
    already isn't sent again.
    """
    known: set[str] = set()
    names: dict[str, str] = {}
    documents = {
        path: yaml.safe_load(path.read_text("utf-8"))
        for path in sorted((folder / COMPONENTS).glob("*.yml"))
    }
    for path, document in _inner_first(documents):
        changes = []
        if document["type"] == "pipeline":
            changes = [
                {f"jobs.{name}.component": names[job["component"]]}
                for name, job in document["jobs"].items()
            ]
        component: Any = load_component(path, params_override=changes)
        if document["type"] == "command":
            about = document["environment"]
            reference = f"azureml:{about['name']}:{about['version']}"
            if reference not in known:
                # The SDK drops the name of one that is part of a component.
                conda = path.parent / about["conda_file"]
                surroundings = Environment(**about | {"conda_file": str(conda.resolve())})
                _once(client.environments, surroundings)
                known.add(reference)
            component.environment = reference
        _once(client.components, component)
        names[f"./{path.name}"] = f"azureml:{component.name}:{component.version}"
    document = yaml.safe_load((folder / PIPELINE).read_text("utf-8"))
    for job in document["jobs"].values():
        if "component" in job:
            job["component"] = names[job["component"].replace(f"{COMPONENTS}/", "")]
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    (folder / REGISTERED).write_text(text, "utf-8")


def _inner_first(documents: Mapping[Path, dict[str, Any]]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield components so that each comes after those that its jobs are."""
    used = {
        path: {path.parent / job["component"] for job in document.get("jobs", {}).values()}
        for path, document in documents.items()
    }
    for path in TopologicalSorter(used).static_order():
        yield path, documents[path]


def _once(operations: Any, entity: Any) -> None:
    try:
        operations.get(entity.name, entity.version)
    except ResourceNotFoundError:
        operations.create_or_update(entity)
