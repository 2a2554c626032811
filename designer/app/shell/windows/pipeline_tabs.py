"""The tab bar of a window: a tab for each pipeline."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QIcon, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QTabBar, QToolButton, QWidget

from designer.app.shell import theme
from designer.app.shell.windows.pipeline_window import TabText
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.text_scale import text_scale
from designer.texts import tr

NARROWEST, WIDEST = 120, 260
"""Pixels of a tab, at the usual size; a longer name is cut, and where tabs would be narrower, they
are scrolled."""

CLOSE = QSize(24, 24)
"""Pixels of the button that closes a tab: large enough to hit."""

_SIGNS = {
    "running": ("running", "running"),
    "completed": ("completed", "success"),
    "failed": ("failed", "error"),
}
"""Icon and color for each state of a run that a tab shows."""


class PipelineTabs(QTabBar):
    """Tabs that are chosen, moved, and closed with the mouse or the keyboard.

    Signals
    -------
    close_requested : int
        The tab at this position is to be closed.
    menu_requested : int, QPoint
        The menu of a tab is to open at this point of the screen.
    """

    close_requested = Signal(int)
    menu_requested = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pipelineTabs")
        self.setDocumentMode(True)
        self.setMovable(True)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehaviorOnRemove(QTabBar.SelectionBehavior.SelectPreviousTab)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def add(self) -> None:
        """Add a tab at the end, with its button."""
        index = self.addTab("")
        close = QToolButton()
        close.setAutoRaise(True)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setIcon(theme.icon("close", "text_muted"))
        close.setFixedSize(CLOSE * text_scale())
        close.setIconSize(QSize(12, 12) * text_scale())
        close.clicked.connect(lambda: self.close_requested.emit(self._index_of(close)))
        self.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)

    def describe(self, index: int, text: TabText, *, news: bool) -> None:
        """Show the state of a pipeline on its tab.

        Parameters
        ----------
        news : bool
            Its run has ended, and the user hasn't looked at it since.
        """
        self.setTabText(index, text.marked_title)
        shown = text.run in ("running", "failed") or news
        sign = _SIGNS.get(text.run) if shown else None
        self.setTabIcon(index, theme.icon(*sign) if sign else QIcon())
        state = text.run_text if sign else ""
        lines = [str(text.path or text.title), tr("Unsaved changes") if text.dirty else "", state]
        self.setTabToolTip(index, plain_tooltip("\n".join(line for line in lines if line)))
        words = [text.title, tr("unsaved changes") if text.dirty else "", state]
        self.setAccessibleTabName(index, ", ".join(word for word in words if word))
        close = self.tabButton(index, QTabBar.ButtonPosition.RightSide)
        close.setAccessibleName(tr("Close {title}").format(title=text.title))
        close.setToolTip(plain_tooltip(close.accessibleName()))

    def tabSizeHint(self, index: int) -> QSize:
        """Return a size in which long names are cut."""
        size = super().tabSizeHint(index)
        return size.boundedTo(QSize(round(WIDEST * text_scale()), size.height()))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Return a size in which names still differ."""
        size = self.tabSizeHint(index)
        return size.boundedTo(QSize(round(NARROWEST * text_scale()), size.height()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Close a tab with the middle button."""
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.close_requested.emit(index)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the tab with Delete; the arrow keys are Qt's."""
        if event.key() == Qt.Key.Key_Delete:
            self.close_requested.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the tab at the pointer, or of the current one."""
        index, at = self.tabAt(event.pos()), event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            at = self.mapToGlobal(self.tabRect(index).bottomLeft())
        if index >= 0:
            self.menu_requested.emit(index, at)

    def _index_of(self, button: QObject) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next(i for i in range(self.count()) if self.tabButton(i, side) is button)
