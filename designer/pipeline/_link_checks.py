"""Problems of links, and consequences of disabled nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.pipeline.problem import NameHints, Problem
from designer.pipeline.shared.problems import is_shared, outer_inputs, port_problems
from modules.contract.module_spec import ModuleSpec
from modules.contract.parameter import is_search

Specs = Mapping[str, ModuleSpec]


def link_problems(pipeline: Pipeline, specs: Specs, hints: NameHints) -> Iterator[Problem]:
    """Yield links that lead nowhere, join types that don't fit, or share an input."""
    for link in pipeline.links:
        ends = (link.source.node, link.target.node)
        missing = [node for node in ends if node not in pipeline.nodes]
        if any(is_shared(pipeline, node) for node in missing):
            yield from port_problems(pipeline, link)
            continue
        for node in dict.fromkeys(missing):
            other = [end for end in ends if end in pipeline.nodes]
            yield Problem(
                "error",
                f"The link {link} refers to a node “{node}” that doesn't exist.",
                hints.near(node, pipeline.nodes, "nodes") if pipeline.nodes else "Remove the link.",
                node=other[0] if other else None,
                port=_port_at(link, other[0]) if other else None,
                code="link-to-missing-node",
            )
        yield from _port_problems(pipeline, specs, link, hints)
    yield from _shared_inputs(pipeline)


def input_problems(pipeline: Pipeline, node: Node, spec: ModuleSpec) -> Iterator[Problem]:
    """Yield the inputs that need a link and have none."""
    links = pipeline.links_into.get(node.id, ())
    linked = {link.target.port for link in links} if links else set()
    if pipeline.interface is not None:
        linked |= {end.port for end in outer_inputs(pipeline) if end.node == node.id}
    for port in spec.inputs:
        if not port.optional and port.name not in linked:
            yield Problem(
                "error",
                f"{spec.title}: the input “{port.title}” isn't connected.",
                f"Connect {port.phrase}.",
                node.id,
                port=port.name,
                code="input-not-connected",
            )


def search_problems(pipeline: Pipeline, specs: Specs) -> Iterator[Problem]:
    """Yield the learners with values to try that go to a module which trains one model."""
    for node in pipeline.nodes.values():
        spec = specs.get(node.module)
        if spec is None or not spec.tunable or node.disabled:
            continue
        tried = [name for name, value in node.parameters.items() if is_search(value)]
        known = [spec.parameter_by_name[name] for name in tried if name in spec.parameter_by_name]
        trainer = _trains_one(pipeline, specs, node.id) if known else None
        if trainer is not None:
            yield Problem(
                "error",
                f"{known[0].title} has several values to try, but {trainer.title} needs one.",
                "Use Tune Model Hyperparameters, or enter one value.",
                node.id,
                parameter=known[0].name,
                code="several-values",
            )


def _trains_one(pipeline: Pipeline, specs: Specs, learner: str) -> ModuleSpec | None:
    """Return a module that a learner leads to and that doesn't accept values to try."""
    waiting = [learner]
    for name in waiting:
        for link in pipeline.links_from.get(name, ()):
            target = pipeline.nodes.get(link.target.node)
            spec = specs.get(target.module) if target is not None else None
            if target is None or spec is None or target.disabled:
                continue
            port = spec.input_by_name.get(link.target.port)
            if port is not None and not port.tries_values:
                return spec
            # One-vs-All outputs a learner again.
            if spec.outputs and port is not None and spec.outputs[0].types == port.types:
                waiting += [target.id] if target.id not in waiting else []
    return None


def cycle_problems(pipeline: Pipeline) -> Iterator[Problem]:
    """Yield one problem, with one cycle, for every set of nodes that need each other."""
    for members in _cycles(pipeline):
        shown = " → ".join([*members[:8], *(["…"] if len(members) > 8 else []), members[0]])
        yield Problem(
            "error",
            f"These nodes form a cycle: {shown}.",
            "Remove one of the links between them.",
            node=members[0],
            code="cycle",
        )


def left_out(pipeline: Pipeline, specs: Specs) -> Iterator[Problem]:
    """Yield the nodes that can't run because something that they need is disabled."""
    cause = {name: name for name, node in pipeline.nodes.items() if node.disabled}
    sources = _enabled_sources(pipeline)
    waiting = list(cause)
    for name in waiting:
        for link in pipeline.links_from.get(name, ()):
            target = pipeline.nodes.get(link.target.node)
            if target is None or target.id in cause:
                continue
            spec = specs.get(target.module)
            port = spec.input_by_name.get(link.target.port) if spec else None
            if port and port.optional:
                continue
            if pipeline.is_web_service(link) and _others(pipeline, link, sources):
                # An ordinary link feeds the input beside this Web Service Input.
                continue
            cause[target.id] = cause[name]
            waiting.append(target.id)
            yield Problem(
                "warning",
                f"“{target.id}” won't run: it needs “{cause[name]}”, which is disabled.",
                f"Enable “{cause[name]}”, or connect something else.",
                target.id,
                port=link.target.port,
                code="needs-disabled-node",
            )


