"""Helpers of the tests that need a whole window."""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

TABLE = {"data": "a,b\n1,x\n2,y\n3,x\n4,y\n"}
"""Parameters of a node that gives a small table."""


class LentEngine:
    """An engine that outlives the window it is lent to; all else is the engine's own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> object:
        return getattr(self._engine, name)

    def close(self) -> None:
        """Stay open for the next window."""


def warm(engine: Engine) -> None:
    """Start everything that starts late, so that no test seems to leave it behind."""
    engine.warm_up()
    engine.call(os.getpid).result(timeout=60)
    one, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    two, _ = edits.add_node(one, "enter_data_manually", parameters=TABLE)
    engine.run(two, base=engine.workspace.folder, reuse=False)
    engine.sample(one, base=engine.workspace.folder)


def close(window) -> None:
    """Close a window whatever is in it, and let Qt take it apart."""
    window.document.undo_stack.setClean()
    window.controller.forget()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
