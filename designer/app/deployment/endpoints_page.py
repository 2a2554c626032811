"""The list of endpoints, and one of them in detail."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme
from designer.app.deployment.backend import Backend
from designer.app.deployment.background import Background
from designer.app.deployment.batch_tab import BatchTab
from designer.app.deployment.consume_tab import ConsumeTab
from designer.app.deployment.exchanged import EndpointInfo
from designer.app.deployment.logs_tab import LogsTab
from designer.app.deployment.metrics_tab import MetricsTab
from designer.app.deployment.problem import in_words
from designer.app.deployment.test_tab import TestTab
from designer.app.dialogs.buttons import without_icons
from designer.app.views.message_view import MessageView

INTERVAL = 2000
"""Milliseconds between two looks at the endpoints."""

COLUMNS = ("Name", "State", "Version", "Requests", "Errors", "Latency", "Address")

STATES = {
    "running": ("Running", "completed", "success"),
    "starting": ("Starting", "running", "running"),
    "unresponsive": ("Not answering", "warning", "warning"),
    "stopped": ("Stopped", "disabled", "text_muted"),
    "failed": ("Failed", "failed", "error"),
}
"""Words, icon and colour of each state."""

TABS = ("test", "consume", "logs", "metrics", "batch")


class EndpointsPage(QWidget):
    """What is deployed on this computer.

    Signals
    -------
    said : str
        A sentence for the status bar.
    """

    said = Signal(str)

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._infos: dict[str, EndpointInfo] = {}
        self._wanted: tuple[str, str] | None = None
        self._looking = False
        self._busy: set[str] = set()
        self.list = QTreeWidget()
        self.list.setHeaderLabels(list(COLUMNS))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAccessibleName("Endpoints")
        self.list.setIconSize(QSize(16, 16))
        header = self.list.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
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
        self.start = _button("Start", "run", lambda: self._act("start", self._backend.start))
        self.stop = _button("Stop", "stop", self.ask_to_stop)
        self.restart = _button("Restart", "refresh", self.ask_to_restart)
        self.roll_back = QToolButton()
        self.roll_back.setText("Roll back")
        self.roll_back.setIcon(theme.icon("history"))
        self.roll_back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.roll_back.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.roll_back.setMenu(QMenu(self.roll_back))
        self.delete = _button("Delete", "delete", self.ask_to_delete)
        self.test = TestTab(backend, background)
        self.consume = ConsumeTab(backend, background)
        self.logs = LogsTab(backend, background)
        self.metrics = MetricsTab(backend, background)
        self.batch = BatchTab(backend, background)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (self.test, "Test"),
            (self.consume, "Consume"),
            (self.logs, "Logs"),
            (self.metrics, "Metrics"),
            (self.batch, "Score a file"),
        ):
            self.tabs.addTab(widget, title)
        self.tabs.currentChanged.connect(lambda _: self._show_tab())
        self._clock = QTimer(self)
        self._clock.setInterval(INTERVAL)
        self._clock.timeout.connect(self.refresh)
        self._build()
        theme.notifier().changed.connect(self._on_theme)

    @property
    def current(self) -> EndpointInfo | None:
        """The endpoint that is chosen."""
        item = self.list.currentItem()
        return self._infos.get(item.text(0)) if item is not None else None

    def set_watching(self, watching: bool) -> None:
        """Look at the endpoints now and then, or stop that."""
        if watching and not self._clock.isActive():
            self._clock.start()
            self.refresh()
        elif not watching:
            self._clock.stop()
        self.logs.set_watching(watching and self.tabs.currentWidget() is self.logs)
        self.metrics.set_watching(watching and self.tabs.currentWidget() is self.metrics)

    def refresh(self) -> None:
        """Find out how the endpoints are."""
        if self._looking:
            return
        self._looking = True
        self._background.run(self._backend.endpoints, self._on_infos, self._on_no_infos)

    def choose(self, name: str, tab: str) -> None:
        """Show a tab of an endpoint, as soon as it is in the list."""
        self.tabs.setCurrentIndex(TABS.index(tab))
        self._wanted = (name, tab)
        if not self._take_wanted():
            self._looking = False
            self.refresh()

    def ask_to_stop(self) -> None:
        """Stop the chosen endpoint, after a question."""
        info = self.current
        if info is not None and self._sure(
            f"Stop “{info.name}”?",
            "Programs that use it get no answers until it is started.",
            "Stop",
        ):
            self._act("stop", self._backend.stop)

    def ask_to_restart(self) -> None:
        """Restart the chosen endpoint, after a question."""
        info = self.current
        if info is not None and self._sure(
            f"Restart “{info.name}”?", "It answers again after a few seconds.", "Restart"
        ):
            self._act("restart", self._backend.restart)

    def ask_to_delete(self) -> None:
        """Delete the chosen endpoint, after a question."""
        info = self.current
        if info is not None and self._sure(
            f"Delete “{info.name}”?",
            "It is stopped and deleted with all its versions, keys and logs. Registered models "
            "stay. This can't be undone.",
            "Delete",
        ):
            self._act("delete", self._backend.delete)

    def ask_to_roll_back(self, version: int) -> None:
        """Let an earlier version answer, after a question."""
        info = self.current
        if info is not None and self._sure(
            f"Roll “{info.name}” back to version {version}?",
            f"Version {version} answers instead of version {info.version}, which stays.",
            "Roll back",
        ):
            self._act("roll back", lambda name: self._backend.roll_back(name, version))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete with the key of that name."""
        if event.key() == Qt.Key.Key_Delete and self.list.hasFocus() and self.current is not None:
            self.ask_to_delete()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self.name)
        title.addWidget(self.state)
        title.addStretch()
        for button in (self.start, self.stop, self.restart, self.roll_back, self.delete):
            title.addWidget(button)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(14, 10, 14, 0)
        column.addLayout(title)
        column.addWidget(self.error)
        column.addWidget(self.tabs, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(self.list)
        splitter.addWidget(detail)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([150, 600])
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        self.list.setMinimumHeight(90)
        self.empty = MessageView(
            "Nothing is deployed yet.",
            "Run a pipeline that trains a model, and choose Deploy… in the menu Deploy.",
            icon="cloud",
        )
        self.waiting = MessageView("Looking for endpoints…", icon="clock")
        self.pages = QStackedWidget()
        for page in (self.waiting, self.empty, splitter):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.list)

    def _on_infos(self, infos: list[EndpointInfo]) -> None:
        self._looking = False
        before = self.current
        self._infos = {info.name: info for info in infos}
        self.pages.setCurrentIndex(2 if infos else 1)
        kept = {}
        for place in range(self.list.topLevelItemCount() - 1, -1, -1):
            item = self.list.topLevelItem(place)
            if item is not None and item.text(0) in self._infos:
                kept[item.text(0)] = item
            else:
                self.list.takeTopLevelItem(place)
        for place, info in enumerate(infos):
            item = kept.get(info.name)
            if item is None:
                item = QTreeWidgetItem([info.name])
                self.list.insertTopLevelItem(place, item)
            _fill(item, info)
        first = self.list.topLevelItem(0)
        if first is not None and self.list.currentItem() is None:
            self.list.setCurrentItem(first)
        if not self._take_wanted():
            after = self.current
            if after is None or before is None or after != before:
                self._show_current(
                    changed=before is None
                    or after is None
                    or (before.name, before.version, before.state, before.url)
                    != (after.name, after.version, after.state, after.url)
                )

    def _on_no_infos(self, error: BaseException) -> None:
        self._looking = False
        self.said.emit(in_words(error))

    def _take_wanted(self) -> bool:
        if self._wanted is None:
            return False
        found = self.list.findItems(self._wanted[0], Qt.MatchFlag.MatchExactly, 0)
        if not found:
            return False
        self._wanted = None
        self.list.setCurrentItem(found[0])
        self._show_current(changed=True)
        return True

    def _on_theme(self) -> None:
        self._show_current(changed=False)

    def _on_chosen(self) -> None:
        self.error.hide()
        self._show_current(changed=True)

    def _show_current(self, *, changed: bool) -> None:
        info = self.current
        if info is None:
            return
        words, _, color = STATES.get(info.state, (info.state, "info", "text_muted"))
        self.name.setText(info.name)
        self.state.setText(f"{words}, version {info.version}")
        self.state.setStyleSheet(f"color: {getattr(theme.current(), color)};")
        busy = info.name in self._busy
        alive = info.state in ("running", "starting", "unresponsive")
        self.start.setVisible(not alive)
        self.stop.setVisible(alive)
        self.restart.setVisible(alive)
        for button in (self.start, self.stop, self.restart, self.delete):
            button.setEnabled(not busy)
        earlier = [version for version in info.versions if version != info.version]
        self.roll_back.setEnabled(bool(earlier) and not busy)
        self.roll_back.setToolTip(
            "Let an earlier version answer" if earlier else "There is only one version"
        )
        menu = self.roll_back.menu()
        if menu is not None:
            menu.clear()
            for version in reversed(earlier):
                menu.addAction(f"Version {version}").triggered.connect(
                    lambda _=False, version=version: self.ask_to_roll_back(version)
                )
        if changed:
            self._show_tab()

    def _show_tab(self) -> None:
        info = self.current
        widget = self.tabs.currentWidget()
        watching = self._clock.isActive()
        self.logs.set_watching(watching and widget is self.logs)
        self.metrics.set_watching(watching and widget is self.metrics)
        if info is not None and isinstance(
            widget, (TestTab, ConsumeTab, LogsTab, MetricsTab, BatchTab)
        ):
            widget.show_endpoint(info)

    def _act(self, verb: str, function: Callable[[str], None]) -> None:
        info = self.current
        if info is None or info.name in self._busy:
            return
        name = info.name
        self._busy.add(name)
        self.error.hide()
        self._show_current(changed=False)
        self.state.setText("Working…")

        def end() -> None:
            self._busy.discard(name)
            self._show_current(changed=True)
            self._looking = False
            self.refresh()

        def failed(error: BaseException) -> None:
            end()
            self.error.setText(in_words(error))
            self.error.show()

        def done(_: object) -> None:
            end()
            self.said.emit(f"{name}: {_DONE[verb]}.")

        self._background.run(lambda: function(name), done, failed)

    def _sure(self, question: str, explanation: str, verb: str) -> bool:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(question)
        box.setText(question)
        box.setInformativeText(explanation)
        yes = box.addButton(verb, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        without_icons(box)
        box.exec()
        chosen = box.clickedButton() is yes
        box.deleteLater()
        return chosen

    def _open_menu(self, place: object) -> None:
        info = self.current
        if info is None:
            return
        menu = QMenu(self)
        for button in (self.start, self.stop, self.restart, self.delete):
            if not button.isHidden():
                action = menu.addAction(button.icon(), button.text())
                action.setEnabled(button.isEnabled())
                action.triggered.connect(button.click)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.list.viewport().mapToGlobal(place))  # type: ignore[call-overload]


def _fill(item: QTreeWidgetItem, info: EndpointInfo) -> None:
    words, icon, color = STATES.get(info.state, (info.state, "info", "text_muted"))
    texts = (
        info.name,
        words,
        str(info.version),
        "" if info.requests is None else f"{info.requests:,}",
        "" if info.errors is None else f"{info.errors:,}",
        "" if info.latency is None else f"{info.latency:.3g} ms",
        info.url,
    )
    for column, text in enumerate(texts):
        if item.text(column) != text:
            item.setText(column, text)
    if item.data(1, Qt.ItemDataRole.UserRole) != info.state:
        item.setData(1, Qt.ItemDataRole.UserRole, info.state)
        item.setIcon(1, theme.icon(icon, color))


def _button(text: str, icon: str, function: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setIcon(theme.icon(icon))
    button.clicked.connect(lambda _=False: function())
    return button


_DONE = {
    "start": "started",
    "stop": "stopped",
    "restart": "restarted",
    "delete": "deleted",
    "roll back": "rolled back",
}
