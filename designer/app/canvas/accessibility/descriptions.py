"""Cards, ports, links, notes, and groups of the canvas in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from designer.app.canvas.items.face import PortView
from designer.app.canvas.items.node_item import STATUS_LABELS, NodeItem
from designer.app.canvas.state import duration
from designer.app.canvas.surface import Surface
from designer.app.document.labels import end_label, node_label, without_start
from designer.app.widgets import counts
from designer.composed_texts import in_language
from designer.pipeline.model import Endpoint, Link
from designer.pipeline.problem import Problem
from designer.texts import tr
from modules.contract import ModuleSpec
from modules.contract.port_type import type_phrase

MOST_PROBLEMS = 3
"""Problems that are read out; the others are counted."""


def name_of(canvas: Surface, item: str) -> str:
    """Return what a node, note, or group is called."""
    graph = canvas.graph
    if item in graph.nodes:
        return node_label(graph.pipeline, canvas.catalog, item)
    if item in graph.frames.items:
        return graph.frames.items[item].spoken()
    note = graph.pipeline.notes.get(item)
    return (
        tr("Note: {text}").format(text=note.text)
        if note is not None and note.text.strip()
        else tr("Empty note")
    )


def description_of(canvas: Surface, item: str) -> str:
    """Return comment, status, problems, and links of a node; nothing for notes and groups."""
    node = canvas.graph.nodes.get(item)
    if node is None:
        return ""
    parts = [
        " ".join(node.node.comment.split()),
        _status(node),
        tr("excluded from runs") if node.node.disabled else "",
        _problems(node.problems, canvas.catalog.get(node.node.module)),
        links_of(canvas, node),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part)


def links_of(canvas: Surface, node: NodeItem) -> str:
    """Return “Untrained model: not linked; Dataset from Split Data, first”."""
    ports = [f"{port.title}{_linked(canvas, node, port)}" for port in node.inputs]
    outputs = ((port, _linked(canvas, node, port)) for port in node.outputs)
    ports += [f"{port.title}{text}" for port, text in outputs if not text.startswith(":")]
    return "; ".join(ports)


def port_name(port: PortView) -> str:
    """Return “Input: Dataset”."""
    return f"{tr('Output') if port.is_output else tr('Input')}: {port.title}"


def port_description(canvas: Surface, node: NodeItem, port: PortView) -> str:
    """Return type, columns, and links of a port."""
    kind = in_language(type_phrase(port.type_name)) or tr("unknown type")
    optional = tr(", optional") if port.optional and port.known and not port.is_output else ""
    end = Endpoint(node.node.id, port.name)
    sources = [end] if port.is_output else [source for source, _ in _links_at(canvas, end, False)]
    columns = next(
        (canvas.port_info[source] for source in sources if source in canvas.port_info), ""
    )
    linked = _linked(canvas, node, port).removeprefix(":").strip()
    return ". ".join(part for part in (f"{kind}{optional}", columns, linked) if part)


def link_name(canvas: Surface, link: Link) -> str:
    """Return “Link from Split Data, first to Train Model, dataset”."""
    pipeline, specs = canvas.graph.pipeline, canvas.catalog
    source = end_label(pipeline, specs, link.source, is_output=True)
    return tr("Link from {source} to {end_label}").format(
        source=source, end_label=end_label(pipeline, specs, link.target, is_output=False)
    )


def selection_text(canvas: Surface) -> str:
    """Return what is selected: one item with its state and links, or how many."""
    items, links = canvas.selection(), canvas.selected_links()
    if len(items) + len(links) > 1:
        return tr("{number} items selected").format(number=len(items) + len(links))
    if links:
        return link_name(canvas, links[0])
    if not items:
        return tr("Nothing selected")
    return ". ".join(
        text for text in (name_of(canvas, items[0]), description_of(canvas, items[0])) if text
    )


def _status(node: NodeItem) -> str:
    label = STATUS_LABELS.get(node.state.status, node.state.status)
    time = duration(node.state.seconds) if label else ""
    return " ".join(
        part for part in (label, tr("in {time}").format(time=time) if time else "") if part
    )


def _problems(problems: Sequence[Problem], spec: ModuleSpec | None) -> str:
    """Return “1 error, 2 warnings: ” and the first messages, without the module's title."""
    title = spec.title if spec else ""
    found = Counter[str](problem.severity for problem in problems)
    parts = [counts.problems(name, found[name]) for name in ("error", "warning", "hint")]
    shown = problems[:MOST_PROBLEMS]
    texts = [f"{without_start(each.message, title)} {each.hint}".strip() for each in shown]
    return f"{', '.join(filter(None, parts))}: {' '.join(texts)}" if problems else ""


def _linked(canvas: Surface, node: NodeItem, port: PortView) -> str:
    """Return “ from Split Data, first”, “ to Train Model, dataset”, or “: not linked”."""
    pipeline, specs = canvas.graph.pipeline, canvas.catalog
    links = _links_at(canvas, Endpoint(node.node.id, port.name), port.is_output)
    if not links:
        return tr(": not linked")
    if port.is_output:
        ends = [end_label(pipeline, specs, link.target, is_output=False) for link in links]
        return tr(" to {listed}").format(listed=tr(" and ").join(ends))
    ends = [end_label(pipeline, specs, link.source, is_output=True) for link in links]
    return tr(" from {listed}").format(listed=tr(" and ").join(ends))


def _links_at(canvas: Surface, end: Endpoint, is_output: bool) -> list[Link]:
    pipeline = canvas.graph.pipeline
    if is_output:
        return [link for link in pipeline.links_from.get(end.node, ()) if link.source == end]
    return [link for link in pipeline.links_into.get(end.node, ()) if link.target == end]
