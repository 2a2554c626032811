"""What a node that comes onto the canvas begins with, besides its module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QMimeData

from designer.pipeline import edits
from designer.pipeline.edits import Position
from designer.pipeline.model import Json, Pipeline
from modules.contract import ModuleSpec

PRESET_MIME = "application/x-modeldesk-preset+json"
"""Format of a drag from the palette: what the node begins with."""


@dataclass(frozen=True)
class Preset:
    """Parameters and comment of a node to be added.

    Parameters
    ----------
    title : str
        What the step of adding is called after; empty for the module's title.
    """

    parameters: Mapping[str, Json] = field(default_factory=dict)
    comment: str = ""
    title: str = ""

    def into_mime(self, data: QMimeData) -> None:
        """Let a drag carry this, beside the module."""
        data.setData(PRESET_MIME, json.dumps(vars(self)).encode())

    @classmethod
    def from_mime(cls, data: QMimeData) -> Preset:
        """Return what a drag carries; an empty one for what can't be read."""
        try:
            found = cls(**json.loads(bytes(data.data(PRESET_MIME).data())))
        except (ValueError, TypeError):
            return cls()
        return found if isinstance(found.parameters, dict) else cls()

    def add(
        self, pipeline: Pipeline, spec: ModuleSpec, position: Position, group: str
    ) -> tuple[Pipeline, str]:
        """Add the node, and return its id as well."""
        pipeline, name = edits.add_node(
            pipeline,
            spec.id,
            version=spec.version,
            position=position,
            parameters=self.parameters,
            group=group,
        )
        return edits.set_comment(pipeline, name, self.comment), name

    def words(self, verb: str, spec: ModuleSpec) -> str:
        """Return the name of the step that adds it."""
        return f"{verb} “{self.title or spec.title}”"
