"""The canvas: NodeGraphQt's scene, kept equal to a pipeline; gestures become edits.

>>> canvas = Canvas(catalog)
>>> canvas.edited.connect(document.apply)
>>> document.changed.connect(lambda: canvas.show_pipeline(document.pipeline))
"""

from designer.app.canvas.canvas import Canvas
from designer.app.canvas.editing.layout import layout
from designer.app.canvas.editing.node_template import PRESET_MIME, Preset
from designer.app.canvas.editing.quick_add_item import Offer
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
    "PRESET_MIME",
    "Canvas",
    "CanvasTarget",
    "GroupTarget",
    "LinkTarget",
    "NodeState",
    "NodeTarget",
    "NoteTarget",
    "Offer",
    "PortTarget",
    "Preset",
    "Target",
    "layout",
]
