"""Paths in parameters: relative to the pipeline's folder where that is possible."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from designer.engine.staleness import is_relative
from designer.pipeline.file import dumps
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.parameters import bound_parameter
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


def relative_nodes(pipeline: Pipeline, specs: Mapping[str, ModuleSpec]) -> dict[str, Node]:
    """Return the nodes with a path whose meaning depends on the pipeline's folder."""
    return {
        name: node
        for name, node in pipeline.nodes.items()
        if node.module in specs and any(_relative_paths(node, pipeline, specs[node.module]))
    }


def text_without_file(
    pipeline: Pipeline, specs: Mapping[str, ModuleSpec], base: Path, closed: Collection[str] = ()
) -> str:
    """Return a pipeline as the text of a new one: paths start in the user's home folder."""
    return dumps(rebase(pipeline, specs, base, Path.home(), closed=closed))


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
    nodes, parameters = dict(pipeline.nodes), dict(pipeline.parameters)
    for name, node in relative_nodes(pipeline, specs).items():
        for key, path, bound in _relative_paths(node, pipeline, specs[node.module]):
            if name not in closed and not os.path.exists(old / path):
                continue
            moved = stored_path(old / path, new)
            if bound is None:
                values = {**nodes[name].parameters, key: moved}
                nodes[name] = replace(nodes[name], parameters=values)
            else:
                parameters[bound] = replace(parameters[bound], default=moved)
    if nodes == pipeline.nodes and parameters == pipeline.parameters:
        return pipeline
    return replace(pipeline, nodes=nodes, parameters=parameters)


def _relative_paths(
    node: Node, pipeline: Pipeline, spec: ModuleSpec
) -> Iterator[tuple[str, str, str | None]]:
    """Yield parameter, path, and the pipeline parameter that has the path, if it isn't here."""
    for parameter in spec.parameters:
        value = node.parameters.get(parameter.name)
        bound = bound_parameter(value)
        if bound is not None:
            value = pipeline.parameter_defaults.get(bound)
        if is_relative(parameter, value):
            yield parameter.name, str(value), bound
