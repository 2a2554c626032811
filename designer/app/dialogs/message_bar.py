"""A bar that shows one message with buttons for what to do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.brief_label import BriefLabel
from designer.texts import tr

Choice = tuple[str, Callable[[], object]]
TEXT_WIDTH = 300
"""Pixels that the text gets before the buttons go below it."""

ICONS = {"info": ("info", "accent"), "warning": ("warning", "warning"), "error": ("error", "error")}


@dataclass(frozen=True)
class _Message:
    text: str
    choices: Sequence[Choice]
    severity: str
    kind: str
    lasting: bool
    closed: Callable[[], object] = lambda: None


class MessageBar(QFrame):
    """One message with buttons; hidden while there is no message.

    It has its own row below what is shown. So it hides nothing, and what the user
    was about to click above it stays where it is. A long message is cut, and whole after
    a click on More.

    Most messages are about the open pipeline: the next one replaces them. A lasting one
    is about the application. It is shown again after others until the user closes it.

    Attributes
    ----------
    make_room : callable
        Called with what changes the bar's height, which it calls in turn.

    Signals
    -------
    added : str, str
        The text of a new message, and its severity.
    """

    added = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.make_room: Callable[[Callable[[], object]], object] = lambda change: change()
        self.setProperty("role", "bar")
        self._icon = QToolButton()
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icon.setProperty("icons", "large")
        self.text = BriefLabel()
        self.text.cut_changed.connect(self._show_more)
        self.more = QPushButton(self)
        self.more.setFlat(True)
        self.more.clicked.connect(self._turn)
        self.buttons: list[QPushButton] = []
        self._close = QToolButton()
        self._close.setIcon(theme.icon("close", "text_muted"))
        self._close.setToolTip(tr("Close"))
        self._close.setAccessibleName(tr("Close this message"))
        self._close.clicked.connect(self.dismiss)
        self._beside = QHBoxLayout()
        self._below = QHBoxLayout()
        for row in (self._beside, self._below):
            row.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        top = Qt.AlignmentFlag.AlignTop
        line.addWidget(self._icon, 0, top)
        line.addWidget(self.text, 1, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(self._beside)
        line.addWidget(self._close, 0, top)
        self._below.setContentsMargins(34, 0, 0, 2)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(8, 4, 6, 4)
        self._whole.setSpacing(2)
        self._whole.addLayout(line)
        self._whole.addLayout(self._below)
        self._shown: _Message | None = None
        self._kept: list[_Message] = []
        self.hide()

    def show_message(
        self,
        text: str,
        choices: Sequence[Choice] = (),
        *,
        severity: str = "info",
        kind: str = "",
        closed: Callable[[], object] = lambda: None,
    ) -> None:
        """Show a message instead of the previous one.

        Parameters
        ----------
        choices : sequence of (str, callable)
            Buttons; each closes the bar and then calls its function.
        kind : str
            A name by which :meth:`clear` can remove exactly this message.
        closed : callable
            Called when the user closes the message without a choice.
        """
        self._keep_shown()
        self._show(_Message(text, choices, severity, kind, False, closed))
        self.added.emit(text, severity)

    def show_lasting(
        self,
        text: str,
        choices: Sequence[Choice] = (),
        *,
        severity: str = "info",
        kind: str = "",
    ) -> None:
        """Show a message that stays until the user closes it.

        It is shown before earlier lasting messages, and after any other message.
        """
        message = _Message(text, choices, severity, kind, True)
        self.added.emit(text, severity)
        if self._shown is not None and not self._shown.lasting:
            self._kept.append(message)
            return
        self._keep_shown()
        self._show(message)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the text where there is too little room beside it."""
        super().resizeEvent(event)
        self._arrange()

    def setVisible(self, visible: bool) -> None:
        """Show or hide it."""
        self.make_room(lambda: super(MessageBar, self).setVisible(visible))
        if not visible and self._shown is not None:
            self._shown = None
            # Later, so that a new message can be shown instead.
            QTimer.singleShot(0, self, self._show_kept)

    def dismiss(self) -> None:
        """Close the message as the user does."""
        message = self._shown
        self.hide()
        if message is not None:
            message.closed()

    def settle(self) -> None:
        """Apply the new layout at once."""
        self._whole.activate()

    def clear(self, kind: str) -> None:
        """Remove a message if it is still shown or waiting."""
        self._kept = [message for message in self._kept if message.kind != kind]
        if self._shown is not None and self._shown.kind == kind:
            self.hide()

    def forget_pipeline(self) -> None:
        """Remove the messages about the previous pipeline."""
        if self._shown is not None and not self._shown.lasting:
            self.hide()

    def end(self) -> None:
        """Remove all messages."""
        self._kept = []
        self.hide()

    def _keep_shown(self) -> None:
        if self._shown is not None and self._shown.lasting:
            self._kept.append(self._shown)

    def _show_kept(self) -> None:
        if self._kept and self._shown is None:
            self._show(self._kept.pop())

    def _show(self, message: _Message) -> None:
        self._icon.setIcon(theme.icon(*ICONS[message.severity]))
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        for label, function in message.choices:
            button = QPushButton(label)
            button.clicked.connect(lambda _=False, function=function: self._choose(function))
            self.buttons.append(button)
        self.make_room(lambda: self._set_text(message.text))
        self._order_tabs()
        self._shown = message
        self.show()
        if self.isVisible():
            # It isn't in a tab that isn't shown.
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, message.text))

    def _order_tabs(self) -> None:
        """Set the tab order: the buttons from the left, then Close."""
        row = [self.more, *self.buttons, self._close]
        for first, second in itertools.pairwise(row):
            QWidget.setTabOrder(first, second)

    def _set_text(self, text: str) -> None:
        self.text.setText(text)
        self._arrange()
        self._show_more()

    def _arrange(self) -> None:
        buttons = [self.more, *self.buttons]
        needed = sum(button.sizeHint().width() + 6 for button in buttons)
        narrow = self.width() - needed < TEXT_WIDTH
        for row in (self._beside, self._below):
            while row.count():
                row.takeAt(0)
        for button in buttons:
            (self._below if narrow else self._beside).addWidget(button)
        if narrow:
            self._below.addStretch()

    def _show_more(self) -> None:
        self.more.setText(tr("Less") if self.text.is_open else tr("More"))
        self.more.setToolTip(
            tr("Collapse the message") if self.text.is_open else tr("Show the whole message")
        )
        self.more.setVisible(self.text.is_cut)

    def _turn(self) -> None:
        self.make_room(lambda: self.text.set_open(not self.text.is_open))
        self._show_more()

    def _choose(self, function: Callable[[], None]) -> None:
        self.hide()
        function()
