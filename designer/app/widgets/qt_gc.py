"""Reference cycles of Qt objects are freed in the window's thread, and nowhere else."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 1_000
"""Milliseconds between checks of how much has accumulated."""


class GarbageCollector(QObject):
    """Replaces Python's automatic garbage collection while it exists.

    Python collects in whichever thread happens to allocate. A cycle with a Qt object
    in it would then be destroyed by a thread of the engine, which Qt doesn't
    allow and which ends in a crash.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(INTERVAL)

    def collect(self) -> int | None:
        """Collect the oldest generation that is due; return it, None if none is."""
        due = [
            generation
            for generation, (count, limit) in enumerate(
                zip(gc.get_count(), gc.get_threshold(), strict=True)
            )
            if limit and count > limit
        ]
        if not due:
            return None
        gc.collect(due[-1])
        return due[-1]

    def keep(self) -> None:
        """Exclude what exists now from collections: it stays, and checking it takes time.

        With the catalog and the libraries of the views loaded, a collection of the
        oldest generation would block the window for a tenth of a second.
        """
        gc.freeze()

    def end(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
