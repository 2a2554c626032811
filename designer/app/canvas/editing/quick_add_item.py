"""A row of the list on the canvas: a module, or a module with initial values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from designer.app.canvas.editing.node_template import NodeTemplate
from designer.app.shell import theme
from designer.app.widgets.plain_help import plain_help
from designer.app.widgets.sentence_case import in_sentence
from designer.pipeline.model import Endpoint
from designer.texts import tr
from modules.contract import ModuleSpec


@dataclass(frozen=True)
class QuickAddItem:
    """A row of the list.

    Parameters
    ----------
    spec : ModuleSpec
        The module of the node that is added.
    template : NodeTemplate
        What the node starts with.
    title, summary : str
        What is shown; by default the module's.
    category_title : str
        Where it is in the palette; by default where the module does.
    keywords : sequence of str
        What it is found by besides; by default the module's.
    icon : str
        The name of its icon; by default that of the module's category.
    end : Endpoint or None
        The output to link to instead of adding a node.
    """

    spec: ModuleSpec
    template: NodeTemplate
    title: str
    summary: str
    category_title: str
    keywords: Sequence[str]
    icon: str
    end: Endpoint | None = None

    @classmethod
    def output(cls, spec: ModuleSpec, end: Endpoint) -> QuickAddItem:
        """Return the entry of an output that is already in the pipeline."""
        title = f"{spec.title}, {in_sentence(spec.output_by_name[end.port].title)}"
        template = NodeTemplate()
        return cls(spec, template, title, tr("Link to this output."), "", (), "link", end)

    @classmethod
    def module(cls, spec: ModuleSpec) -> QuickAddItem:
        """Return the entry of a module as it is."""
        return cls(
            spec,
            NodeTemplate(),
            spec.title,
            plain_help(spec.summary),
            spec.category_title,
            spec.keywords,
            theme.category_icon(spec.category),
        )
