"""Helpers of the tests that need a whole window."""

from __future__ import annotations

import os
from collections.abc import Mapping

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier

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


def warm(engine: Engine, table: Mapping[str, str] = TABLE) -> None:
    """Start everything that starts late, so that no test seems to leave it behind.

    Parameters
    ----------
    table : mapping
        Parameters of a step whose result is in the store afterwards.
    """
    engine.warm_up()
    engine.call(os.getpid).result(timeout=60)
    one, _ = edits.add_node(Pipeline(), "enter_data_manually", parameters=table)
    two, _ = edits.add_node(one, "enter_data_manually", parameters=table)
    engine.run(two, base=engine.workspace.folder, reuse=False)
    engine.sample(one, base=engine.workspace.folder)


def close(window) -> None:
    """Close a window whatever is in it, and let Qt take it apart, unless the test has."""
    if not shiboken6.isValid(window):
        return
    window.document.undo_stack.setClean()
    window.controller.forget()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def nodes(window) -> list[str]:
    return list(window.document.pipeline.nodes)


def add(window, *modules: str) -> None:
    for module in modules:
        window.modules.add_at_center(module)


def key(window, code, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or window, code, modifiers)
    QApplication.processEvents()


def linked() -> Pipeline:
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", position=(0, 0))
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 150))
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(split, "dataset"))
