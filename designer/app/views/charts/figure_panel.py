"""One panel of a figure: two axes and the area between them."""

from __future__ import annotations

from functools import cache
from typing import Any

_MARGIN = 1


@cache
def panel_item() -> Any:
    """Return the class of panels, a graphics widget.

    pyqtgraph's own plots have two more axes and a menu with many controls each, which takes longer
    to make than everything that a panel shows.
    """
    import pyqtgraph
    from PySide6.QtWidgets import QGraphicsGridLayout

    class PanelItem(pyqtgraph.GraphicsWidget):
        """A left and a bottom axis, an area with marks, and a title where there is one.

        Parameters
        ----------
        box : pyqtgraph.ViewBox
        left, bottom : pyqtgraph.AxisItem

        Attributes
        ----------
        items : list
            What is drawn in the area.
        """

        def __init__(self, box: Any, left: Any, bottom: Any) -> None:
            super().__init__()
            self.items: list[Any] = []
            self._box, self._axes = box, {"left": left, "bottom": bottom}
            self._title: Any = None
            self._grid = QGraphicsGridLayout(self)
            self._grid.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
            self._grid.setSpacing(0)
            self._grid.addItem(box, 1, 1)
            for axis, place in ((left, (1, 0)), (bottom, (2, 1))):
                axis.linkToView(box)
                self._grid.addItem(axis, *place)
                # The lines of its grid are behind the marks.
                axis.setFlag(axis.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
                axis.setZValue(-1000)
            self._grid.setRowStretchFactor(1, 100)
            self._grid.setColumnStretchFactor(1, 100)

        def getViewBox(self) -> Any:
            """Return the area of the marks."""
            return self._box

        def getAxis(self, name: str) -> Any:
            """Return the axis “left” or “bottom”."""
            return self._axes[name]

        def add(self, item: Any) -> None:
            """Draw an item over those before."""
            self.items.append(item)
            self._box.addItem(item)

        def clear(self) -> None:
            """Remove all items."""
            for item in self.items:
                self._box.removeItem(item)
            self.items = []

        def set_title(self, text: str, color: str, pixels: int) -> None:
            """Show a title of a height above the area; none if it is empty."""
            if not text:
                return
            if self._title is None:
                self._title = pyqtgraph.LabelItem("", parent=self)
                self._grid.addItem(self._title, 0, 1)
            self._title.setMaximumHeight(2 * pixels)
            self._grid.setRowFixedHeight(0, 2 * pixels)
            self._title.setText(text, color=color, size=f"{pixels}px")

    return PanelItem
