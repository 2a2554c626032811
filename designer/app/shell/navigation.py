"""Navigation in the window: the page, the panel in front, the centered node."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from designer.app.canvas import Canvas
from designer.app.document.document import Document

START, EDITING, DEPLOYMENT, SCHEDULES = "start", "editing", "deployment", "schedules"
"""The pages: recent files and samples, the canvas, endpoints and models, and schedules."""


class Navigation(QObject):
    """Leads the user from one part of the window to another.

    Attributes
    ----------
    page : str
        What is shown: :data:`START`, :data:`EDITING`, :data:`DEPLOYMENT` or :data:`SCHEDULES`.
    opened : bool
        Whether a pipeline has been opened, so that other pages can go back to it.

    Signals
    -------
    page_changed
        Another page is to be shown, or the same one again.
    panel_requested : str
        The panel of this name is to come to the front.
    parameter_requested : str
        The field of this parameter is to get the focus; the first one if empty.
    inputs_requested
        The inputs of the selected node are to get the focus.
    """

    page_changed = Signal()
    panel_requested = Signal(str)
    parameter_requested = Signal(str)
    inputs_requested = Signal()

    def __init__(self, document: Document, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._canvas = canvas
        self.page = START
        self.opened = False

    @property
    def editing(self) -> bool:
        """Whether the canvas is shown."""
        return self.page == EDITING

    def show(self, page: str) -> None:
        """Show a page."""
        self.page = page
        self.page_changed.emit()

    def show_panel(self, name: str) -> None:
        """Show a panel in front of those beside it."""
        self.show(EDITING)
        self.panel_requested.emit(name)

    def show_node(self, node: str, parameter: str | None = None) -> None:
        """Bring a node or group to the middle, select it, and focus one of its parameters."""
        pipeline = self._document.pipeline
        if node in pipeline.nodes or node in pipeline.groups:
            self.show(EDITING)
            self._canvas.center_on(node)
            self._canvas.select([node])
            if parameter:
                self.show_panel("properties")
                self.parameter_requested.emit(parameter)

    def edit_node(self, node: str) -> None:
        """Focus the first parameter of a node that is selected."""
        self.show_panel("properties")
        self.parameter_requested.emit("")

    def edit_inputs(self) -> None:
        """Focus the inputs of the node that is selected."""
        self.show_panel("properties")
        self.inputs_requested.emit()
