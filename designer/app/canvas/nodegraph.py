"""The only module that imports NodeGraphQt, and what this canvas makes of it.

Its graph keeps the node objects, its viewer is the view. Its undo stack, sessions,
clipboard, search, and menus aren't used, and its viewer's gestures are replaced: they
change the scene first, but here a gesture only requests an edit of the pipeline.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QGraphicsView, QWidget

from designer.texts import tr

if TYPE_CHECKING:
    # The library has no types: what of Qt it derives from.
    from PySide6.QtCore import QObject
    from PySide6.QtWidgets import QGraphicsItem as AbstractNodeItem

    class NodeObject:
        model: Any
        view: Any
        id: str
        _graph: object

        def __init__(self, qgraphics_item: Callable[[], AbstractNodeItem]) -> None: ...

    class NodeGraph(QObject):
        model: Any

        def __init__(self, parent: QObject | None = None, *, viewer: object) -> None: ...

        def viewer(self) -> Any: ...

    class NodeViewer(QGraphicsView):
        _search_widget: QWidget
        _ctx_menu_bar: QWidget
else:
    os.environ.setdefault("QT_PREFERRED_BINDING", "PySide6")
    with warnings.catch_warnings():
        # It imports distutils, for outdated versions of Qt.
        warnings.simplefilter("ignore", DeprecationWarning)
        from NodeGraphQt import NodeGraph, NodeObject
        from NodeGraphQt.qgraphics.node_abstract import AbstractNodeItem
        from NodeGraphQt.widgets.viewer import NodeViewer

__all__ = ["AbstractNodeItem", "BaseGraph", "BaseViewer", "ModuleNode"]


class ModuleNode(NodeObject):
    """The graph's record of a node: the id of the pipeline and the item that shows it."""

    __identifier__ = "modeldesk"
    NODE_NAME = tr("Module")

    def __init__(self, node_id: str, make_item: Callable[[], AbstractNodeItem]) -> None:
        super().__init__(qgraphics_item=make_item)
        # The library's own id is a memory address.
        self.model.id = node_id
        self.view.id = node_id


class BaseGraph(NodeGraph):
    """A graph that is set from outside and never changes itself."""

    def add_module(self, node: ModuleNode) -> None:
        """Put a node into graph and scene; without undo and in constant time."""
        node._graph = self
        node.model._graph_model = self.model
        self.model.nodes[node.id] = node
        self.viewer().add_node(node.view, (0.0, 0.0))

    def remove_module(self, node_id: str) -> None:
        """Remove a node from graph and scene."""
        node = self.model.nodes.pop(node_id)
        self.viewer().scene().removeItem(node.view)

    def _wire_signals(self) -> None:
        """Connect nothing: the library's slots push commands on its own undo stack."""


class BaseViewer(NodeViewer):
    """A view that scrolls and scales as Qt does.

    The library fits a rectangle into the view instead; that repaints everything for
    each step and drifts while the window is resized.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Made without a parent, it would outlive the view; enabled, it would take the focus.
        self._search_widget.setParent(self)
        self._search_widget.setEnabled(False)
        self._search_widget.hide()
        self._ctx_menu_bar.hide()

    def scale(self, sx: float, sy: float, pos: Any = None) -> None:
        """Scale about the view's anchor."""
        QGraphicsView.scale(self, sx, sy)

    def get_zoom(self) -> float:
        """Return the zoom as the library counts it: 0 is actual size."""
        return float(self.transform().m11()) - 1.0

    def all_nodes(self) -> list[AbstractNodeItem]:
        """Return the items of all nodes."""
        return [item for item in self.scene().items() if isinstance(item, AbstractNodeItem)]

    def _update_scene(self) -> None:
        """Do nothing: what is shown is decided by scroll bars and transformation."""

    def _combined_rect(self, nodes: Iterable[AbstractNodeItem]) -> QRectF:
        """Return what encloses some items; the library's own way is quadratic."""
        rect = QRectF()
        for node in nodes:
            rect = rect.united(node.sceneBoundingRect())
        return rect

    @staticmethod
    def acyclic_check(start_port: Any, end_port: Any) -> bool:
        """Allow everything: the pipeline decides (the library's check is exponential)."""
        return True

    # The library's handlers track modifiers, open its search and fill a hidden menu bar.
    mousePressEvent = QGraphicsView.mousePressEvent
    mouseMoveEvent = QGraphicsView.mouseMoveEvent
    mouseReleaseEvent = QGraphicsView.mouseReleaseEvent
    wheelEvent = QGraphicsView.wheelEvent
    keyPressEvent = QGraphicsView.keyPressEvent
    keyReleaseEvent = QGraphicsView.keyReleaseEvent
    focusInEvent = QGraphicsView.focusInEvent
    focusOutEvent = QGraphicsView.focusOutEvent
    resizeEvent = QGraphicsView.resizeEvent
    contextMenuEvent = QGraphicsView.contextMenuEvent
    dragEnterEvent = QGraphicsView.dragEnterEvent
    dragMoveEvent = QGraphicsView.dragMoveEvent
    dragLeaveEvent = QGraphicsView.dragLeaveEvent
    dropEvent = QGraphicsView.dropEvent
