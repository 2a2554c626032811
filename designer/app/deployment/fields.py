"""Fields that name a file or a folder, and marks on fields."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from designer.texts import tr


class PathField(QWidget):
    """A line with a path, and a button to choose it.

    Parameters
    ----------
    title : str
        Of the dialog, and for screen readers.

    Signals
    -------
    changed
        The path has changed.
    """

    changed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.line = QLineEdit()
        self.line.setAccessibleName(title)
        self.line.textChanged.connect(self.changed)
        self.browse = QPushButton(tr("Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.setAccessibleName(tr("Browse for {title}").format(title=title))
        self.browse.clicked.connect(self._choose)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(self.browse)
        self.setFocusProxy(self.line)

    @property
    def text(self) -> str:
        """The text of the line."""
        return self.line.text().strip()

    @property
    def path(self) -> Path:
        """The file or folder."""
        return Path(self.text).expanduser()

    def set_path(self, path: Path) -> None:
        """Name a file or folder."""
        self.line.setText(str(path))

    @abstractmethod
    def ask(self, start: str) -> str:
        """Ask for a path, starting in a folder; empty if nothing was chosen."""

    def _choose(self) -> None:
        chosen = self.ask(self.text or str(Path.home()))
        if chosen:
            self.line.setText(chosen)


class FileField(PathField):
    """A line with the path of a file.

    Parameters
    ----------
    kinds : str
        The filter of the dialog.
    save : bool
        Whether the file is written.
    """

    def __init__(self, title: str, kinds: str, *, save: bool = False) -> None:
        super().__init__(title)
        self._kinds, self._save = kinds, save

    def ask(self, start: str) -> str:
        """Ask for a file."""
        choose = QFileDialog.getSaveFileName if self._save else QFileDialog.getOpenFileName
        chosen, _ = choose(self, self.title, start, self._kinds)
        return chosen


class FolderField(PathField):
    """A line with the path of a folder."""

    def ask(self, start: str) -> str:
        """Ask for a folder."""
        return QFileDialog.getExistingDirectory(self, self.title, start)


def mark_invalid(widget: QWidget, invalid: bool) -> None:
    """Show whether what is in a field is wrong."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        repolish(widget)


def repolish(widget: QWidget) -> None:
    """Apply the style of a widget's properties."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
