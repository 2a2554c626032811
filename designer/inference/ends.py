"""Where rows come in and go out: by requests and answers, or from a dataset of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from designer.inference.draft import ORIGIN, Draft, Entry
from designer.inference.scoring_folder import WEB_SERVICE_OUTPUT
from designer.pipeline.identifiers import free_id
from designer.pipeline.model import (
    WEB_SERVICE_INPUT,
    Endpoint,
    Link,
    Node,
    Pipeline,
    PipelineParameter,
)
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
        if entry.node != old.id or path is None:
            draft.said.append(
                f"The rows come from the Saved Dataset “{entry.node}”; put the dataset to "
                "score in its place."
            )
            continue
        node = rebased(old)
        name = free_id(f"{old.name}_file", set(parameters))
        value = node.parameters.get(path.name, path.default)
        parameters[name] = PipelineParameter(
            name, "text", value if isinstance(value, str) else None, "The dataset to score."
        )
        bound = {**node.parameters, path.name: {"$parameter": name}}
        nodes[entry.node] = replace(node, parameters=bound)
        links = [
            Link(entry.origin, link.target) if link.source.node == entry.node else link
            for link in links
        ]
        draft.said.append(
            f"The dataset “{old.id}” is now named by the pipeline parameter “{name}”: give "
            "each run the file to score."
        )
    return Pipeline(nodes=nodes, links=tuple(links), parameters=parameters)


def say_ends(draft: Draft, samples: Mapping[str, DataTable]) -> None:
    """Say what goes in and out."""
    for entry in draft.entries.values():
        draft.said.append(
            f"Web Service Input “{entry.name}” brings the rows of a request in the place of "
            f"“{entry.origin.node}”; {len(samples[entry.name])} of its rows stay as an example."
        )
    for output, name in draft.output_names.items():
        draft.said.append(
            f"Web Service Output “{name}” sends back what “{draft.outputs[output].node}” gives."
        )


def web_node(training: Pipeline, draft: Draft, entry: Entry) -> str:
    """Return the id of an entry's Web Service Input: the person's own, or a new one."""
    for node in training.nodes.values():
        is_input = node.module == WEB_SERVICE_INPUT and not node.disabled
        if is_input and str(node.parameters.get("name", "input1")) == entry.name:
            return node.id
    place = [each.node for each in draft.entries.values()].index(entry.node)
    return "web_service_input" if not place else f"web_service_input_{place + 1}"
