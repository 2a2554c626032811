"""From a draft to a pipeline: where rows enter and leave, and the position of each node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from designer.inference.draft import ORIGIN, Draft, Entry
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter
from designer.pipeline.own_modules import WEB_SERVICE_INPUT, WEB_SERVICE_OUTPUT
from modules.contract.data_table import DataTable
from modules.contract.specification import ModuleSpec, PathOf


def real_time(
    training: Pipeline, draft: Draft, columns: Mapping[str, list[dict[str, Any]]]
) -> Pipeline:
    """Return the pipeline with a Web Service Input at each entry."""
    nodes, links = dict(draft.nodes), list(draft.links)
    for entry in draft.entries.values():
        name = web_node(training, draft, entry)
        parameters: dict[str, Any] = {}
        if entry.name != "input1":
            parameters["name"] = entry.name
        if columns.get(entry.name):
            parameters["columns"] = columns[entry.name]
        across, down = draft.nodes[entry.node].position
        nodes[name] = Node(
            name,
            WEB_SERVICE_INPUT,
            1,
            parameters,
            position=(across + 1, down),
            extra={ORIGIN: str(entry.origin)},
        )
        links += [
            Link(Endpoint(name, "dataset"), link.target)
            for link in draft.links
            if link.source.node == entry.node
        ]
    return Pipeline(nodes=nodes, links=tuple(links), parameters=training.parameters)


def batch(
    training: Pipeline,
    specs: Mapping[str, ModuleSpec],
    draft: Draft,
    rebased: Callable[[Node], Node],
) -> Pipeline:
    """Return the pipeline with the datasets themselves, named by pipeline parameters.

    Parameters
    ----------
    rebased : callable
        Returns a node with paths that start from the new pipeline's folder.
    """
    nodes = {name: node for name, node in draft.nodes.items() if node.module != WEB_SERVICE_OUTPUT}
    links = [link for link in draft.links if link.target.node in nodes]
    parameters = dict(training.parameters)
    for entry in draft.entries.values():
        old = training.nodes[entry.origin.node]
        spec = specs[old.module]
        path = next((p for p in spec.parameters if isinstance(p.marker, PathOf)), None)
        home = entry.converter or entry.node
        if home != old.id or path is None:
            draft.messages.append(
                f"The rows come from the Saved Dataset “{entry.node}”. Replace it with the dataset "
                "to score."
            )
            continue
        node = rebased(old)
        name = free_id(f"{old.name}_file", set(parameters))
        value = node.parameters.get(path.name, path.default)
        parameters[name] = PipelineParameter(
            name, "text", value if isinstance(value, str) else None, "The dataset to score."
        )
        bound = {**node.parameters, path.name: {"$parameter": name}}
        if entry.converter:
            del nodes[entry.node]
        nodes[home] = replace(node, parameters=bound)
        links = [
            Link(entry.origin, link.target) if link.source.node == home else link
            for link in links
            if link.target.node != home
        ]
        draft.messages.append(
            f"The dataset “{old.id}” is now named by the pipeline parameter “{name}”: set it to "
            "the file to score in each run."
        )
    return Pipeline(nodes=nodes, links=tuple(links), parameters=parameters)


def report_ends(draft: Draft, samples: Mapping[str, DataTable]) -> None:
    """Report inputs and outputs."""
    for entry in draft.entries.values():
        draft.messages.append(
            f"Web Service Input “{entry.name}” replaces “{entry.origin.node}” with the rows of a "
            f"request; {len(samples[entry.name])} of its rows are kept as an example. "
            "A deployment contains made-up rows instead."
        )
    for output, name in draft.output_names.items():
        draft.messages.append(
            f"Web Service Output “{name}” returns the output of “{draft.outputs[output].node}”."
        )


def web_node(training: Pipeline, draft: Draft, entry: Entry) -> str:
    """Return the id of an entry's Web Service Input: the user's own, or a new one."""
    for node in training.nodes.values():
        is_input = node.module == WEB_SERVICE_INPUT and not node.disabled
        if is_input and str(node.parameters.get("name", "input1")) == entry.name:
            return node.id
    index = list(draft.entries).index(entry.node)
    return WEB_SERVICE_INPUT if not index else f"{WEB_SERVICE_INPUT}_{index + 1}"


def tidy_positions(pipeline: Pipeline, draft: Draft) -> dict[str, tuple[float, float]]:
    """Return a position for every node.

    A node is a row below all its sources; a node without inputs is just above what
    needs it. Nodes keep their horizontal position as far as there is room. Stored values are
    on the left of what they feed, Web Service Inputs on the right.
    """
    nodes, links = pipeline.nodes, pipeline.links
    beside = dict.fromkeys(draft.values, -_BESIDE)
    beside |= {name: _BESIDE for name, node in nodes.items() if node.module == WEB_SERVICE_INPUT}
    above: dict[str, list[str]] = {name: [] for name in nodes}
    below: dict[str, list[str]] = {name: [] for name in nodes}
    for link in links:
        above[link.target.node].append(link.source.node)
        below[link.source.node].append(link.target.node)
    level: dict[str, int] = {}
    waiting = list(nodes)
    while waiting:
        ready = [name for name in waiting if all(source in level for source in above[name])]
        for name in ready:
            level[name] = max((level[source] + 1 for source in above[name]), default=0)
        if not ready:
            break
        waiting = [name for name in waiting if name not in level]
    for name in nodes:
        if not above[name] and below[name]:
            level[name] = min(level[target] for target in below[name]) - 1
    rows: dict[int, list[str]] = {}
    for name in nodes:
        rows.setdefault(level.get(name, 0), []).append(name)
    found: dict[str, tuple[float, float]] = {}
    for row, names in sorted(rows.items()):
        names.sort(key=lambda name: (name in beside, nodes[name].position[0], name))
        taken: list[float] = []
        for name in names:
            wish = nodes[name].position[0]
            if name in beside and below[name]:
                wish = nodes[below[name][0]].position[0] + beside[name]
            taken.append(_nearest(wish, taken))
            found[name] = (taken[-1], row * _DOWN)
    left = min((x for x, _ in found.values()), default=0.0)
    top = min((y for _, y in found.values()), default=0.0)
    return {name: (x - left, y - top) for name, (x, y) in found.items()}


def _nearest(wish: float, taken: Sequence[float]) -> float:
    """Return the coordinate on the grid nearest to a wanted one with room for a card."""
    wish = round(wish / _GRID) * _GRID
    for step in range(1000):
        for x in (wish + step * _GRID, wish - step * _GRID):
            if all(abs(x - other) >= _ACROSS for other in taken):
                return x
    return max(taken) + _ACROSS


_ACROSS, _DOWN, _BESIDE = 300.0, 140.0, 160.0
_GRID = 20.0
