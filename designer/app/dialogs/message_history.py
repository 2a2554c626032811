"""Messages that were shown: the status bar hides its own, and in the bar the next replaces one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.buttons import dialog_buttons
from designer.app.shell import theme
from designer.app.views.formatting import plain_tooltip
from designer.app.widgets.dialog_size import usual_size
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.empty_label import empty_label
from designer.texts import tr


@dataclass(frozen=True)
class PastMessage:
    """A message, and when it was shown, in local time."""

    text: str
    at: datetime
    warning: bool


class MessageHistory(QDialog):
    """A list of messages, the last one first."""

    def __init__(self, messages: Iterable[PastMessage], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Recent messages"))
        usual_size(self, 640, 420)
        self.list = QListWidget()
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Recent messages"))
        self.list.setWordWrap(True)
        for message in messages:
            item = QListWidgetItem(f"{message.at:%H:%M:%S}  {message.text}")
            item.setToolTip(plain_tooltip(message.text))
            icon = ("warning", "warning") if message.warning else ("info", "text_muted")
            item.setIcon(theme.icon(*icon))
            self.list.addItem(item)
        empty = empty_label()
        empty.setText(tr("No messages yet."))
        stack = QStackedLayout()
        stack.addWidget(self.list)
        stack.addWidget(empty)
        layout = QVBoxLayout(self)
        layout.addLayout(stack)
        layout.addWidget(dialog_buttons(self, QDialogButtonBox.StandardButton.Close))
        if self.list.count():
            self.list.setCurrentRow(0)
        else:
            stack.setCurrentWidget(empty)
