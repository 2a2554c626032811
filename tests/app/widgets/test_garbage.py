"""Cycles with Qt objects are freed in the window's thread only."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject, QThread

from designer.app.widgets.qt_gc import GarbageCollector


class Knot(QObject):
    """A Qt object in a reference cycle."""

    def __init__(self, freed: list[object]) -> None:
        super().__init__()
        self.myself = self
        weakref.finalize(self, lambda: freed.append(QThread.currentThread()))


def allocate() -> None:
    for _ in range(3):
        keep = [[] for _ in range(20_000)]
        del keep


def test_another_thread_frees_nothing_and_the_windows_thread_does(qapp) -> None:
    collector = GarbageCollector(qapp)
    try:
        freed: list[object] = []
        Knot(freed)
        worker = threading.Thread(target=allocate)
        worker.start()
        worker.join()
        assert freed == []
        keep = [[] for _ in range(20_000)]
        assert collector.collect() is not None
        while freed == []:
            keep.extend([] for _ in range(20_000))
            collector.collect()
        assert freed == [qapp.thread()]
    finally:
        collector.end()
        collector.deleteLater()


def test_little_is_not_worth_a_collection(qapp) -> None:
    collector = GarbageCollector(qapp)
    try:
        gc.collect()
        assert collector.collect() is None
    finally:
        collector.end()
        collector.deleteLater()
    assert gc.isenabled()
