"""The canvas with the panels around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, cast, runtime_checkable

from PySide6.QtCore import QByteArray, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QSplitter, QTabBar, QTabWidget, QToolButton, QWidget

from designer.app.panels.panel import Area, Panel, PanelContext
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.text_scale import scaled, text_scale
from designer.texts import tr

QWIDGETSIZE_MAX = (1 << 24) - 1
"""Qt's value for no limit."""

LEAST_BELOW = 90
"""Pixels that the panels below always have."""

LOW_BELOW, HIGH_BELOW = 132, 180
"""Pixels that they get at first beside text of the usual size: for two rows and a message, and
for a list."""

DOCKED_WIDTH = 480
"""Pixels that a docked widget gets at least; in a narrower side it is scrolled."""

AREAS: tuple[Area, ...] = ("left", "beside", "right", "below")

_Widget = TypeVar("_Widget", bound=QWidget)


@runtime_checkable
class CanBeShort(Protocol):
    """A panel that often has nothing or little to list."""

    @property
    def lengthened(self) -> SignalInstance[Any]:
        """Emitted when the list has become long."""

    @property
    def is_long(self) -> bool:
        """Whether it has more than two rows."""


class Workbench(QSplitter):
    """Panels on the left, beside the canvas, on the right and below; each side can be hidden.

    Until the user chooses a height, the panels below are low while the one in front has little
    to list. They grow when that gets long or another one is chosen, and don't shrink while
    a list is emptied: the canvas would not rest while errors are corrected.

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
        self.upper = QSplitter(Qt.Orientation.Horizontal)
        self.upper.addWidget(canvas)
        self.upper.addWidget(self.sides["beside"])
        for index in range(2):
            # Both shrink with the window.
            self.upper.setStretchFactor(index, 1)
        self.upper.setSizes([420, 420])
        self.middle.addWidget(self.upper)
        self.middle.addWidget(self.sides["below"])
        self.middle.setStretchFactor(0, 1)
        for widget in (self.sides["left"], self.middle, self.sides["right"]):
            self.addWidget(widget)
        self._lent = 0
        self._has_style = False
        self._laying_out = False
        self._own_height = False
        self._grown = False
        self.middle.splitterMoved.connect(self._on_moved)
        self.sides["below"].currentChanged.connect(lambda _: self._grow(self._is_long()))
        for area, widget in self._panels.values():
            if area == "below" and isinstance(widget, CanBeShort):
                widget.lengthened.connect(lambda: self._grow(self._grown or self._is_long()))
        self.setStretchFactor(1, 1)
        for splitter in (self, self.middle, self.upper):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self._fit_sides()
        theme.notifier().changed.connect(self._fit_sides)
        self.sides["beside"].hide()
        self._close = _close_button(tr("Hide"))
        self._close.clicked.connect(lambda: self.set_side_visible("beside", False))
        self.sides["beside"].setCornerWidget(self._close)
        self._docked: dict[QWidget, QScrollArea] = {}
        self._hides_after = False

    def share_width(self) -> None:
        """Give the panels at the left the width that they need; call it once they have a style."""
        self.setSizes([self.sides["left"].sizeHint().width(), 840, 330])
        self._has_style = True
        self._fit_sides()
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

    def dock(self, widget: QWidget, label: str, title: str) -> None:
        """Show a widget beside the canvas, as a tab that can be closed, and bring it to the front.

        Closing the tab closes the widget, which has to be released then.

        Parameters
        ----------
        label : str
            The text on the tab.
        title : str
            Its tooltip, which differs from those with the same label.
        """
        tabs = self.sides["beside"]
        if not self._docked:
            self._hides_after = not self.side_visible("beside")
        if widget not in self._docked:
            widget.setMinimumWidth(round(DOCKED_WIDTH * text_scale()))
            frame = QScrollArea()
            frame.setFrameShape(QScrollArea.Shape.NoFrame)
            frame.setWidgetResizable(True)
            frame.setFocusProxy(widget)
            frame.setWidget(widget)
            self._docked[widget] = frame
            index = tabs.addTab(frame, label.replace("&", "&&"))
            tabs.setTabToolTip(index, plain_tooltip(title))
            close = _close_button(tr("Close {title}").format(title=title))
            # No higher than the text of the other tabs.
            close.setProperty("icons", "small")
            close.clicked.connect(widget.close)
            tabs.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, close)
        tabs.setCurrentWidget(self._docked[widget])
        self.set_side_visible("beside", True)

    def release(self, widget: QWidget) -> None:
        """Remove a docked widget; the side is hidden again if only docked widgets opened it."""
        frame = self._docked.pop(widget)
        frame.takeWidget()
        widget.setMinimumWidth(0)
        tabs = self.sides["beside"]
        tabs.removeTab(tabs.indexOf(frame))
        frame.deleteLater()
        if not self._docked and self._hides_after:
            self.set_side_visible("beside", False)

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
        upper = self.upper
        if not upper.isVisible() or not self.side_visible("below"):
            lay_out()
            return
        height, least = upper.height(), upper.minimumHeight()
        upper.setFixedHeight(height)
        self._laying_out = True
        lay_out()
        self._laying_out = False
        upper.setMinimumHeight(least)
        upper.setMaximumHeight(QWIDGETSIZE_MAX)
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
            "down": self.middle.saveState() if self._own_height else QByteArray(),
            "beside": self.upper.saveState(),
            "hidden": QByteArray(hidden.encode()),
        }

    def restore(
        self, across: QByteArray, down: QByteArray, beside: QByteArray, hidden: QByteArray
    ) -> None:
        """Restore a stored state."""
        self.restoreState(across)
        self._own_height = self.middle.restoreState(down)
        self.upper.restoreState(beside)
        names = bytes(hidden.data()).decode("ascii", "replace").split(",")
        for side in self.sides:
            self.set_side_visible(side, side not in names)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the canvas have all that is new until the user has chosen a height."""
        super().resizeEvent(event)
        self._fit_sides()
        if not self._laying_out:
            self._share()

    @Slot()
    def _fit_sides(self) -> None:
        """Give each side the least size in which its texts can be read, if there is room."""

        def least(usual: int, share: float) -> int:
            return max(usual, min(scaled(usual), round(share * self.width())))

        self.sides["left"].setMinimumWidth(least(180, 0.24))
        self.sides["beside"].setMinimumWidth(least(200, 0.24))
        if self._has_style:
            self.sides["right"].setMinimumWidth(least(260, 0.36))

    def _is_long(self) -> bool:
        """Return whether the panel in front below has more to show than fits at first."""
        front = self.sides["below"].currentWidget()
        return not isinstance(front, CanBeShort) or front.is_long

    def _grow(self, grown: bool) -> None:
        if grown != self._grown:
            self._grown = grown
            self._share()

    def _share(self) -> None:
        """Divide the height between the canvas and the panels below."""
        if not self._own_height:
            usual = HIGH_BELOW if self._grown else LOW_BELOW
            below = max(usual, min(scaled(usual), round(0.45 * self.height())))
            self.middle.setSizes([self.height() - below, below])
            self._lent = 0

    def _on_moved(self) -> None:
        self._lent = 0
        self._own_height = True


def _close_button(text: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIcon(theme.icon("close"))
    button.setToolTip(plain_tooltip(text))
    button.setAccessibleName(text)
    return button


def _tabs() -> QTabWidget:
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    return tabs
