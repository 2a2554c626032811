"""Imports the libraries for the first result before it is opened.

The window is shown without these libraries. Importing them when the first table is
opened would block it for half a second or more; a thread that imports
in the background yields to the window every few milliseconds. What makes classes of
Qt is imported in the window's own thread: PySide registers such a class while Qt reads
the existing ones, and from another thread that may crash the process.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from designer.app.views.registry import view_modules
from designer.app.widgets.main_thread import MainThreadInvoker

LIBRARIES = (
    "numpy",
    "pyarrow",
    "pyarrow.compute",
    "pyarrow.ipc",
    "designer.engine.inspection",
)
"""What the views of results need, without Qt; the slowest first."""

VIEWS = ("pyqtgraph", *view_modules())
"""The views of results, and what they need that makes classes of Qt."""


class Preloader(QObject):
    """Imports modules one after the other, so that the window is hardly blocked.

    Parameters
    ----------
    names : sequence of str
        Modules for a thread; missing ones are ignored.
    views : sequence of str
        Modules for the window's thread, after those.

    Signals
    -------
    loaded
        All are imported.
    """

    loaded = Signal()

    def __init__(
        self,
        parent: QObject,
        names: Sequence[str] = LIBRARIES,
        views: Sequence[str] = VIEWS,
    ) -> None:
        super().__init__(parent)
        self._names = names
        self._views = views
        self._stopping = threading.Event()
        self._invoker = MainThreadInvoker(self)
        self._thread = threading.Thread(target=self._load, name="libraries")

    def load(self) -> None:
        """Start; returns at once."""
        self._thread.start()

    @property
    def loading(self) -> bool:
        """Whether there is something left to import."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Wait for the module that is being imported, and leave out the rest."""
        self._invoker.close()
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _load(self) -> None:
        for name in self._names:
            if self._stopping.is_set():
                return
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        self._invoker.post(lambda: self._load_views(self._views))

    def _load_views(self, names: Sequence[str]) -> None:
        """Import the first one; the others when the window is idle."""
        if not names:
            self.loaded.emit()
            return
        with contextlib.suppress(ImportError):
            importlib.import_module(names[0])
        self._invoker.post(lambda: self._load_views(names[1:]))
