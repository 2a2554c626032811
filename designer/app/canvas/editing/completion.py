"""The link that a module with a model needs besides: rows that weren't used for training."""

from __future__ import annotations

from collections.abc import Mapping

from designer.pipeline.model import Endpoint, Link, Pipeline
from modules.contract import ModuleSpec
from modules.contract.module_spec import Port

Specs = Mapping[str, ModuleSpec]


def spare_output(pipeline: Pipeline, catalog: Specs, target: Endpoint) -> Endpoint | None:
    """Return the output that fits an input and has no link, though one of its kind has.

    Of Split Data, whose first output trains a model, this is the second for Score Model. The
    nearest one is returned, and none if the input is of a kind that already leads to the node:
    what joins two tables doesn't join the halves of one.
    """
    port = _input(pipeline, catalog, target)
    if port is None or _is_fed_alike(pipeline, catalog, target, port):
        return None
    for name in pipeline.preceding(target.node):
        spec = catalog.get(pipeline.nodes[name].module)
        if spec is None or name == target.node:
            continue
        used = {link.source.port for link in pipeline.links_from.get(name, ())}
        for output in spec.outputs:
            alike = {each.name for each in spec.outputs if each.types == output.types}
            fits = port.accepts(output) and not output.optional
            if fits and output.name not in used and alike & used:
                return Endpoint(name, output.name)
    return None


def missing_links(pipeline: Pipeline, catalog: Specs, node: str) -> list[Link]:
    """Return the links that complete the inputs which a node can't do without."""
    spec = catalog.get(pipeline.nodes[node].module)
    linked = pipeline.inputs_of(node)
    found = []
    for port in spec.inputs if spec and linked else ():
        target = Endpoint(node, port.name)
        if port.name in linked or port.optional:
            continue
        source = spare_output(pipeline, catalog, target)
        if source is not None:
            found.append(Link(source, target))
    return found


def _input(pipeline: Pipeline, catalog: Specs, end: Endpoint) -> Port | None:
    spec = catalog.get(pipeline.nodes[end.node].module)
    return spec.input_by_name.get(end.port) if spec else None


def _is_fed_alike(pipeline: Pipeline, catalog: Specs, target: Endpoint, port: Port) -> bool:
    """Return whether another input of the node already has a link with such values."""
    others = (
        _input(pipeline, catalog, Endpoint(target.node, name))
        for name in pipeline.inputs_of(target.node)
        if name != target.port
    )
    return any(other is not None and other.types == port.types for other in others)
