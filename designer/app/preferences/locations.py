"""Where everything is: folders and files with their sizes, to open, to copy, and to clear."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from designer.app.background.background import Background
from designer.app.dialogs.question import Answer, ask
from designer.app.preferences.row import TITLE_GAP, TITLE_WIDTH
from designer.app.shell import theme
from designer.settings import size_text
from designer.texts import tr
from designer.workspace import Workspace


def folder_size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; what can't be read has none."""
    try:
        if not path.is_dir():
            return path.stat().st_size
    except OSError:
        return 0
    total, waiting = 0, [str(path)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
            except OSError:
                continue
    return total


def clear_results(folder: Path) -> int:
    """Delete the stored results that no run needs, and return the bytes that became free."""
    from designer.engine.store.store import Store

    store = Store(folder)
    try:
        return store.clear()
    finally:
        store.close()


class Locations(QWidget):
    """A row for each location.

    Parameters
    ----------
    files : mapping of str to Path
        Further locations by their titles, below those of the workspace.
    background : Background
        Computes sizes, and deletes.
    busy : callable
        Returns whether a run is in progress.
    """

    def __init__(
        self,
        workspace: Workspace,
        files: Mapping[str, Path],
        background: Background,
        busy: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._background = background
        self._busy = busy
        self._store = workspace.folder / "store"
        self.paths = {
            tr("Workspace"): workspace.folder,
            tr("Stored results"): self._store,
            tr("Runs and logs of steps"): workspace.folder / "runs",
            **files,
        }
        self.sizes: dict[str, QLabel] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        # The fields are below those of the settings.
        layout.setColumnMinimumWidth(0, TITLE_WIDTH)
        layout.setHorizontalSpacing(TITLE_GAP)
        layout.setVerticalSpacing(6)
        layout.setColumnStretch(1, 1)
        for row, (title, path) in enumerate(self.paths.items()):
            line = QLineEdit(str(path))
            line.setReadOnly(True)
            line.setCursorPosition(0)
            line.setToolTip(str(path))
            line.setAccessibleName(title)
            self.sizes[title] = size = QLabel("…")
            size.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            size.setMinimumWidth(size.fontMetrics().horizontalAdvance("999.9 MB"))
            layout.addWidget(QLabel(title), row, 0)
            layout.addWidget(line, row, 1)
            layout.addWidget(size, row, 2)
            for column, (icon, text, act) in enumerate(
                (("folder", tr("Open folder"), self._open), ("copy", tr("Copy path"), self._copy))
            ):
                button = QToolButton()
                button.setIcon(theme.icon(icon))
                button.setToolTip(text)
                button.setAccessibleName(f"{text}: {title}")
                button.clicked.connect(lambda _=False, act=act, path=path: act(path))
                layout.addWidget(button, row, 3 + column)
        self.clear = QPushButton(tr("Clear stored results…"))
        self.clear.clicked.connect(self._ask)
        self.message = QLabel()
        self.message.setProperty("role", "muted")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        layout.addWidget(self.clear, len(self.paths), 0)
        layout.addWidget(self.message, len(self.paths), 1, 1, 4)
        self.words = " ".join((*self.paths, self.clear.text(), "cache")).casefold()

    def refresh(self) -> None:
        """Compute the sizes again."""
        for title, path in self.paths.items():
            self._background.run(partial(folder_size, path), partial(self._show_size, title))

    def _show_size(self, title: str, size: int) -> None:
        self.sizes[title].setText(size_text(size))

    def _open(self, path: Path) -> None:
        folder = path if path.is_dir() else path.parent
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.message.setText(tr("“{folder}” can't be opened.").format(folder=folder))

    def _copy(self, path: Path) -> None:
        QGuiApplication.clipboard().setText(str(path))
        self.message.setText(tr("Copied “{path}”.").format(path=path))

    def _ask(self) -> None:
        if self._busy():
            self.message.setText(tr("A run is in progress. Wait until it has ended."))
            return
        answer = ask(
            self,
            tr("Clear stored results"),
            tr("Delete all stored results?"),
            {Answer.Yes: tr("Delete")},
            explanation=tr(
                "Steps are computed again when they run the next time. Datasets, models, and "
                "endpoints stay."
            ),
            warning=True,
        )
        if answer == Answer.Yes:
            self.clear.setEnabled(False)
            self._background.run(lambda: clear_results(self._store), self._cleared, self._failed)

    def _cleared(self, freed: int) -> None:
        self.clear.setEnabled(True)
        self.message.setText(tr("{size} deleted.").format(size=size_text(freed)))
        self.refresh()

    def _failed(self, error: BaseException) -> None:
        self.clear.setEnabled(True)
        self.message.setText(
            tr("The stored results can't be deleted: {reason}.").format(reason=error)
        )
