"""Checks whether a result is still valid for the current pipeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.paths import EXAMPLE_PREFIX, absolute_path, is_relative_path
from designer.pipeline.model import Node, Pipeline
from designer.pipeline.parameters import bound_parameter
from designer.workspace import DATASET_PREFIX
from modules.contract import ModuleSpec, Parameter


def node_keys(pipeline: Pipeline, base: Path, specs: Mapping[str, ModuleSpec]) -> dict[str, str]:
    """Return for each node a key of everything in the file that determines its result.

    Two equal keys mean that neither the node nor its predecessors were changed. What
    is outside of the pipeline (the data files) isn't checked. The folder of the pipeline's
    file counts only by the files that paths mean from there.
    """
    keys: dict[str, str] = {}
    try:
        order = pipeline.order()
    except ValueError:
        return keys
    for name in order:
        node = pipeline.nodes[name]
        values = _values(node, pipeline, base, specs.get(node.module))
        inputs = [
            (port, source.port, keys.get(source.node, ""))
            for port, source in sorted(pipeline.inputs_of(name).items())
        ]
        plain = [node.module, node.version, node.disabled, values, inputs]
        text = json.dumps(plain, sort_keys=True, default=str)
        keys[name] = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return keys


def is_relative(parameter: Parameter, value: object) -> bool:
    """Return whether a value is a path whose meaning depends on the pipeline's folder."""
    if parameter.kind != "path" or not isinstance(value, str) or not value:
        return False
    if "://" in value or value.startswith((DATASET_PREFIX, EXAMPLE_PREFIX)):
        return False
    return is_relative_path(value)


def _values(node: Node, pipeline: Pipeline, base: Path, spec: ModuleSpec | None) -> dict[str, Any]:
    """Return the values of a node's parameters, paths absolute."""
    values = {}
    for name, value in node.parameters.items():
        bound = bound_parameter(value)
        known = pipeline.parameters.get(bound) if bound is not None else None
        value = known.default if known is not None else value
        parameter = spec.parameter_by_name.get(name) if spec else None
        if parameter is not None and is_relative(parameter, value):
            value = str(absolute_path(value, base))
        values[name] = value
    return values
