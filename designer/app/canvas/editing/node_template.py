"""Initial values of a node that is added to the canvas."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QMimeData

from designer.pipeline import edits
from designer.pipeline.edits import Position
from designer.pipeline.identifiers import free_id, readable_id, taken_ids
from designer.pipeline.model import Endpoint, Interface, Json, Pipeline
from designer.pipeline.shared.making import add_shared
from modules.contract import ModuleSpec

TEMPLATE_MIME = "application/x-modeldesk-template+json"
"""Drag format of the palette: the initial values of the node."""


@dataclass(frozen=True)
class NodeTemplate:
    """Parameters and name of a node to be added.

    Parameters
    ----------
    title : str
        Source of its id and of the undo title; empty for the module's names.
    """

    parameters: Mapping[str, Json] = field(default_factory=dict)
    title: str = ""

    def into_mime(self, data: QMimeData) -> None:
        """Add this to a drag, beside the module."""
        data.setData(TEMPLATE_MIME, json.dumps(vars(self)).encode())

    @classmethod
    def from_mime(cls, data: QMimeData) -> NodeTemplate:
        """Return what a drag carries; an empty one for what can't be read."""
        try:
            found = cls(**json.loads(bytes(data.data(TEMPLATE_MIME).data())))
        except (ValueError, TypeError):
            return cls()
        fits = isinstance(found.parameters, dict) and isinstance(found.title, str)
        return found if fits else cls()

    def add(
        self, pipeline: Pipeline, spec: ModuleSpec, position: Position, group: str
    ) -> tuple[Pipeline, str]:
        """Add the node, and return its id as well."""
        # Of letters that no id may have nothing would be left.
        titled = any(letter.isascii() and letter.isalpha() for letter in self.title)
        stem = readable_id(self.title.replace(".", "_") if titled else spec.id)
        return edits.add_node(
            pipeline,
            spec.id,
            version=spec.version,
            position=position,
            parameters=self.parameters,
            node_id=free_id(f"{group}/{stem}" if group else stem, taken_ids(pipeline)),
        )

    def end(self, name: str, port: str, is_output: bool) -> Endpoint:
        """Return where a link to a port of what was added ends."""
        return Endpoint(name, port)

    def edit_title(self, text: str, spec: ModuleSpec) -> str:
        """Return the undo title of the edit that adds it, from a text with ``{title}``."""
        return text.format(title=self.title or spec.title)


@dataclass(frozen=True)
class SharedTemplate(NodeTemplate):
    """A card of a shared module to be added.

    Parameters
    ----------
    name : str
        The module's name.
    definition : Pipeline
        The module.
    """

    name: str = ""
    definition: Pipeline = field(default_factory=Pipeline)

    def add(
        self, pipeline: Pipeline, spec: ModuleSpec, position: Position, group: str
    ) -> tuple[Pipeline, str]:
        """Add the card, and return the id of its group as well."""
        return add_shared(pipeline, self.name, self.definition, position=position, group=group)

    def end(self, name: str, port: str, is_output: bool) -> Endpoint:
        """Return the port of a node inside that a port of the module is."""
        interface = self.definition.interface or Interface()
        side = interface.outputs if is_output else interface.inputs
        inner = next(each.ends[0] for each in side if each.name == port)
        return Endpoint(f"{name}/{inner.node}", inner.port)
