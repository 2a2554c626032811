"""Which ports a link may connect, and the reason if not."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from designer.pipeline.model import Endpoint, Link, Pipeline
from modules.contract.module_spec import ModuleSpec, Port


@dataclass(frozen=True)
class LinkRules:
    """Answers for a link that starts at one port.

    Parameters
    ----------
    start : Endpoint
        Where the link is drawn from.
    from_output : bool
        Whether that is an output.
    moving : Link or None
        The link whose end is being moved.
    """

    pipeline: Pipeline
    catalog: Mapping[str, ModuleSpec]
    start: Endpoint
    from_output: bool
    reach: frozenset[str]
    moving: Link | None = None

    @classmethod
    def starting(
        cls,
        pipeline: Pipeline,
        catalog: Mapping[str, ModuleSpec],
        start: Endpoint,
        from_output: bool,
        moving: Link | None = None,
    ) -> LinkRules:
        """Prepare the answers; nodes that would close a cycle are found once."""
        # A link into what the source needs, or from what needs the target, is a cycle.
        reach = (
            pipeline.ancestors([start.node]) if from_output else pipeline.descendants([start.node])
        )
        return cls(pipeline, catalog, start, from_output, frozenset(reach), moving)

    def ends(self, other: Endpoint) -> tuple[Endpoint, Endpoint]:
        """Return source and target of a link to another port."""
        return (self.start, other) if self.from_output else (other, self.start)

    def refusal(self, other: Endpoint, is_output: bool) -> str:
        """Return why the link can't end at a port; empty if it can."""
        if other == self.start and is_output == self.from_output:
            return "A link needs two ports."
        if other.node == self.start.node:
            return "A module can't be linked to itself."
        if is_output == self.from_output:
            if is_output:
                return "Both are outputs. A link goes from an output to an input."
            return "Both are inputs. A link goes from an output to an input."
        source, target = self.ends(other)
        mismatch = self._mismatch(source, target)
        if mismatch:
            return mismatch
        if other.node in self.reach:
            first, second = self._title(source.node), self._title(target.node)
            return f"That would be a cycle: “{first}” already needs “{second}”."
        return ""

    def accepts_some(self, spec: ModuleSpec) -> str | None:
        """Return the first port of a module that this link can end at, or None."""
        port = _port(self.pipeline, self.catalog, self.start, self.from_output)
        for candidate in spec.inputs if self.from_output else spec.outputs:
            source, target = (port, candidate) if self.from_output else (candidate, port)
            if source is None or target is None or target.accepts(source):
                return candidate.name
        return None

    def _mismatch(self, source: Endpoint, target: Endpoint) -> str:
        source_port = _port(self.pipeline, self.catalog, source, True)
        target_port = _port(self.pipeline, self.catalog, target, False)
        if source_port is None or target_port is None or target_port.accepts(source_port):
            return ""
        if source_port.title == target_port.title:
            source_title, target_title = self._title(source.node), self._title(target.node)
            output = f"“{source_title}” outputs {source_port.phrase}"
            return f"{output}; “{target_title}” needs {target_port.phrase}."
        output = f"“{source_port.title}” is {source_port.phrase}"
        return f"{output}; “{target_port.title}” needs {target_port.phrase}."

    def _title(self, node: str) -> str:
        module = self.pipeline.nodes[node].module
        spec = self.catalog.get(module)
        return spec.title if spec else module


def way_through(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], link: Link, spec: ModuleSpec
) -> tuple[str, str] | None:
    """Return the input and output to insert a module into a link, or None."""
    source_port = _port(pipeline, catalog, link.source, True)
    target_port = _port(pipeline, catalog, link.target, False)
    for given in spec.inputs:
        if source_port is not None and not given.accepts(source_port):
            continue
        for output in spec.outputs:
            if target_port is None or target_port.accepts(output):
                return given.name, output.name
    return None


def compatible(rules: LinkRules | None, specs: Iterator[ModuleSpec]) -> list[ModuleSpec]:
    """Return the modules that a link can end at; all without a link."""
    return [spec for spec in specs if rules is None or rules.accepts_some(spec) is not None]


def fitting_outputs(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], target: Endpoint
) -> list[Endpoint]:
    """Return the outputs that an input can be linked to.

    Those without a link come first, and of these, as of the others, the nearest.
    """
    return _fitting(pipeline, catalog, target, from_output=False)


def fitting_inputs(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], source: Endpoint
) -> list[Endpoint]:
    """Return the inputs that an output can be linked to, in the order of `fitting_outputs`."""
    return _fitting(pipeline, catalog, source, from_output=True)


def _fitting(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], start: Endpoint, *, from_output: bool
) -> list[Endpoint]:
    rules = LinkRules.starting(pipeline, catalog, start, from_output)
    here = pipeline.nodes[start.node].position
    used = {link.target if from_output else link.source for link in pipeline.links}
    found: list[tuple[bool, float, Endpoint]] = []
    for node in pipeline.nodes.values():
        spec = catalog.get(node.module)
        distance = math.dist(here, node.position)
        ports = (spec.inputs if from_output else spec.outputs) if spec else ()
        for port in ports:
            end = Endpoint(node.id, port.name)
            if not rules.refusal(end, not from_output):
                found.append((end in used, distance, end))
    # Equally near ones keep the order of the pipeline.
    return [end for *_, end in sorted(found, key=lambda each: each[:2])]


def _port(
    pipeline: Pipeline, catalog: Mapping[str, ModuleSpec], end: Endpoint, is_output: bool
) -> Port | None:
    """Return the specification of a port; None if it is unknown."""
    node = pipeline.nodes.get(end.node)
    spec = catalog.get(node.module) if node else None
    if spec is None:
        return None
    return (spec.output_by_name if is_output else spec.input_by_name).get(end.port)
