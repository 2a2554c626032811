"""The page of endpoints and registered models."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage
from designer.app.deployment.models_page import ModelsPage
from designer.app.shell import theme


class Center(QWidget):
    """Two pages under one bar.

    Signals
    -------
    back_requested
        The user goes back to the previous page.
    deploy_requested : dict
        Deploy this version of a registered model.
    lineage_requested : str
        Show what a model or an endpoint comes from.
    message : str
        A sentence for the status bar.
    """

    back_requested = Signal()
    deploy_requested = Signal(dict)
    lineage_requested = Signal(str)
    message = Signal(str)

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self.endpoints = EndpointsPage(backend, background)
        self.models = ModelsPage(backend, background)
        self.endpoints.message.connect(self.message)
        self.models.message.connect(self.message)
        self.models.deploy_requested.connect(self.deploy_requested)
        self.models.lineage_requested.connect(self.lineage_requested)
        self.endpoints.detail.lineage_requested.connect(self.lineage_requested)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.endpoints)
        self.pages.addWidget(self.models)
        bar = QFrame()
        bar.setObjectName("deploymentBar")
        back = QPushButton("Back")
        back.setIcon(theme.icon("chevron-left"))
        back.setToolTip("Back to the pipeline (Esc)")
        back.clicked.connect(self.back_requested)
        self.tabs = QButtonGroup(self)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(6)
        row.addWidget(back)
        row.addSpacing(8)
        for index, (title, icon) in enumerate((("Endpoints", "cloud"), ("Models", "model"))):
            button = QToolButton()
            button.setText(title)
            button.setIcon(theme.icon(icon))
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self.tabs.addButton(button, index)
            row.addWidget(button)
        row.addStretch()
        refresh = QToolButton()
        refresh.setIcon(theme.icon("refresh"))
        refresh.setToolTip("Refresh")
        refresh.setAccessibleName("Refresh")
        refresh.clicked.connect(self.refresh)
        row.addWidget(refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(self.pages, 1)
        self.tabs.idClicked.connect(self._show)

    def show_endpoints(self, name: str | None = None) -> None:
        """Show the endpoints; with a name, that one's test."""
        self._show(0)
        if name is not None:
            self.endpoints.choose(name, "test")
            self.endpoints.detail.test.take_focus()

    def show_models(self) -> None:
        """Show the registered models."""
        self._show(1)

    def activate(self) -> None:
        """Get the focus."""
        page = self.pages.currentWidget()
        if page is not None:
            page.setFocus()

    def refresh(self) -> None:
        """Refresh what is shown."""
        if self.pages.currentIndex() == 0:
            self.endpoints.refresh()
        else:
            self.models.refresh()

    def close(self) -> bool:
        """Stop every timer."""
        self.endpoints.set_watching(False)
        return super().close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.endpoints.set_watching(self.pages.currentIndex() == 0)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.endpoints.set_watching(False)

    def _show(self, index: int) -> None:
        self.pages.setCurrentIndex(index)
        button = self.tabs.button(index)
        if button is not None:
            button.setChecked(True)
        self.endpoints.set_watching(index == 0 and self.isVisible())
        if index == 1:
            self.models.refresh()
        self.activate()
