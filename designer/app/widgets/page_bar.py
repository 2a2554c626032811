"""The bar of a page that is shown instead of the canvas."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QToolButton, QWidget

from designer.app.shell import theme
from designer.app.widgets.flow_layout import BarLayout
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
        self._row = BarLayout(self, end=1 + len(tabs))
        self._row.setContentsMargins(12, 8, 12, 8)
        self._row.addWidget(back)
        for index, (title, icon) in enumerate(tabs):
            button = QToolButton()
            button.setText(title)
            button.setIcon(theme.icon(icon))
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.tabs.addButton(button, index)
            self._row.addWidget(button)
        self._refresh = QToolButton()
        self._refresh.setIcon(theme.icon("refresh"))
        self._refresh.setToolTip(tr("Refresh"))
        self._refresh.setAccessibleName(tr("Refresh"))
        self._refresh.clicked.connect(self.refresh_requested)
        self._row.addWidget(self._refresh)

    def add(self, widget: QWidget) -> None:
        """Add a widget before the button that refreshes."""
        self._row.removeWidget(self._refresh)
        self._row.addWidget(widget)
        self._row.addWidget(self._refresh)

    def choose(self, index: int) -> None:
        """Mark a tab as the one that is shown."""
        button = self.tabs.button(index)
        if button is not None:
            button.setChecked(True)
