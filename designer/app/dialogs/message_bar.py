"""A quiet bar that says one thing and offers what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
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
        self._layout = QHBoxLayout(card)
        self._layout.setContentsMargins(10, 6, 6, 6)
        self._layout.addWidget(self._icon)
        self._layout.addWidget(self.text, 1)
        self._layout.addWidget(self._close)
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
            self._layout.removeWidget(button)
            button.deleteLater()
        self.buttons = []
        for label, function in choices:
            button = QPushButton(label)
            button.clicked.connect(lambda _=False, function=function: self._choose(function))
            self._layout.insertWidget(self._layout.count() - 1, button)
            self.buttons.append(button)
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def stand_in(self, column: QBoxLayout) -> None:
        """Stand at the end of this column from now on."""
        column.addWidget(self)

    def lie_over(self, widget: QWidget) -> None:
        """Stay: the bar has a row of its own on every page."""

    def clear(self, kind: str) -> None:
        """Take a message away if it is still the one shown."""
        if self.kind == kind:
            self.hide()

    def _choose(self, function: Callable[[], None]) -> None:
        self.hide()
        function()
