"""Parameters of modules that are bound to pipeline parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from designer.pipeline.parameters import bound_parameter
from designer.texts import tr
from modules.contract import Parameter
from modules.contract.parameter import possible_values

TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
"""From the kind of a parameter to the type of a pipeline parameter; all else is text."""


Edit = tuple[str, Callable[[Pipeline], Pipeline]]
"""The undo title of an edit, and the edit."""


def binding(
    ends: Sequence[Endpoint],
    name: str | None,
    parameter: Parameter,
    value: Any,
    known: Mapping[str, PipelineParameter],
) -> Edit:
    """Return how nodes are bound to a pipeline parameter: without a name to a new one."""
    new = None if name else new_parameter(parameter, value, known)

    def change(pipeline: Pipeline) -> Pipeline:
        if new is not None:
            pipeline = edits.add_parameter(pipeline, new)
        for end in ends:
            pipeline = edits.bind_parameter(pipeline, *end, new.name if new else str(name))
        return pipeline

    return tr("New pipeline parameter") if new else tr("Bind to pipeline parameter"), change


def unbinding(ends: Sequence[Endpoint], pipeline: Pipeline, usual: Any) -> Edit:
    """Return how nodes get the value of the pipeline parameter that they are bound to."""
    node, parameter = ends[0]
    bound = bound_parameter(pipeline.nodes[node].parameters.get(parameter))
    known = pipeline.parameters.get(bound or "")
    value = known.default if known is not None else usual

    def change(pipeline: Pipeline) -> Pipeline:
        for end in ends:
            pipeline = edits.set_parameter(pipeline, *end, value)
        return pipeline

    return tr("Unbind from pipeline parameter"), change


def bindable(parameter: Parameter, known: Mapping[str, PipelineParameter]) -> tuple[str, ...]:
    """Return the names of the pipeline parameters that fit a parameter."""
    wanted = TYPES.get(parameter.kind, "text")
    fitting = {wanted, "integer"} if wanted == "number" else {wanted}
    return tuple(name for name, entry in known.items() if entry.type in fitting)


def new_parameter(
    parameter: Parameter, value: Any, known: Mapping[str, PipelineParameter]
) -> PipelineParameter:
    """Return a pipeline parameter with a free name and the value of a parameter."""
    name = edits.readable_id(parameter.name)
    while name in known:
        name += "_2"
    value = next(iter(possible_values(value)), None)
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    return PipelineParameter(name, TYPES.get(parameter.kind, "text"), value, parameter.title)
