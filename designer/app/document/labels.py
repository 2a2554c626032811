"""Labels of nodes and their outputs in sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set

from designer.app.widgets.sentence_case import in_sentence
from designer.composed_texts import in_language
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.shared.groups import around, shared_groups
from designer.pipeline.shared.names import title_of
from designer.texts import language
from modules.contract import ModuleSpec

Specs = Mapping[str, ModuleSpec]


def node_label(pipeline: Pipeline, specs: Specs, node: str) -> str:
    """Return the title of a node's module, with the node's id if the title is ambiguous.

    That is where several nodes are of the same module.
    """
    found = pipeline.nodes.get(node)
    spec = specs.get(found.module) if found else None
    if found is None or spec is None:
        return node
    alike = sum(other.module == found.module for other in pipeline.nodes.values())
    return spec.title if alike == 1 else f"{spec.title} ({node})"


def card_label(pipeline: Pipeline, specs: Specs, node: str) -> str:
    """Return “Prepare › Split Data” for a node in a card of a shared module."""
    label = node_label(pipeline, specs, node)
    card = around(node, shared_groups(pipeline))
    if card is None:
        return label
    group = pipeline.groups[card]
    title = group.title or (title_of(group.shared) if group.shared else card)
    return f"{title} › {label}"


def end_label(pipeline: Pipeline, specs: Specs, end: Endpoint, *, is_output: bool) -> str:
    """Return “Split Data, second”: an end of a link, its port only where there are several."""
    label = node_label(pipeline, specs, end.node)
    node = pipeline.nodes.get(end.node)
    spec = specs.get(node.module) if node else None
    if spec is None:
        return f"{label}, {end.port}"
    ports = spec.output_by_name if is_output else spec.input_by_name
    if len(ports) < 2 and end.port in ports:
        return label
    port = ports.get(end.port)
    return f"{label}, {in_sentence(port.title) if port else end.port}"


def output_label(pipeline: Pipeline, specs: Specs, node: str, port: str) -> str:
    """Return “Split Data (split_data), first”; the port only where there are several."""
    found = pipeline.nodes.get(node)
    spec = specs.get(found.module) if found else None
    if spec is None:
        return f"{node}, {in_language(port.replace('_', ' '))}"
    text = f"{spec.title} ({node})"
    if len(spec.outputs) < 2:
        return text
    output = spec.output_by_name.get(port)
    title = output.title if output else port.replace("_", " ")
    return f"{text}, {in_sentence(title)}"


def input_comments(pipeline: Pipeline, node: str) -> dict[str, str]:
    """Return for inputs of a node a comment on a card that only this input depends on.

    The nearest one, and none that another input has too: it distinguishes the inputs.
    """
    sources = {port: source.node for port, source in pipeline.inputs_of(node).items()}
    reached = {port: pipeline.ancestors([source]) for port, source in sources.items()}
    found: dict[str, list[str]] = {}
    for port, source in sources.items():
        others = [nodes for other, nodes in reached.items() if other != port]
        found[port] = _comments(pipeline, source, reached[port].difference(*others))
    return {
        port: comment
        for port, comments in found.items()
        if (comment := _first_own(comments, [c for p, c in found.items() if p != port]))
    }


def _comments(pipeline: Pipeline, start: str, inside: Set[str]) -> list[str]:
    """Return the comments of some nodes, in the order in which they are met upstream."""
    queue = [start] if start in inside else []
    for name in queue:
        before = (source.node for source in pipeline.inputs_of(name).values())
        queue += [each for each in before if each in inside and each not in queue]
    return [text for name in queue if (text := " ".join(pipeline.nodes[name].comment.split()))]


def _first_own(comments: Sequence[str], others: Sequence[Sequence[str]]) -> str:
    return next((each for each in comments if not any(each in other for other in others)), "")


def in_titles(pipeline: Pipeline, specs: Specs, text: str) -> str:
    """Return a sentence with “id” of a node replaced by the label of the node."""

    def label(found: re.Match[str]) -> str:
        name = found[0][1:-1]
        if name not in pipeline.nodes:
            return found[0]
        return f"{found[0][0]}{node_label(pipeline, specs, name)}{found[0][-1]}"

    return re.sub("“[^”]+”|„[^“]+“", label, text)


def without_start(text: str, title: str) -> str:
    """Return a sentence without the title that it starts with, where that is shown anyway.

    “Train Model: no label …” and “Train Model stopped …” are such sentences.
    """
    if not title or not text.startswith(title):
        return text
    rest = text[len(title) :]
    if rest.startswith(": "):
        rest = rest[2:]
    elif not re.match(" [a-z]", rest):
        return text
    rest = rest.strip()
    # A name in code, such as azureml_main, stays as it is written there.
    return rest if re.match(r"\w*_", rest) else rest[:1].upper() + rest[1:]


def node_sentence(pipeline: Pipeline, specs: Specs, node: str, text: str) -> str:
    """Return “Train Model: no label column is chosen.”"""
    found = pipeline.nodes.get(node)
    spec = specs.get(found.module) if found else None
    text = without_start(in_titles(pipeline, specs, text), spec.title if spec else "")
    first, rest = text[:1], text[1:]
    # A word in capitals keeps them, SQL for example, and so does the name of a module. One of a
    # single word may be a plain noun too: “Dataset has no rows.”
    if language() == "de":
        return f"{node_label(pipeline, specs, node)}: {text}"
    named = any(" " in each.title and text.startswith(each.title) for each in specs.values())
    keeps = named or rest[:1].isupper() or not first.isalpha()
    return f"{node_label(pipeline, specs, node)}: {text if keeps else first.lower() + rest}"
