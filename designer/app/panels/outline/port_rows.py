"""Ports in the outline: what they are linked to, and what else they can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QMenu, QWidget

from designer.app.document.labels import end_label
from designer.composed_texts import in_language
from designer.pipeline import edits
from designer.pipeline.link_rules import fitting_inputs, fitting_outputs
from designer.pipeline.model import Endpoint, Link, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec

Specs = Mapping[str, ModuleSpec]
Edit = Callable[[Pipeline], Pipeline]
Apply = Callable[[str, Edit], object]
"""Called with the undo text and an edit."""


@dataclass(frozen=True)
class PortKey:
    """A port of a node."""

    end: Endpoint
    is_output: bool

    def links(self, pipeline: Pipeline) -> list[Link]:
        """Return its links."""
        node = self.end.node
        if self.is_output:
            return [link for link in pipeline.links_from.get(node, ()) if link.source == self.end]
        return [link for link in pipeline.links_into.get(node, ()) if link.target == self.end]

    def link_to(self, other: Endpoint) -> Link:
        """Return a link from or to another port."""
        return Link(self.end, other) if self.is_output else Link(other, self.end)


def ports_of(node: str, spec: ModuleSpec | None) -> list[PortKey]:
    """Return the inputs of a node, then its outputs; none of an unknown module."""
    if spec is None:
        return []
    inputs = [PortKey(Endpoint(node, port.name), False) for port in spec.inputs]
    return inputs + [PortKey(Endpoint(node, port.name), True) for port in spec.outputs]


def port_text(pipeline: Pipeline, specs: Specs, key: PortKey) -> str:
    """Return “Input: Dataset from Split Data, first” or “Output: Trained model, not linked”."""
    spec = specs[pipeline.nodes[key.end.node].module]
    ports = spec.output_by_name if key.is_output else spec.input_by_name
    name = f"{tr('Output') if key.is_output else tr('Input')}: {ports[key.end.port].title}"
    links = key.links(pipeline)
    if not links:
        return tr("{name}, not linked").format(name=name)
    ends = [_other_end(pipeline, specs, key, link) for link in links]
    return f"{name} {'to' if key.is_output else 'from'} {tr(' and ').join(ends)}"


def delete_links(pipeline: Pipeline, keys: Sequence[PortKey], apply: Apply) -> None:
    """Delete all links of some ports."""
    links = list(dict.fromkeys(link for key in keys for link in key.links(pipeline)))
    if links:
        text = (
            tr("Delete link")
            if len(links) == 1
            else tr("Delete {number} links").format(number=len(links))
        )
        apply(text, lambda p: edits.disconnect(p, links))


def link_menu(
    pipeline: Pipeline, specs: Specs, key: PortKey, apply: Apply, parent: QWidget
) -> QMenu | None:
    """Return a menu of the ports that one can be linked to, its links checked.

    Those without a link come first, and the nearest. None if nothing fits.
    """
    links = key.links(pipeline)
    find = fitting_inputs if key.is_output else fitting_outputs
    fitting = find(pipeline, specs, key.end)
    linked = [link.target if key.is_output else link.source for link in links]
    ends = [*linked, *(end for end in fitting if end not in linked)]
    if not ends:
        return None
    menu = QMenu(tr("Link to"), parent)
    for end in ends:
        link = key.link_to(end)
        text = end_label(pipeline, specs, end, is_output=not key.is_output)
        action = menu.addAction(text.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(link in links)
        action.triggered.connect(lambda _=False, link=link: _toggle(key, link, links, apply))
    return menu


def _toggle(key: PortKey, link: Link, links: Sequence[Link], apply: Apply) -> None:
    if link in links:
        apply(tr("Delete link"), lambda p: edits.disconnect(p, [link]))
    else:
        text = tr("Move link") if links and not key.is_output else tr("Add link")
        apply(text, lambda p: edits.connect(p, link.source, link.target))


def no_fit(pipeline: Pipeline, specs: Specs, key: PortKey) -> str:
    """Return why a port can't be linked."""
    spec = specs[pipeline.nodes[key.end.node].module]
    ports = spec.output_by_name if key.is_output else spec.input_by_name
    port = ports[key.end.port]
    if key.is_output:
        return tr("“{title}” is {phrase}, and no module has an input for that.").format(
            title=port.title, phrase=in_language(port.phrase)
        )
    return tr("“{title}” needs {phrase}, and no module outputs that.").format(
        title=port.title, phrase=in_language(port.phrase)
    )


def _other_end(pipeline: Pipeline, specs: Specs, key: PortKey, link: Link) -> str:
    end = link.target if key.is_output else link.source
    return end_label(pipeline, specs, end, is_output=not key.is_output)
