"""The selection in the pipeline, as modules."""

from __future__ import annotations

from collections.abc import Mapping

from designer.app.canvas import Canvas
from designer.app.document.document import Document
from designer.pipeline.identifiers import with_members
from modules.contract import ModuleSpec


class Selection:
    """The selected nodes of the open pipeline.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules that exist, by id.
    """

    def __init__(
        self, document: Document, canvas: Canvas, catalog: Mapping[str, ModuleSpec]
    ) -> None:
        self._document = document
        self._canvas = canvas
        self._catalog = catalog

    def node(self) -> str | None:
        """Return the node that is selected alone."""
        nodes = self.nodes()
        return nodes[0] if len(nodes) == 1 and nodes[0] in self._canvas.selection() else None

    def nodes(self) -> list[str]:
        """Return the selected nodes, without notes; a group counts as the nodes in it."""
        pipeline = self._document.pipeline
        chosen = with_members(pipeline, self._canvas.selection())
        return [name for name in pipeline.nodes if name in chosen] if chosen else []

    def spec_of(self, node: str | None) -> ModuleSpec | None:
        """Return the specification of a node's module, if both are known."""
        found = self._document.pipeline.nodes.get(node or "")
        return self._catalog.get(found.module) if found else None

    def spec(self) -> ModuleSpec | None:
        """Return the specification of the module that is selected alone."""
        return self.spec_of(self.node())
