"""Problems of shared modules: of a module's own interface, and where it is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from designer.pipeline.model import Endpoint, Interface, Link, Pipeline
from designer.pipeline.problem import Problem
from designer.pipeline.shared.groups import around, shared_groups
from designer.pipeline.shared.names import title_of


def shared_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Yield modules that can't be read, and values of parameters that they don't have."""
    cards = shared_groups(pipeline)
    for name, group in pipeline.groups.items():
        use = group.shared
        if use is None:
            continue
        if use.problem:
            # What is wrong inside of a card is shown on the card.
            card = around(name, cards) or name
            yield Problem("error", use.problem, use.hint, card, code="shared-module-unreadable")
        elif use.definition is not None and name in cards:
            for parameter in use.parameters:
                yield Problem(
                    "error",
                    f"{title_of(use)} has no parameter “{parameter}” anymore.",
                    "Reset the value, or keep the version of the module that has it.",
                    name,
                    parameter=parameter,
                    code="parameter-unknown",
                )
    yield from _interface_problems(pipeline)


def is_shared(pipeline: Pipeline, name: str) -> bool:
    """Return whether a group is a shared module."""
    group = pipeline.groups.get(name)
    return group is not None and group.shared is not None


def port_problems(pipeline: Pipeline, link: Link) -> Iterator[Problem]:
    """Yield the ports of a link that a shared module doesn't have anymore.

    Of a module that can't be read no port is known, so links have no problems.
    """
    for end, what in ((link.source, "output"), (link.target, "input")):
        group = pipeline.groups.get(end.node)
        use = group.shared if group is not None else None
        if use is not None and use.definition is not None:
            yield Problem(
                "error",
                f"{title_of(use)} has no {what} “{end.port}” anymore.",
                "Delete the link, or keep the version of the module that has it.",
                end.node,
                code="port-unknown",
            )


def outer_inputs(pipeline: Pipeline) -> Collection[Endpoint]:
    """Return the inputs that a shared module gets from outside, so that nothing is missing."""
    interface = pipeline.interface or Interface()
    return {end for port in interface.inputs for end in port.ends}


def _interface_problems(pipeline: Pipeline) -> Iterator[Problem]:
    interface = pipeline.interface or Interface()
    named = [
        *(("input", port.title or port.name, port.ends) for port in interface.inputs),
        *(("output", port.title or port.name, port.ends) for port in interface.outputs),
        *(("parameter", each.title or each.name, (each.end,)) for each in interface.parameters),
    ]
    for what, title, ends in named:
        for end in ends:
            if end.node not in pipeline.nodes:
                yield Problem(
                    "error",
                    f"The {what} “{title}” of this module was that of “{end.node}”, "
                    "which doesn't exist.",
                    "Choose the ports and parameters of the module again.",
                    code="interface-of-missing-node",
                )
