"""Imports what the first result needs before somebody asks for it.

The window is shown without these libraries. Importing them when the first table is
opened would let it stand still for half a second and more; a thread that imports
while nobody waits gives way to the window every few milliseconds.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from designer.app.relay import Relay

VIEWS = (
    "numpy",
    "pyarrow",
    "pyarrow.compute",
    "pyarrow.ipc",
    "pyqtgraph",
    "designer.engine.inspection",
    "designer.app.views.table_view",
    "designer.app.views.evaluation_view",
    "designer.app.views.model_view",
    "designer.app.views.files_view",
)
"""What the views of results import, the slowest first."""


class Libraries(QObject):
    """Imports modules on a thread of its own, one after the other.

    Parameters
    ----------
    names : sequence of str
        Modules; one that is missing is left to whoever needs it.

    Signals
    -------
    loaded
        All are imported.
    """

    loaded = Signal()

    def __init__(self, parent: QObject, names: Sequence[str] = VIEWS) -> None:
        super().__init__(parent)
        self._names = names
        self._stopping = threading.Event()
        self._relay = Relay(self)
        self._thread = threading.Thread(target=self._load, name="libraries")

    def load(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    @property
    def loading(self) -> bool:
        """Whether there is something to import still."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Wait for the module that is being imported, and leave out the rest."""
        self._relay.close()
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _load(self) -> None:
        for name in self._names:
            if self._stopping.is_set():
                return
            try:
                importlib.import_module(name)
            except ImportError:
                continue
        self._relay.post(self.loaded.emit)
