"""The page of endpoints: the list, and one of them in detail."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.endpoint_detail import EndpointDetail
from designer.app.deployment.endpoints.endpoint_list import EndpointList
from designer.app.deployment.types import EndpointInfo
from designer.app.shell import theme
from designer.app.views.message_view import MessageView
from designer.texts import tr

INTERVAL = 2000
"""Milliseconds between two refreshes."""


class EndpointsPage(QWidget):
    """What was deployed from here, on this computer and in Azure.

    Signals
    -------
    message : str
        A sentence for the status bar.
    """

    message = Signal(str)

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._wanted: str | None = None
        self._refreshing = False
        self._serial = 0
        self.list = EndpointList()
        self.detail = EndpointDetail(backend, background)
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.refresh)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.list)
        splitter.addWidget(self.detail)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([150, 600])
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        self.empty = MessageView(
            tr("Nothing is deployed yet."),
            tr("Run a pipeline that trains a model, then choose Deploy… from the Deploy menu."),
            icon="cloud",
        )
        self.waiting = MessageView(tr("Reading the endpoints…"), icon="clock")
        self.pages = QStackedWidget()
        for page in (self.waiting, self.empty, splitter):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.list)
        self.list.chosen.connect(self._show_current)
        self.list.delete_pressed.connect(self.detail.ask_to_delete)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.detail.acted.connect(self._refresh_again)
        self.detail.message.connect(self.message)
        theme.notifier().changed.connect(self.detail.show_state)

    @property
    def current(self) -> EndpointInfo | None:
        """The endpoint that is chosen."""
        return self.list.current

    def set_watching(self, watching: bool) -> None:
        """Refresh the list now and then, or stop that."""
        if watching and not self._clock.isActive():
            self._clock.start()
            self.refresh()
        elif not watching:
            self._clock.stop()
        self.detail.set_watching(watching)

    def refresh(self) -> None:
        """Read the state of the endpoints; Azure isn't asked."""
        if self._refreshing:
            return
        self._refreshing = True
        self._serial += 1
        serial = self._serial

        def done(infos: list[EndpointInfo]) -> None:
            # An earlier response may arrive late and be outdated.
            if serial == self._serial:
                self._on_infos(infos)

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self._on_no_infos(error)

        self._background.run(self._backend.endpoints, done, failed)

    def choose(self, name: str, tab: str) -> None:
        """Show a tab of an endpoint, as soon as it is in the list."""
        self.detail.show_tab(tab)
        self._wanted = name
        if not self._select_wanted():
            self._refresh_again()

    def _on_infos(self, infos: list[EndpointInfo]) -> None:
        self._refreshing = False
        self.pages.setCurrentIndex(2 if infos else 1)
        self.list.show_infos(infos)
        self._select_wanted()
        self._show_current()

    def _on_no_infos(self, error: BaseException) -> None:
        self._refreshing = False
        self.message.emit(error_text(error))

    def _refresh_again(self) -> None:
        self._refreshing = False
        self.refresh()

    def _select_wanted(self) -> bool:
        if self._wanted is None or not self.list.choose(self._wanted):
            return False
        self._wanted = None
        return True

    def _show_current(self) -> None:
        info = self.list.current
        if info is not None:
            self.detail.show_info(info)

    def _open_menu(self, position: QPoint) -> None:
        if self.list.current is not None:
            self.detail.open_menu(self.list.viewport().mapToGlobal(position))
