"""A text to copy: a URL, or a key that is hidden until it is revealed."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from designer.app.shell import theme
from designer.app.widgets.direction import as_code
from designer.texts import tr

SHOWN_MILLISECONDS = 1500
"""How long a button shows “Copied”."""


class CopyButton(QPushButton):
    """Copies a text to the clipboard and confirms it."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Copy"), parent)
        self.setIcon(theme.icon("copy"))
        self.setAccessibleName(tr("Copy {what}").format(what=what))
        self.setToolTip(tr("Copy {what}").format(what=what))
        self.setAutoDefault(False)
        self._text = ""
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(SHOWN_MILLISECONDS)
        self._back.timeout.connect(lambda: self.setText(tr("Copy")))
        self.clicked.connect(self._copy)

    def set_text(self, text: str) -> None:
        """Set what is copied."""
        self._text = text
        self.setEnabled(bool(text))

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._text)
        self.setText(tr("Copied"))
        self._back.start()


class CopyField(QWidget):
    """A read-only line with a button to copy it.

    Parameters
    ----------
    what : str
        For screen readers: ``the URL``.
    secret : bool
        Dots represent the text until the user asks to see it.
    """

    def __init__(self, what: str, *, secret: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setReadOnly(True)
        self.line.setAccessibleName(what[:1].upper() + what[1:])
        as_code(self.line)
        self.copy = CopyButton(what)
        self.reveal: QToolButton | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.line, 1)
        if secret:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
            self.reveal = QToolButton()
            self.reveal.setIcon(theme.icon("eye"))
            self.reveal.setCheckable(True)
            self.reveal.setToolTip(tr("Show {what}").format(what=what))
            self.reveal.setAccessibleName(tr("Show {what}").format(what=what))
            self.reveal.toggled.connect(self._show)
            row.addWidget(self.reveal)
        row.addWidget(self.copy)
        self.set_text("")

    @property
    def text(self) -> str:
        """The text."""
        return self.line.text()

    def set_text(self, text: str) -> None:
        """Set the text; a secret is hidden again."""
        self.line.setText(text)
        self.line.setCursorPosition(0)
        self.copy.set_text(text)
        if self.reveal is not None:
            self.reveal.setChecked(False)

    def _show(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.line.setEchoMode(mode)
