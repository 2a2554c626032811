"""The windows that show results, one for each stored output."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from designer.app.shell.window_layout import FRAME
from designer.engine.results import Output
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.app.views.registry import KeptChart, OpenTrial, StoredModel
    from designer.engine.engine import Engine

STEP = 28
"""Pixels between one window and the next."""

STEPS = 8
"""After so many, the first position is used again."""


class ResultWindow(QWidget):
    """A window around the view of a result; Ctrl+W and Esc close it."""

    def __init__(self, view: QWidget, title: str, path: Path) -> None:
        super().__init__()
        self.path = path
        self.setWindowTitle(f"{title} – ModelDesk")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(view)
        self.setFocusProxy(view)
        QShortcut(QKeySequence("Ctrl+W"), self).activated.connect(self.close)
        self.resize(1080, 720)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close with Esc, where the view has no other use for it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class ResultWindows:
    """The result windows of one main window."""

    def __init__(self, main: QWidget, specs: Callable[[], Mapping[str, ModuleSpec]]) -> None:
        self._main = main
        self._specs = specs
        self._windows: list[ResultWindow] = []
        self._opened = 0

    def all(self) -> list[ResultWindow]:
        """Return the windows that are open."""
        kept = []
        for window in self._windows:
            if window.isVisible():
                kept.append(window)
            else:
                window.deleteLater()
        self._windows = kept
        return list(kept)

    def show(
        self,
        output: Output,
        title: str,
        engine: Engine,
        inputs: Mapping[str, str] | None = None,
        open_trial: OpenTrial | None = None,
        models: Sequence[StoredModel] = (),
        chart: KeptChart | None = None,
    ) -> None:
        """Show an output; a window that shows it already comes to the front.

        ``inputs`` has what the user calls the data at inputs of the module, ``open_trial`` opens
        a trial of a leaderboard as a pipeline, ``models`` can be asked about rows of a table,
        ``chart`` keeps the chart that the user makes of it.
        """
        for window in self.all():
            if window.path == output.path:
                window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
                window.raise_()
                window.activateWindow()
                return
        from designer.app.views import open_result

        view = open_result(output, title, engine, self._specs(), inputs, open_trial, models, chart)
        window = ResultWindow(view, title, output.path)
        self._position(window)
        self._windows.append(window)
        window.show()

    def close(self) -> None:
        """Close all windows."""
        for window in self._windows:
            window.close()
            window.deleteLater()
        self._windows = []

    def _position(self, window: ResultWindow) -> None:
        """Put a window over the middle of the main window, a little off the previous one."""
        off = self._opened % STEPS * STEP
        self._opened += 1
        screen = self._main.screen()
        room = screen.availableGeometry() if screen is not None else None
        if room is not None:
            window.resize(window.size().boundedTo(room.size() - FRAME))
        middle = self._main.frameGeometry().center()
        corner = middle - QPoint(window.width() // 2, window.height() // 2)
        if room is not None:
            # On a small screen the title bar stays within reach.
            corner.setX(max(corner.x(), room.left()))
            corner.setY(max(corner.y(), room.top()))
        window.move(corner + QPoint(off, off))
