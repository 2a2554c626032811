"""The canvas with the panels around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, cast

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from designer.app.panels.panel import Area, Panel, PanelContext
from designer.app.shell import theme

QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's value for no limit."""

LEAST_BELOW, MOST_BELOW = 90, 180
SHARE_BELOW = 6
"""Bounds in pixels of the height of the panels below, and which part of the height they get."""

AREAS: tuple[Area, ...] = ("left", "right", "below")

_Widget = TypeVar("_Widget", bound=QWidget)


class Workbench(QSplitter):
    """Panels on the left, on the right and below; each side can be hidden.

    Signals
    -------
    sides_changed
        A side was shown or hidden.
    """

    sides_changed = Signal()

    def __init__(
        self,
        canvas: QWidget,
        panels: Iterable[Panel[QWidget]],
        context: PanelContext,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.sides: dict[str, QTabWidget] = {area: _tabs() for area in AREAS}
        self._panels: dict[str, tuple[str, QWidget]] = {}
        for panel in panels:
            widget = panel.make(context)
            self._panels[panel.name] = panel.area, widget
            tabs = self.sides[panel.area]
            index = tabs.addTab(widget, panel.title)
            if panel.icon:
                tabs.setTabIcon(index, theme.icon(panel.icon))
        self.middle = QSplitter(Qt.Orientation.Vertical)
        self._canvas = canvas
        self.middle.addWidget(canvas)
        self.middle.addWidget(self.sides["below"])
        self.middle.setStretchFactor(0, 1)
        for widget in (self.sides["left"], self.middle, self.sides["right"]):
            self.addWidget(widget)
        self._lent = 0
        self._laying_out = False
        self._own_height = False
        self.middle.splitterMoved.connect(self._on_moved)
        self.setStretchFactor(1, 1)
        self.setSizes([self.sides["left"].sizeHint().width(), 840, 330])
        for splitter in (self, self.middle):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self.sides["left"].setMinimumWidth(180)
        self.sides["right"].setMinimumWidth(260)
        self.sides["below"].setMinimumHeight(LEAST_BELOW)

    def panel(self, panel: Panel[_Widget]) -> _Widget:
        """Return the widget of a panel."""
        return cast("_Widget", self._panels[panel.name][1])

    def panels(self) -> list[QWidget]:
        """Return the widgets of all panels."""
        return [widget for _, widget in self._panels.values()]

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
        """Return whether a side is shown while the workbench is."""
        return not self.sides[side].isHidden()

    def set_side_visible(self, side: str, visible: bool) -> None:
        """Show or hide ``left``, ``right`` or ``below``."""
        if visible != self.side_visible(side):
            self.sides[side].setVisible(visible)
            self.sides_changed.emit()

    def resize_below(self, lay_out: Callable[[], object]) -> None:
        """Call a function that changes the height, and keep the canvas height if possible."""
        canvas = self._canvas
        if not canvas.isVisible() or not self.side_visible("below"):
            lay_out()
            return
        height, least = canvas.height(), canvas.minimumHeight()
        canvas.setFixedHeight(height)
        self._laying_out = True
        lay_out()
        self._laying_out = False
        canvas.setMinimumHeight(least)
        canvas.setMaximumHeight(QWIDGETSIZE_MAX)
        least_below = self.sides["below"].minimumHeight()
        left = self.middle.height() - self.middle.handleWidth() - height
        # The canvas shrinks if the panels can't, and grows back.
        lacking = max(least_below - left, -self._lent)
        self._lent += lacking
        # Also if nothing is missing: the splitter lays out once more, later.
        self.middle.setSizes([height - lacking, left + lacking])

    def state(self) -> dict[str, QByteArray]:
        """Return sizes and what is hidden, to be kept."""
        hidden = ",".join(side for side in self.sides if not self.side_visible(side))
        return {
            "across": self.saveState(),
            "down": self.middle.saveState(),
            "hidden": QByteArray(hidden.encode()),
        }

    def restore(self, across: QByteArray, down: QByteArray, hidden: QByteArray) -> None:
        """Restore a stored state."""
        self.restoreState(across)
        self._own_height = self.middle.restoreState(down)
        names = bytes(hidden.data()).decode("ascii", "replace").split(",")
        for side in self.sides:
            self.set_side_visible(side, side not in names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the panels below their share of the height until the user chooses another."""
        super().resizeEvent(event)
        if not self._own_height and not self._laying_out:
            height = self.height()
            below = min(max(height // SHARE_BELOW, LEAST_BELOW), MOST_BELOW)
            self.middle.setSizes([height - below, below])
            self._lent = 0

    def _on_moved(self) -> None:
        self._lent = 0
        self._own_height = True


def _tabs() -> QTabWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    return tabs
