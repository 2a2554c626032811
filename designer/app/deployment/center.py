"""The page of endpoints and registered models."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage
from designer.app.deployment.models_page import ModelsPage
from designer.app.widgets.page_bar import PageBar
from designer.texts import tr


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
    retraining_requested : str
        How this endpoint is retrained is to be asked.
    message : str
        A sentence for the status bar.
    """

    back_requested = Signal()
    deploy_requested = Signal(dict)
    lineage_requested = Signal(str)
    retraining_requested = Signal(str)
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
        self.endpoints.detail.retraining_requested.connect(self.retraining_requested)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.endpoints)
        self.pages.addWidget(self.models)
        self.bar = PageBar(((tr("Endpoints"), "cloud"), (tr("Models"), "model")))
        self.bar.back_requested.connect(self.back_requested)
        self.bar.refresh_requested.connect(self.refresh)
        self.bar.tab_chosen.connect(self._show)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.pages, 1)

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
        self.bar.choose(index)
        self.endpoints.set_watching(index == 0 and self.isVisible())
        if index == 1:
            self.models.refresh()
        self.activate()
