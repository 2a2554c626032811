"""Fields that name a file or a folder, and marks on fields."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget


class FileField(QWidget):
    """A line with the path of a file, and a button that lets one choose it.

    Parameters
    ----------
    title : str
        Of the dialog, and for those who hear the window.
    kinds : str
        The filter of the dialog.
    save : bool
        Whether the file is written.

    Signals
    -------
    changed
        The path is another one.
    """

    changed = Signal()

    def __init__(self, title: str, kinds: str, *, save: bool = False) -> None:
        super().__init__()
        self._title, self._kinds, self._save = title, kinds, save
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(self.changed)
        self.browse = _browse_button(self, self.line)
        self.browse.clicked.connect(self._choose)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        """What is in the line."""
        return self.line.text().strip()

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.text).expanduser()

    def set_path(self, path: Path) -> None:
        """Name a file."""
        self.line.setText(str(path))

    def _choose(self) -> None:
        start = self.text or str(Path.home())
        choose = QFileDialog.getSaveFileName if self._save else QFileDialog.getOpenFileName
        chosen, _ = choose(self, self._title, start, self._kinds)
        if chosen:
            self.line.setText(chosen)


class FolderField(QWidget):
    """A line with the path of a folder, and a button that lets one choose it.

    Signals
    -------
    changed
        The path is another one.
    """

    changed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(self.changed)
        self.browse = _browse_button(self, self.line)
        self.browse.clicked.connect(self._choose)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        """What is in the line."""
        return self.line.text().strip()

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.text).expanduser()

    def _choose(self) -> None:
        start = self.text or str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, self._title, start)
        if chosen:
            self.line.setText(chosen)


def mark_invalid(widget: QWidget, invalid: bool) -> None:
    """Show whether what is in a field is wrong."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        repolish(widget)


def repolish(widget: QWidget) -> None:
    """Let a widget look as its properties say."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def _browse_button(whole: QWidget, line: QLineEdit) -> QPushButton:
    browse = QPushButton("Browse…")
    browse.setAutoDefault(False)
    row = QHBoxLayout(whole)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(line, 1)
    row.addWidget(browse)
    return browse
