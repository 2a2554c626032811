"""Which cards of shared modules can be one component on Azure ML, with SDK v2."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from designer.azure.compile.cards import Card, CardParameter, CardPort
from designer.azure.compile.steps import Step
from designer.pipeline.migration import migrate_parameters
from designer.pipeline.model import Endpoint, ModulePort, Pipeline, SharedUse
from designer.pipeline.shared.groups import around, interface_of, is_copy, shared_groups
from designer.pipeline.shared.names import help_of, title_of
from modules.contract import ModuleSpec


def cards_of(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], steps: Iterable[Step]
) -> tuple[Card, ...]:
    """Return the cards of a pipeline, each after the one that it is in.

    A card is left out, so that its steps are those of the pipeline, if its module can't be one
    component: Azure's automated ML jobs can't be in one, and what it gets from outside must be a
    port or parameter.
    """
    uses = shared_groups(pipeline)
    copies = {
        name: use
        for name, use in uses.items()
        if use.definition is not None and is_copy(pipeline, name, use)
    }
    by_node = {node: step for step in steps for node in step.nodes}
    cards = []
    for name in sorted(pipeline.groups, key=lambda each: each.count("/")):
        group = pipeline.groups[name]
        use = group.shared
        if use is None or use.definition is None:
            continue
        if name in copies or around(name, copies):
            card = _card(name, use, group.comment, catalog, by_node)
            if _is_whole(card, by_node):
                cards.append(card)
    return tuple(cards)


def _card(
    group: str,
    use: SharedUse,
    comment: str,
    catalog: Mapping[str, ModuleSpec],
    running: Collection[str],
) -> Card:
    assert use.definition is not None
    definition = migrate_parameters(use.definition, catalog)
    interface = interface_of(use)

    def ports(found: Iterable[ModulePort]) -> tuple[CardPort, ...]:
        made = []
        for port in found:
            ends = (Endpoint(f"{group}/{end.node}", end.port) for end in port.ends)
            if kept := tuple(end for end in ends if end.node in running):
                made.append(CardPort(port.name, port.title or port.name, kept))
        return tuple(made)

    parameters = []
    for each in interface.parameters:
        node, key = each.end
        if f"{group}/{node}" not in running or node not in definition.nodes:
            continue
        values: Mapping[str, Any] = definition.nodes[node].parameters
        usual = (values[key],) if key in values else ()
        end = Endpoint(f"{group}/{node}", key)
        parameters.append(CardParameter(each.name, each.title or each.name, end, usual))
    # Azure ML has one set of names for the components of both.
    name = f"{use.name}_module" if use.name in catalog else use.name
    return Card(
        group,
        name,
        title_of(use),
        help_of(use.definition),
        comment,
        ports(interface.inputs),
        ports(interface.outputs),
        tuple(parameters),
    )


def _is_whole(card: Card, by_node: Mapping[str, Step]) -> bool:
    """Return whether all that crosses the edge of a card is a port or parameter of it."""
    inside = {node: step for node, step in by_node.items() if card.contains(node)}
    if not inside or any(step.automl is not None for step in inside.values()):
        return False
    own = {step.id for step in inside.values()}
    into = {end for port in card.inputs for end in port.ends}
    out = {end for port in card.outputs for end in port.ends[:1]}
    named = {parameter.end for parameter in card.parameters}
    for node, step in by_node.items():
        call = step.calls[0]
        sources = {item.name: item for item in step.inputs if item.step}
        for port, name in call.inputs.items():
            source = sources[name]
            if node in inside and source.step not in own and Endpoint(node, port) not in into:
                return False
            if node not in inside and source.step in own:
                found = next(each for each, other in inside.items() if other.id == source.step)
                if Endpoint(found, source.output) not in out:
                    return False
        if node in inside and any(Endpoint(node, key) not in named for key in call.values):
            return False
    return True
