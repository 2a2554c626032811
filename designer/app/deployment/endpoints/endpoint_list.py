"""The list of endpoints: one line each."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from designer.app.deployment.types import EndpointInfo
from designer.app.shell import theme
from designer.app.views import formatting
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.composed_texts import in_language
from designer.deployment.targets import title_of
from designer.texts import formatted, tr

COLUMNS = (
    tr("Name"),
    tr("State"),
    tr("Version"),
    tr("Target"),
    tr("Requests"),
    tr("Errors"),
    tr("Latency"),
    "URL",
)
NUMBERS = (2, 4, 5, 6)
"""Columns of numbers."""

STATES = {
    "running": (tr("Running"), "completed", "success"),
    "starting": (tr("Starting"), "running", "running"),
    "unresponsive": (tr("Not responding"), "warning", "warning"),
    "stopped": (tr("Stopped"), "disabled", "text_muted"),
    "failed": (tr("Failed"), "failed", "error"),
    "damaged": (tr("Damaged"), "failed", "error"),
}
"""Label, icon, and color of each state."""


class EndpointList(QTreeWidget):
    """The endpoints by name.

    Signals
    -------
    chosen
        The current one has changed.
    delete_pressed
        The Delete key was pressed.
    """

    chosen = Signal()
    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        keep_directions(self)
        self._infos: dict[str, EndpointInfo] = {}
        self.setHeaderLabels(list(COLUMNS))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAccessibleName(tr("Endpoints"))
        self.setMinimumHeight(90)
        header = self.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in NUMBERS:
            self.headerItem().setTextAlignment(column, _RIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.currentItemChanged.connect(lambda *_: self.chosen.emit())
        follow_selection(self)

    @property
    def current(self) -> EndpointInfo | None:
        """The endpoint that is chosen."""
        item = self.currentItem()
        return self._infos.get(item.text(0)) if item is not None else None

    def show_infos(self, infos: Sequence[EndpointInfo]) -> None:
        """Show these endpoints; the current one stays the current one."""
        self._infos = {info.name: info for info in infos}
        kept = {}
        for row in range(self.topLevelItemCount() - 1, -1, -1):
            item = self.topLevelItem(row)
            if item is not None and item.text(0) in self._infos:
                kept[item.text(0)] = item
            else:
                self.takeTopLevelItem(row)
        for row, info in enumerate(infos):
            item = kept.get(info.name)
            if item is None:
                item = QTreeWidgetItem([info.name])
                for column in NUMBERS:
                    item.setTextAlignment(column, _RIGHT)
                self.insertTopLevelItem(row, item)
            _fill(item, info)
        first = self.topLevelItem(0)
        if first is not None and self.currentItem() is None:
            self.setCurrentItem(first)

    def choose(self, name: str) -> bool:
        """Select an endpoint; false if it isn't in the list."""
        found = self.findItems(name, Qt.MatchFlag.MatchExactly, 0)
        if not found:
            return False
        self.setCurrentItem(found[0])
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete with the key of that name."""
        if event.key() == Qt.Key.Key_Delete and self.current is not None:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


def state_text(info: EndpointInfo) -> str:
    """Return the state of an endpoint, and of when that is if it may be old."""
    text = STATES.get(info.state, (info.state, "info", "text_muted"))[0]
    if info.checked is None:
        return text
    then, now = time.localtime(info.checked), time.localtime()
    form = "%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M"
    return tr("{text} at {time}").format(text=text, time=time.strftime(form, then))


def _fill(item: QTreeWidgetItem, info: EndpointInfo) -> None:
    _, icon, color = STATES.get(info.state, (info.state, "info", "text_muted"))
    texts = (
        info.name,
        state_text(info),
        str(info.version or ""),
        in_language(title_of(info.target)),
        "" if info.requests is None else formatted(info.requests),
        "" if info.errors is None else formatted(info.errors),
        "" if info.latency is None else f"{formatting.number(info.latency, 3)} ms",
        info.url,
    )
    for column, text in enumerate(texts):
        if item.text(column) != text:
            item.setText(column, text)
    if item.data(1, Qt.ItemDataRole.UserRole) != info.state:
        item.setData(1, Qt.ItemDataRole.UserRole, info.state)
        item.setIcon(1, theme.icon(icon, color))


_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
