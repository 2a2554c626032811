"""Paths in parameters: relative to the pipeline's folder where that is possible."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from designer.pipeline.model import Node, Pipeline
from designer.workspace import DATASET_PREFIX
from modules.contract import ModuleSpec, PathOf


def stored_path(path: Path, base: Path) -> str:
    """Return a path as a parameter stores it.

    Relative with forward slashes if it is in the base folder or in a folder
    beside it, otherwise absolute.
    """
    path = Path(os.path.abspath(path))
    if path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    if base.parent != Path(base.anchor) and path.is_relative_to(base.parent):
        return "../" + path.relative_to(base.parent).as_posix()
    return str(path)


def read_paths(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return the paths that a pipeline reads from, as they are stored."""
    found = []
    for node in pipeline.nodes.values():
        spec = specs.get(node.module)
        for parameter in spec.parameters if spec else ():
            marker, path = parameter.marker, node.parameters.get(parameter.name)
            if isinstance(marker, PathOf) and marker.mode == "read" and path:
                found.append(str(path))
    return found


def rebase(
    pipeline: Pipeline,
    specs: Mapping[str, ModuleSpec],
    old: Path,
    new: Path,
    *,
    closed: Collection[str] = (),
) -> Pipeline:
    """Return a pipeline whose relative paths mean the same files from another folder.

    A path without a file stays: it may be intended for the new folder.

    Parameters
    ----------
    closed : collection of str
        Nodes whose files mustn't be looked at: they count as there.
    """
    nodes = {
        name: _rebased(node, specs, old, new, look=name not in closed)
        for name, node in pipeline.nodes.items()
    }
    if all(nodes[name] is node for name, node in pipeline.nodes.items()):
        return pipeline
    return replace(pipeline, nodes=nodes)


def _rebased(
    node: Node, specs: Mapping[str, ModuleSpec], old: Path, new: Path, *, look: bool
) -> Node:
    spec = specs.get(node.module)
    changed = {}
    for parameter in spec.parameters if spec else ():
        value = node.parameters.get(parameter.name)
        if parameter.kind != "path" or not isinstance(value, str) or not value:
            continue
        if "://" in value or value.startswith(DATASET_PREFIX) or Path(value).is_absolute():
            continue
        if not look or (old / value).exists():
            changed[parameter.name] = stored_path(old / value, new)
    return replace(node, parameters={**node.parameters, **changed}) if changed else node
