"""A quiet bar that says one thing and offers what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app import theme

Choice = tuple[str, Callable[[], object]]
TEXT_WIDTH = 340
"""Pixels that the text gets before the buttons go below it."""

ICONS = {"info": ("info", "accent"), "warning": ("warning", "warning"), "error": ("error", "error")}


class MessageBar(QWidget):
    """One message with buttons; hidden while there is nothing to say.

    It has a row of its own at the lower edge of what is shown. So it hides nothing, and
    what the person was about to click above it stays where it is.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = QFrame()
        card.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.addWidget(card)
        self._icon = QToolButton()
        self._icon.setEnabled(True)
        self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._icon.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._icon.setIconSize(QSize(18, 18))
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.buttons: list[QPushButton] = []
        self._close = QToolButton()
        self._close.setIcon(theme.icon("close", "text_muted"))
        self._close.setToolTip("Close")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.hide)
        self._beside = QHBoxLayout()
        self._line = QHBoxLayout()
        self._line.addWidget(self._icon)
        self._line.addWidget(self.text, 1)
        self._line.addLayout(self._beside)
        self._line.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._below = QHBoxLayout()
        self._below.setContentsMargins(34, 0, 0, 4)
        whole = QVBoxLayout(card)
        whole.setContentsMargins(10, 6, 6, 6)
        whole.addLayout(self._line)
        whole.addLayout(self._below)
        self.kind = ""
        self.hide()

    def show_message(
        self,
        text: str,
        choices: Sequence[Choice] = (),
        *,
        severity: str = "info",
        kind: str = "",
    ) -> None:
        """Say something in place of what was said before.

        Parameters
        ----------
        choices : sequence of (str, callable)
            Buttons; each closes the bar and then calls its function.
        kind : str
            A name by which :meth:`clear` can take exactly this message away.
        """
        self._icon.setIcon(theme.icon(*ICONS[severity]))
        self.text.setText(text)
        self.kind = kind
        for button in self.buttons:
            button.hide()
            button.deleteLater()
        self.buttons = []
        for label, function in choices:
            button = QPushButton(label)
            button.clicked.connect(lambda _=False, function=function: self._choose(function))
            self.buttons.append(button)
        self._arrange()
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def stand_in(self, column: QBoxLayout) -> None:
        """Stand at the end of this column from now on."""
        column.addWidget(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the text where there is too little room beside it."""
        super().resizeEvent(event)
        self._arrange()

    def clear(self, kind: str) -> None:
        """Take a message away if it is still the one shown."""
        if self.kind == kind:
            self.hide()

    def _arrange(self) -> None:
        needed = sum(button.sizeHint().width() + 6 for button in self.buttons)
        narrow = self.width() - needed < TEXT_WIDTH
        for row in (self._beside, self._below):
            while row.count():
                row.takeAt(0)
        for button in self.buttons:
            (self._below if narrow else self._beside).addWidget(button)
        if narrow:
            self._below.addStretch()

    def _choose(self, function: Callable[[], None]) -> None:
        self.hide()
        function()
