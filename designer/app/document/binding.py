"""Which pipeline parameters can be bound to a parameter of a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.pipeline import edits
from designer.pipeline.model import PipelineParameter
from modules.contract import Parameter
from modules.contract.parameter import possible_values

TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
"""From the kind of a parameter to the type of a pipeline parameter; all else is text."""


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
