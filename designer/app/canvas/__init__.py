"""The canvas: NodeGraphQt's scene, kept equal to a pipeline; gestures become edits.

>>> canvas = Canvas(catalog)
>>> canvas.edited.connect(document.apply)
>>> document.changed.connect(lambda: canvas.show_pipeline(document.pipeline))
"""

from designer.app.canvas.arranging.aligning import Axis, Selected, Side
from designer.app.canvas.arranging.layout import arranges_all, layout
from designer.app.canvas.canvas import Canvas
from designer.app.canvas.editing.node_template import TEMPLATE_MIME, NodeTemplate, SharedTemplate
from designer.app.canvas.editing.preference import Preference
from designer.app.canvas.editing.quick_add_item import QuickAddItem
from designer.app.canvas.state import (
    MODULE_MIME,
    CanvasTarget,
    GroupTarget,
    LinkTarget,
    NodeState,
    NodeTarget,
    NoteTarget,
    PortTarget,
    Target,
)

__all__ = [
    "MODULE_MIME",
    "TEMPLATE_MIME",
    "Axis",
    "Canvas",
    "CanvasTarget",
    "GroupTarget",
    "LinkTarget",
    "NodeState",
    "NodeTarget",
    "NodeTemplate",
    "NoteTarget",
    "PortTarget",
    "Preference",
    "QuickAddItem",
    "Selected",
    "SharedTemplate",
    "Side",
    "Target",
    "arranges_all",
    "layout",
]
