"""Edits of parameters: a node's own, and the pipeline's that nodes are bound to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Final

from designer.pipeline.identifiers import EditError
from designer.pipeline.model import NODE_ID, Json, Node, Pipeline, PipelineParameter


class Unset(Enum):
    """The type of :data:`UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Given as a parameter's value, resets the parameter to its default."""


def set_parameter(pipeline: Pipeline, node: str, name: str, value: Json | Unset) -> Pipeline:
    """Set one parameter of a node; :data:`UNSET` resets it to its default."""
    old = find_node(pipeline, node).parameters
    if value is UNSET:
        if name not in old:
            return pipeline
        parameters = {key: kept for key, kept in old.items() if key != name}
    else:
        if name in old and same_json(old[name], value):
            return pipeline
        parameters = {**old, name: value}
    return replace_node(pipeline, replace(pipeline.nodes[node], parameters=parameters))


def replace_node(pipeline: Pipeline, node: Node) -> Pipeline:
    """Replace the node with the same id."""
    if find_node(pipeline, node.id) == node and same_json(
        pipeline.nodes[node.id].parameters, node.parameters
    ):
        return pipeline
    return replace(pipeline, nodes={**pipeline.nodes, node.id: node})


def bind_parameter(pipeline: Pipeline, node: str, name: str, parameter: str) -> Pipeline:
    """Bind a node's parameter to a pipeline parameter."""
    _pipeline_parameter(pipeline, parameter)
    return set_parameter(pipeline, node, name, {"$parameter": parameter})


def add_parameter(pipeline: Pipeline, parameter: PipelineParameter) -> Pipeline:
    """Add a pipeline parameter."""
    _check_parameter_name(pipeline, parameter.name)
    return replace(pipeline, parameters={**pipeline.parameters, parameter.name: parameter})


def set_pipeline_parameter(pipeline: Pipeline, name: str, parameter: PipelineParameter) -> Pipeline:
    """Change a pipeline parameter; under a new name, the bound values follow."""
    old = _pipeline_parameter(pipeline, name)
    if old == parameter and same_json(old.default, parameter.default):
        return pipeline
    if parameter.name != name:
        _check_parameter_name(pipeline, parameter.name)
    parameters = {
        (parameter.name if key == name else key): (parameter if key == name else kept)
        for key, kept in pipeline.parameters.items()
    }
    changed = replace(pipeline, parameters=parameters)
    if parameter.name == name:
        return changed
    return _rebind(changed, name, {"$parameter": parameter.name})


def remove_parameter(pipeline: Pipeline, name: str) -> Pipeline:
    """Remove a pipeline parameter; what was bound to it keeps its default value."""
    parameter = _pipeline_parameter(pipeline, name)
    changed = replace(
        pipeline, parameters={key: kept for key, kept in pipeline.parameters.items() if key != name}
    )
    return _rebind(changed, name, UNSET if parameter.default is None else parameter.default)


def bound_parameter(value: Json) -> str | None:
    """Return the name of the pipeline parameter that a stored value is bound to."""
    return _reference(value, "$parameter")


def named_secret(value: Json) -> str | None:
    """Return the name of the secret that a stored value refers to."""
    return _reference(value, "$secret")


def with_values(parameters: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return a node's parameters with the values of pipeline parameters put in.

    What is bound to one that has no value here stays bound.
    """
    found = {}
    for name, value in parameters.items():
        bound = bound_parameter(value)
        found[name] = values.get(bound, value) if bound is not None else value
    return found


def same_json(first: Json, second: Json) -> bool:
    """Compare plain JSON; unlike ``==``, distinguish 1, 1.0, and true."""
    if type(first) is not type(second):
        return False
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(same_json(first[k], second[k]) for k in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(same_json, first, second))
    return bool(first == second)


def find_node(pipeline: Pipeline, name: str) -> Node:
    """Return a node; raise :class:`EditError` if it isn't there."""
    if name not in pipeline.nodes:
        raise EditError(f"There is no node “{name}”.")
    return pipeline.nodes[name]


def _reference(value: Json, key: str) -> str | None:
    if isinstance(value, Mapping) and len(value) == 1 and isinstance(value.get(key), str):
        return str(value[key])
    return None


def _pipeline_parameter(pipeline: Pipeline, name: str) -> PipelineParameter:
    if name not in pipeline.parameters:
        raise EditError(f"There is no pipeline parameter “{name}”.")
    return pipeline.parameters[name]


def _check_parameter_name(pipeline: Pipeline, name: str) -> None:
    if not NODE_ID.fullmatch(name):
        raise EditError(
            f"“{name}” can't be a name: use at most 100 lowercase letters, digits, "
            "and _, a letter first."
        )
    if name in pipeline.parameters:
        raise EditError(f"The pipeline parameter “{name}” already exists.")


def _rebind(pipeline: Pipeline, name: str, value: Json | Unset) -> Pipeline:
    """Set every value that is bound to a pipeline parameter."""
    for node in pipeline.nodes.values():
        for key, old in node.parameters.items():
            if bound_parameter(old) == name:
                pipeline = set_parameter(pipeline, node.id, key, value)
    return pipeline
