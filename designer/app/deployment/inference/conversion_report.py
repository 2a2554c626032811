"""What the conversion to an inference pipeline replaced, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.shell import theme
from designer.app.views.icon_label import IconLabel
from designer.app.widgets.focus_ring import scroll_by_keys
from designer.texts import tr

HIGHEST = 128
"""Height of the list in pixels at most; more scrolls."""


class ConversionReport(QWidget):
    """A card over the canvas; hidden until there is something to show.

    Signals
    -------
    deploy_requested
        The user wants to deploy.
    """

    deploy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = QFrame()
        card.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 8, 8, 8)
        outer.addWidget(card)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.fold = QToolButton()
        self.fold.setIcon(theme.icon("chevron-down", "text_muted"))
        self.fold.setToolTip(tr("Show or hide the list"))
        self.fold.setAccessibleName(tr("Show or hide what was replaced"))
        self.fold.clicked.connect(self._turn)
        self.deploy = QPushButton(tr("Deploy…"))
        self.deploy.setIcon(theme.icon("deploy"))
        self.deploy.clicked.connect(self.deploy_requested)
        close = QToolButton()
        close.setIcon(theme.icon("close", "text_muted"))
        close.setToolTip(tr("Close"))
        close.setAccessibleName(tr("Close what was replaced"))
        close.clicked.connect(self.dismiss)
        head = QHBoxLayout()
        head.addWidget(IconLabel("info", 18, "accent"))
        head.addWidget(self.title, 1)
        head.addWidget(self.deploy)
        head.addWidget(self.fold)
        head.addWidget(close)
        self._list = QWidget()
        self._list.setObjectName("sentences")
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(26, 0, 8, 4)
        self._lines.setSpacing(4)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._list)
        scroll_by_keys(self.area, tr("What was replaced"))
        self.area.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(12, 8, 8, 8)
        inner.addLayout(head)
        inner.addWidget(self.area)
        self.messages: tuple[str, ...] = ()
        self._wanted = False
        self._allowed = True
        self.hide()

    def show_messages(self, title: str, messages: Sequence[str], *, deployable: bool) -> None:
        """Show sentences under a title."""
        self.title.setText(title)
        self.messages = tuple(messages)
        self.deploy.setVisible(deployable)
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for sentence in messages:
            label = QLabel(f"•  {sentence}")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._lines.addWidget(label)
        self._lines.addStretch()
        self.reopen()
        self._set_open(True)

    def reopen(self) -> None:
        """Show it as it was last."""
        self._wanted = True
        self.setVisible(self._allowed)

    def allow(self, allowed: bool) -> None:
        """Show it only while the canvas is shown."""
        self._allowed = allowed
        self.setVisible(self._wanted and allowed)

    def dismiss(self) -> None:
        """Hide it until it is reopened."""
        self._wanted = False
        self.hide()

    def forget(self) -> None:
        """Hide it and clear its content."""
        self.messages = ()
        self.dismiss()

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def _turn(self) -> None:
        self._set_open(self.area.isHidden())

    def _set_open(self, shown: bool) -> None:
        self.area.setVisible(shown)
        self.fold.setIcon(theme.icon("chevron-up" if shown else "chevron-down", "text_muted"))
        self._fit()

    def _fit(self) -> None:
        width = max(self.width() - 60, 200)
        height = self._lines.heightForWidth(width) if self._lines.hasHeightForWidth() else 100
        self.area.setFixedHeight(min(max(height, 24), HIGHEST))
