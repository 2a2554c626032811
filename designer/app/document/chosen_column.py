"""The one column that a parameter of a node names, for example its label."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from designer.pipeline.model import Node, Pipeline
from designer.pipeline.parameters import bound_parameter
from modules.contract import Columns, ColumnSelector, ModuleSpec, Parameter
from modules.contract.columns import Column

ColumnsAt = Callable[[str], Sequence[Column] | None]
"""From the name of an input port to its columns; None while they are unknown."""


def chosen_column(
    pipeline: Pipeline, node: Node, parameter: Parameter | None, columns: ColumnsAt
) -> Column | None:
    """Return the column that a parameter names, or that is used if it names none.

    Parameters
    ----------
    parameter : Parameter or None
        Of the node's module.

    Returns
    -------
    Column or None
        None if it isn't exactly one, or unknown.
    """
    marker = parameter.marker if parameter else None
    if parameter is None or not isinstance(marker, Columns) or not marker.single:
        return None
    known = columns(marker.of) or ()
    value = node.parameters.get(parameter.name, parameter.default)
    bound = pipeline.parameters.get(bound_parameter(value) or "")
    try:
        selector = ColumnSelector.from_json(bound.default if bound is not None else value)
    except ValueError:
        return None
    names = selector.named()
    if not selector.is_empty:
        found = [column for column in known if column.name in names]
    else:
        found = [column for column in known if marker.role and column.role == marker.role]
    return found[0] if len(found) == 1 else None


def input_of(parameter: Parameter) -> str:
    """Return the input whose columns a parameter names; empty if it names none."""
    marker = parameter.marker
    return marker.of if isinstance(marker, Columns) else ""


def label_parameter(spec: ModuleSpec | None) -> Parameter | None:
    """Return the parameter that names the label which a module trains for, if it has one."""
    for parameter in spec.parameters if spec else ():
        marker = parameter.marker
        if isinstance(marker, Columns) and marker.single and marker.role == "label":
            return parameter
    return None
