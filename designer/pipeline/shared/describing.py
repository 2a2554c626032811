"""What the palette and the command line show of a shared module: a specification like any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

from designer.pipeline.model import Endpoint, Interface, ModulePort, Pipeline
from designer.pipeline.shared.library import SCOPES, SUFFIX, SharedModule
from modules.contract.module_spec import Category, ModuleSpec, Port
from modules.contract.parameter import Parameter

_FIRST = 2_001
"""Order in the palette of the first scope: after the user's own modules in Python."""

Specs = Mapping[str, ModuleSpec]


def described(modules: Iterable[SharedModule], specs: Specs) -> list[ModuleSpec]:
    """Return shared modules as specifications; their ids end like their files."""
    return [_described(each, specs) for each in modules]


def parameter_of(definition: Pipeline, end: Endpoint, specs: Specs) -> Parameter | None:
    """Return the parameter of a node inside; None if its module isn't installed."""
    node = definition.nodes.get(end.node)
    spec = specs.get(node.module) if node else None
    return spec.parameter_by_name.get(end.port) if spec else None


def _described(module: SharedModule, specs: Specs) -> ModuleSpec:
    definition = module.definition
    interface = definition.interface or Interface()
    text = module.help or "A shared module."
    scope = list(SCOPES).index(module.scope)
    return ModuleSpec(
        id=f"{module.name}{SUFFIX}",
        title=module.title,
        category=Category(f"Shared: {SCOPES[module.scope].lower()}", _FIRST + scope),
        version=1,
        function=_not_called,
        inputs=tuple(_port(definition, each, specs, False) for each in interface.inputs),
        outputs=tuple(_port(definition, each, specs, True) for each in interface.outputs),
        parameters=tuple(_parameters(definition, interface, specs)),
        summary=text.strip().splitlines()[0],
        help=text,
        keywords=(module.name,),
        requires=tuple(
            dict.fromkeys(
                name
                for node in definition.nodes.values()
                if node.module in specs
                for name in specs[node.module].requirements(node.parameters)
            )
        ),
    )


def _port(definition: Pipeline, port: ModulePort, specs: Specs, is_output: bool) -> Port:
    end = port.ends[0]
    node = definition.nodes.get(end.node)
    spec = specs.get(node.module) if node else None
    ports = (spec.output_by_name if is_output else spec.input_by_name) if spec else {}
    found = ports.get(end.port)
    return replace(found, name=port.name) if found else Port(port.name, ())


def _parameters(definition: Pipeline, interface: Interface, specs: Specs) -> Iterable[Parameter]:
    """Yield the parameters, with the values of the module as defaults."""
    for each in interface.parameters:
        found = parameter_of(definition, each.end, specs)
        if found is None:
            continue
        changes: dict[str, Any] = {"name": each.name, "title": each.title, "when": {}}
        values = definition.nodes[each.end.node].parameters
        if each.end.port in values:
            changes |= {"default": values[each.end.port], "required": False}
        yield replace(found, **changes)


def _not_called(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("The nodes of a shared module run, not the module.")
