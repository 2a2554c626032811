"""One endpoint in detail: its state, its actions, and its tabs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints import endpoint_acts as acts
from designer.app.deployment.endpoints.batch_tab import BatchTab
from designer.app.deployment.endpoints.consume_tab import ConsumeTab
from designer.app.deployment.endpoints.endpoint_list import STATES, state_text
from designer.app.deployment.endpoints.logs_tab import LogsTab
from designer.app.deployment.endpoints.metrics_tab import MetricsTab
from designer.app.deployment.endpoints.test_tab import TestTab
from designer.app.deployment.types import EndpointInfo
from designer.app.shell import theme
from designer.app.widgets.flow_layout import BarLayout
from designer.texts import tr

TABS = ("test", "consume", "logs", "metrics", "batch")


class EndpointDetail(QWidget):
    """Shows an endpoint and runs actions on it.

    Signals
    -------
    acted
        An action on an endpoint succeeded or failed.
    lineage_requested : str
        Show what ``endpoint:NAME`` comes from.
    retraining_requested : str
        How the endpoint is retrained is to be asked.
    message : str
        A sentence for the status bar.
    """

    acted = Signal()
    lineage_requested = Signal(str)
    retraining_requested = Signal(str)
    message = Signal(str)

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._busy: set[str] = set()
        self._watching = False
        self.info: EndpointInfo | None = None
        """The endpoint that is shown."""
        self.name = QLabel()
        self.name.setProperty("role", "title")
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.state = QLabel()
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.error.hide()
        self.refresh = _button(
            tr("Refresh"), "refresh", lambda: self._act("refresh", self._backend.refresh)
        )
        self.refresh.setToolTip(tr("Read the current state from Azure; you may have to sign in"))
        self.studio = _button(tr("Open in studio"), "link", self._open_studio)
        self.start = _button(tr("Start"), "run", lambda: self._act("start", self._backend.start))
        self.stop = _button(tr("Stop"), "stop", self._on_stop)
        self.restart = _button(tr("Restart"), "refresh", self._on_restart)
        self.roll_back = QPushButton(tr("Roll back"))
        self.roll_back.setIcon(theme.icon("history"))
        self.roll_back.setMenu(QMenu(self.roll_back))
        self.retrain = _button(tr("Retrain…"), "clock", self._on_retrain)
        self.retrain.setToolTip(tr("Let the endpoint be retrained on new data by itself"))
        self.lineage = _button(tr("Lineage"), "link", self._on_lineage)
        self.lineage.setToolTip(tr("Show the model, data, and code that this endpoint comes from"))
        self.delete = _button(tr("Delete"), "delete", self.ask_to_delete)
        self._buttons = (
            self.refresh,
            self.studio,
            self.start,
            self.stop,
            self.restart,
            self.roll_back,
            self.retrain,
            self.lineage,
            self.delete,
        )
        self.test = TestTab(backend, background)
        self.consume = ConsumeTab(backend, background)
        self.logs = LogsTab(backend, background)
        self.metrics = MetricsTab(backend, background)
        self.batch = BatchTab(backend, background)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (self.test, tr("Test")),
            (self.consume, tr("Consume")),
            (self.logs, tr("Logs")),
            (self.metrics, tr("Metrics")),
            (self.batch, tr("Score file")),
        ):
            self.tabs.addTab(widget, title)
        bar = QWidget()
        title_row = BarLayout(bar, end=2)
        title_row.addWidget(self.name)
        title_row.addWidget(self.state)
        for button in self._buttons:
            title_row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 14, 0)
        column.addWidget(bar)
        column.addWidget(self.error)
        column.addWidget(self.tabs, 1)
        self.tabs.currentChanged.connect(lambda _: self._show_tab())
        self.tabs.tabBarClicked.connect(self._on_tab_clicked)

    def show_info(self, info: EndpointInfo) -> None:
        """Show an endpoint as it is now."""
        before, self.info = self.info, info
        if before is None or before.name != info.name:
            self.error.setText(info.problem)
            self.error.setVisible(bool(info.problem))
        self.show_state()
        if before is None or _visible_state(before) != _visible_state(info):
            self._show_tab()

    def show_state(self) -> None:
        """Show state and buttons in the colors of the current theme."""
        info = self.info
        if info is None:
            return
        color = STATES.get(info.state, ("", "", "text_muted"))[2]
        busy = info.name in self._busy
        self.name.setText(info.name)
        known = tr(", version {version}").format(version=info.version) if info.version else ""
        self.state.setText(tr("Updating…") if busy else f"{state_text(info)}{known}")
        self.state.setStyleSheet(f"color: {getattr(theme.current(), color)};")
        alive = info.state in ("running", "starting", "unresponsive")
        self.refresh.setVisible(info.in_cloud)
        self.studio.setVisible(info.portal.startswith("https://"))
        # In the cloud it runs as long as it is there.
        self.retrain.setVisible(not info.in_cloud)
        self.start.setVisible(not alive and not info.in_cloud)
        self.stop.setVisible(alive and not info.in_cloud)
        self.restart.setVisible(alive and not info.in_cloud)
        for button in self._buttons:
            button.setEnabled(not busy)
        earlier = [version for version in info.versions if version != info.version]
        self.roll_back.setEnabled(bool(earlier) and not busy)
        self.roll_back.setToolTip(
            tr("Switch to another version") if earlier else tr("There is only one version")
        )
        menu = self.roll_back.menu()
        if menu is not None:
            menu.clear()
            for version in reversed(earlier):
                menu.addAction(tr("Version {version}").format(version=version)).triggered.connect(
                    lambda _=False, version=version: self._on_roll_back(version)
                )

    def show_tab(self, tab: str) -> None:
        """Show one of :data:`TABS`."""
        self.tabs.setCurrentIndex(TABS.index(tab))

    def set_watching(self, watching: bool) -> None:
        """Let logs and metrics follow the endpoint, or stop that."""
        self._watching = watching
        widget = self.tabs.currentWidget()
        for tab in (self.logs, self.metrics):
            tab.set_watching(watching and widget is tab)

    def open_menu(self, position: QPoint) -> None:
        """Show the actions as a menu, at a position on the screen."""
        menu = QMenu(self)
        for button in self._buttons:
            if button is not self.roll_back and not button.isHidden():
                action = menu.addAction(button.icon(), button.text())
                action.setEnabled(button.isEnabled())
                action.triggered.connect(button.click)
        if self.info is not None and self.info.in_cloud:
            menu.addAction(tr("Remove from the list")).triggered.connect(self.ask_to_remove)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def ask_to_delete(self) -> None:
        """Delete the endpoint, after a question."""
        if self.info is not None and acts.confirm_delete(self, self.info):
            self._act("delete", self._backend.delete)

    def ask_to_remove(self) -> None:
        """Remove an endpoint in the cloud from the list, after a question."""
        if self.info is not None and acts.confirm_remove(self, self.info):
            self._act("remove", self._backend.remove)

    def _on_lineage(self) -> None:
        if self.info is not None:
            self.lineage_requested.emit(f"endpoint:{self.info.name}")

    def _on_retrain(self) -> None:
        if self.info is not None:
            self.retraining_requested.emit(self.info.name)

    def _on_stop(self) -> None:
        if self.info is not None and acts.confirm_stop(self, self.info):
            self._act("stop", self._backend.stop)

    def _on_restart(self) -> None:
        if self.info is not None and acts.confirm_restart(self, self.info):
            self._act("restart", self._backend.restart)

    def _on_roll_back(self, version: int) -> None:
        if self.info is not None and acts.confirm_roll_back(self, self.info, version):
            self._act("roll_back", lambda name: self._backend.roll_back(name, version))

    def _open_studio(self) -> None:
        if self.info is not None:
            QDesktopServices.openUrl(QUrl(self.info.portal))

    def _act(self, verb: str, function: Callable[[str], object]) -> None:
        info = self.info
        if info is None or info.name in self._busy:
            return
        name = info.name
        self._busy.add(name)
        self.error.hide()
        self.show_state()

        def end() -> None:
            self._busy.discard(name)
            self.show_state()
            self._show_tab()
            self.acted.emit()

        def failed(error: BaseException) -> None:
            end()
            self.error.setText(error_text(error))
            self.error.show()

        def done(_: object) -> None:
            end()
            self.message.emit(f"{name}: {acts.DONE[verb]}.")

        self._background.run(lambda: function(name), done, failed)

    def _on_tab_clicked(self, index: int) -> None:
        """Let a file be named at once; keys that go through the tabs stay on them."""
        if self.tabs.widget(index) is self.batch:
            self.batch.setFocus()

    def _show_tab(self) -> None:
        self.set_watching(self._watching)
        widget = self.tabs.currentWidget()
        if self.info is not None and isinstance(
            widget, (TestTab, ConsumeTab, LogsTab, MetricsTab, BatchTab)
        ):
            widget.show_endpoint(self.info)


def _visible_state(info: EndpointInfo) -> tuple[object, ...]:
    """Return the state of an endpoint that the tabs show."""
    return (info.name, info.version, info.state, info.url, info.checked)


def _button(text: str, icon: str, function: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(theme.icon(icon))
    button.clicked.connect(lambda _=False: function())
    return button
