"""One panel of a figure: its area, and axes beside it."""

from __future__ import annotations

from functools import cache
from typing import Any

from designer.app.views.charts.figure_axes import figure_axis
from modules.tables.figures.figure import Figure

_MARGIN = 1
_PLACES = {"left": (1, 0), "bottom": (2, 1)}


def add_panel(area: Any, figure: Figure, index: int, box: Any) -> Any:
    """Add a panel of a figure to a pyqtgraph.GraphicsLayoutWidget, and return it.

    The panels of a pair plot have common axes, on the left and at the bottom of the figure.

    Parameters
    ----------
    box : pyqtgraph.ViewBox
        The area of its marks.
    """
    panel, (row, column) = figure.panels[index], divmod(index, figure.across)
    # The first panel is a histogram, whose axis upwards isn't that of its row.
    left = not figure.paired or column == (1 if row == 0 else 0)
    bottom = not figure.paired or row == figure.across - 1
    axes = {}
    if left:
        axes["left"] = figure_axis("left", panel.y_labels, panel.y_time, panel.y_whole)
    if bottom:
        axes["bottom"] = figure_axis("bottom", panel.x_labels, panel.x_time, panel.x_whole)
    if not figure.paired:
        plot = panel_item()(box, axes)
        area.addItem(plot, row, column)
        return plot
    plot = panel_item()(box, axes, inside=False)
    area.addItem(plot, row, column + 1)
    if left:
        area.addItem(axes["left"], row, 0)
    if bottom:
        area.addItem(axes["bottom"], row + 1, column + 1)
    return plot


@cache
def panel_item() -> Any:
    """Return the class of panels, a graphics widget.

    pyqtgraph's own plots have two more axes and a menu with many controls each, which takes longer
    to make than everything that a panel shows.
    """
    import pyqtgraph
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QGraphicsGridLayout

    class PanelItem(pyqtgraph.GraphicsWidget):
        """An area with marks, a left and a bottom axis, and a title where there is one.

        Parameters
        ----------
        box : pyqtgraph.ViewBox
        axes : dict of pyqtgraph.AxisItem
            "left" and "bottom", or fewer.
        inside : bool
            They are in the panel; others are placed by whoever adds the panel.

        Attributes
        ----------
        axes : dict of pyqtgraph.AxisItem
        items : list
            What is drawn in the area.
        """

        def __init__(self, box: Any, axes: dict[str, Any], *, inside: bool = True) -> None:
            super().__init__()
            self.items: list[Any] = []
            self.axes = axes
            self._box = box
            self._title: Any = None
            self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            self._grid = QGraphicsGridLayout(self)
            self._grid.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
            self._grid.setSpacing(0)
            self._grid.addItem(box, 1, 1)
            for name, axis in axes.items():
                axis.linkToView(box)
                if not inside:
                    continue
                self._grid.addItem(axis, *_PLACES[name])
                # The lines of its grid are behind the marks.
                axis.setFlag(axis.GraphicsItemFlag.ItemNegativeZStacksBehindParent)
                axis.setZValue(-1000)
            self._grid.setRowStretchFactor(1, 100)
            self._grid.setColumnStretchFactor(1, 100)

        def getViewBox(self) -> Any:
            """Return the area of the marks."""
            return self._box

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
