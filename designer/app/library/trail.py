"""The way from a pipeline into its shared modules: a bar above the canvas that leads back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from designer.app.document.document import Document
from designer.app.shell import theme
from designer.pipeline.shared.library import without_suffix
from designer.texts import tr


class Trail(QWidget):
    """Shows which module is open and through which files the user came; hidden for a pipeline.

    Parameters
    ----------
    open_file : callable
        Opens a pipeline or module, of which it accepts the file or a function that returns it when
        changes of the open one are saved; returns whether it was possible.

    Signals
    -------
    ports_requested
        The ports of the open module are to be chosen.
    """

    ports_requested = Signal()

    def __init__(
        self,
        document: Document,
        open_file: Callable[[Path | Callable[[], Path]], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._open_file = open_file
        self._files: list[Path] = []
        self.steps: list[QToolButton] = []
        self.here = QLabel()
        self.here.setProperty("role", "heading")
        self.about = QLabel(tr("Saving changes every pipeline that uses it."))
        self.about.setProperty("role", "muted")
        self.ports = QPushButton(tr("Ports and parameters…"))
        self.ports.clicked.connect(self.ports_requested)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(10, 4, 10, 4)
        self._layout.setSpacing(6)
        self._layout.addWidget(self.here)
        self._layout.addWidget(self.about)
        self._layout.addStretch(1)
        self._layout.addWidget(self.ports)
        self.setAccessibleName(tr("Open module"))
        document.changed.connect(self._show)
        document.path_changed.connect(self._show)
        self._show()

    def follow(self, find: Callable[[], Path]) -> None:
        """Open a module that the open file uses, beside which it may be."""
        left: Path | None = None

        def target() -> Path:
            nonlocal left
            left = self._document.path
            return find()

        if self._open_file(target):
            self._files = [*self._files, left] if left is not None else []
            self._show()

    def _back(self, index: int) -> None:
        files = self._files[:index]
        if self._open_file(self._files[index]):
            self._files = files
            self._show()

    def _show(self) -> None:
        interface = self._document.pipeline.interface
        self.setVisible(interface is not None)
        if interface is None:
            self._files = []
        for old in self.steps:
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.steps = []
        for index, path in enumerate(self._files if interface else ()):
            button = QToolButton()
            button.setText(without_suffix(path.name))
            button.setToolTip(tr("Go back to {path}").format(path=path))
            button.setAutoRaise(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setIcon(theme.icon("chevron-left"))
            button.clicked.connect(partial(self._back, index))
            self._layout.insertWidget(index, button)
            self.steps.append(button)
        title = " ".join(interface.title.split()) if interface else ""
        self.here.setText(title or self._document.title)