def _port_problems(
    pipeline: Pipeline, specs: Specs, link: Link, hints: NameHints
) -> Iterator[Problem]:
    source, target = pipeline.nodes.get(link.source.node), pipeline.nodes.get(link.target.node)
    giver = specs.get(source.module) if source else None
    taker = specs.get(target.module) if target else None
    output = giver.output_by_name.get(link.source.port) if giver else None
    if giver and output is None:
        yield Problem(
            "error",
            f"{giver.title} has no output “{link.source.port}”.",
            hints.near(link.source.port, giver.output_by_name, "outputs"),
            link.source.node,
            port=link.source.port,
            code="port-unknown",
        )
    input_ = taker.input_by_name.get(link.target.port) if taker else None
    if taker and input_ is None:
        yield Problem(
            "error",
            f"{taker.title} has no input “{link.target.port}”.",
            hints.near(link.target.port, taker.input_by_name, "inputs"),
            link.target.node,
            port=link.target.port,
            code="port-unknown",
        )
    if giver and taker and output and input_ and not input_.accepts(output):
        yield Problem(
            "error",
            f"{taker.title}: the input “{input_.title}” needs {input_.phrase}, but "
            f"the output “{output.title}” of “{link.source.node}” is "
            f"{output.phrase}.",
            f"Connect {input_.phrase}.",
            link.target.node,
            port=input_.name,
            code="link-types-differ",
        )


def _shared_inputs(pipeline: Pipeline) -> Iterator[Problem]:
    counts = Counter((link.target, pipeline.is_web_service(link)) for link in pipeline.links)
    for (target, web_service), count in counts.items():
        if count > 1 and target.node in pipeline.nodes:
            kind = "links from a Web Service Input" if web_service else "links"
            yield Problem(
                "error",
                f"The input “{target.port}” of “{target.node}” has {count} {kind}.",
                "Remove all but one.",
                target.node,
                port=target.port,
                code="input-linked-twice",
            )


def _enabled_sources(pipeline: Pipeline) -> Counter[Endpoint]:
    """Count the links into each input that come from a node which isn't disabled."""
    nodes = pipeline.nodes
    return Counter(
        link.target
        for link in pipeline.links
        if link.source.node in nodes and not nodes[link.source.node].disabled
    )


def _others(pipeline: Pipeline, link: Link, sources: Counter[Endpoint]) -> int:
    """Count the other links into the same input from a node which isn't disabled."""
    return sources[link.target] - (not pipeline.nodes[link.source.node].disabled)


def _port_at(link: Link, node: str) -> str:
    return link.source.port if link.source.node == node else link.target.port


def _cycles(pipeline: Pipeline) -> Iterator[list[str]]:
    """Yield a cycle of each strongly connected set (Tarjan 1972, without recursion)."""
    # Nodes that nothing follows, or that follow nothing, are in no cycle.
    following: dict[str, list[str]] = {
        name: []
        for name in pipeline.links_from
        if name in pipeline.links_into and name in pipeline.nodes
    }
    for link in pipeline.links:
        if link.source.node in following and link.target.node in following:
            following[link.source.node].append(link.target.node)
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    for root in following:
        if root in index:
            continue
        index[root] = lowest[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        walk = [(root, iter(following[root]))]
        while walk:
            node, rest = walk[-1]
            for other in rest:
                if other not in index:
                    index[other] = lowest[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    walk.append((other, iter(following[other])))
                    break
                if other in on_stack:
                    lowest[node] = min(lowest[node], index[other])
            else:
                walk.pop()
                if walk:
                    lowest[walk[-1][0]] = min(lowest[walk[-1][0]], lowest[node])
                if lowest[node] == index[node]:
                    members = []
                    while True:
                        members.append(stack.pop())
                        on_stack.discard(members[-1])
                        if members[-1] == node:
                            break
                    if len(members) > 1 or node in following[node]:
                        yield _one_cycle(node, set(members), following)


def _one_cycle(start: str, members: set[str], following: Mapping[str, list[str]]) -> list[str]:
    """Walk along the links inside a strongly connected set until a node repeats."""
    index: dict[str, int] = {}
    node = start
    while node not in index:
        index[node] = len(index)
        node = next(other for other in following[node] if other in members)
    return list(index)[index[node] :]
