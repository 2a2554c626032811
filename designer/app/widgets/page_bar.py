"""The bar of a page that is shown instead of the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from designer.app.shell import theme
from designer.texts import tr


class PageBar(QFrame):
    """A button that leads back, tabs, and a button that refreshes.

    Parameters
    ----------
    tabs : sequence of (str, str)
        Title and icon of each.

    Signals
    -------
    back_requested
        The user goes back to the previous page.
    tab_chosen : int
        The index of a tab.
    refresh_requested
        The user wants to see the present state.
    """

    back_requested = Signal()
    tab_chosen = Signal(int)
    refresh_requested = Signal()

    def __init__(self, tabs: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        back = QPushButton(tr("Back"))
        back.setIcon(theme.icon("chevron-left"))
        back.setToolTip(tr("Back to the pipeline (Esc)"))
        back.clicked.connect(self.back_requested)
        self.tabs = QButtonGroup(self)
        self.tabs.idClicked.connect(self.tab_chosen)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 8, 12, 8)
        self._row.setSpacing(6)
        self._row.addWidget(back)
        self._row.addSpacing(8)
        for index, (title, icon) in enumerate(tabs):
            button = QToolButton()
            button.setText(title)
            button.setIcon(theme.icon(icon))
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.tabs.addButton(button, index)
            self._row.addWidget(button)
        self._row.addStretch()
        refresh = QToolButton()
        refresh.setIcon(theme.icon("refresh"))
        refresh.setToolTip(tr("Refresh"))
        refresh.setAccessibleName(tr("Refresh"))
        refresh.clicked.connect(self.refresh_requested)
        self._row.addWidget(refresh)

    def add(self, widget: QWidget) -> None:
        """Add a widget before the button that refreshes."""
        self._row.insertWidget(self._row.count() - 1, widget)

    def choose(self, index: int) -> None:
        """Mark a tab as the one that is shown."""
        button = self.tabs.button(index)
        if button is not None:
            button.setChecked(True)
