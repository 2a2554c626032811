"""The canvas with the panels around it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtWidgets import QSplitter, QTabWidget, QVBoxLayout, QWidget

Panel = tuple[str, str, QWidget]
"""A name, a title and the panel itself."""


class Workbench(QSplitter):
    """Panels at the left, the right and below; each side can be hidden.

    Attributes
    ----------
    center : QVBoxLayout
        The canvas, and room below it for what is said about the pipeline.

    Signals
    -------
    sides_changed
        A side was shown or hidden.
    """

    sides_changed = Signal()

    def __init__(
        self,
        canvas: QWidget,
        *,
        left: Sequence[Panel],
        right: Sequence[Panel],
        below: Sequence[Panel],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.sides = {"left": _tabs(left), "right": _tabs(right), "below": _tabs(below)}
        self._panels = {
            name: (side, widget)
            for side, panels in (("left", left), ("right", right), ("below", below))
            for name, _, widget in panels
        }
        self.middle = QSplitter(Qt.Orientation.Vertical)
        holder = QWidget()
        self.center = QVBoxLayout(holder)
        self.center.setContentsMargins(0, 0, 0, 0)
        self.center.setSpacing(0)
        self.center.addWidget(canvas, 1)
        self.middle.addWidget(holder)
        self.middle.addWidget(self.sides["below"])
        self.middle.setStretchFactor(0, 1)
        self.middle.setSizes([640, 180])
        for widget in (self.sides["left"], self.middle, self.sides["right"]):
            self.addWidget(widget)
        self.setStretchFactor(1, 1)
        self.setSizes([270, 840, 330])
        for splitter in (self, self.middle):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.sides["left"].setMinimumWidth(180)
        self.sides["right"].setMinimumWidth(240)
        self.sides["below"].setMinimumHeight(90)

    def show_panel(self, name: str) -> None:
        """Bring a panel to the front."""
        side, widget = self._panels[name]
        self.sides[side].setCurrentWidget(widget)
        self.set_side_visible(side, True)

    def set_title(self, name: str, title: str) -> None:
        """Change the title on a panel's tab."""
        side, widget = self._panels[name]
        tabs = self.sides[side]
        tabs.setTabText(tabs.indexOf(widget), title)

    def side_visible(self, side: str) -> bool:
        """Tell whether a side is shown while the workbench is."""
        return not self.sides[side].isHidden()

    def set_side_visible(self, side: str, visible: bool) -> None:
        """Show or hide ``left``, ``right`` or ``below``."""
        if visible != self.side_visible(side):
            self.sides[side].setVisible(visible)
            self.sides_changed.emit()

    def state(self) -> dict[str, QByteArray]:
        """Return sizes and what is hidden, to be kept."""
        hidden = ",".join(side for side in self.sides if not self.side_visible(side))
        return {
            "across": self.saveState(),
            "down": self.middle.saveState(),
            "hidden": QByteArray(hidden.encode()),
        }

    def restore(self, across: QByteArray, down: QByteArray, hidden: QByteArray) -> None:
        """Take over a kept state."""
        self.restoreState(across)
        self.middle.restoreState(down)
        names = bytes(hidden.data()).decode("ascii", "replace").split(",")
        for side in self.sides:
            self.set_side_visible(side, side not in names)


def _tabs(panels: Sequence[Panel]) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    for _, title, widget in panels:
        tabs.addTab(widget, title)
    return tabs
