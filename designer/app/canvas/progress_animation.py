"""Repaints animated cards ten times a second."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QTimer

from designer.app.canvas.graph import Graph
from designer.app.canvas.items.card import STEP
from designer.app.shell.motion import reduced_motion


class ProgressAnimation:
    """The timer of running cards; it stops while there are none, or if motion is reduced."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._running: set[str] = set()
        self._timer = QTimer(graph)
        self._timer.setInterval(round(STEP * 1000))
        self._timer.timeout.connect(self._paint)

    @property
    def is_running(self) -> bool:
        """Whether anything is animated."""
        return self._timer.isActive()

    def set_running(self, names: Iterable[str]) -> None:
        """Animate exactly these."""
        self._running = set(names)
        self._run()

    def set_one(self, name: str, running: bool) -> None:
        """Animate one more, or one less."""
        if running:
            self._running.add(name)
        else:
            self._running.discard(name)
        self._run()

    def _run(self) -> None:
        if not self._running or reduced_motion():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def _paint(self) -> None:
        for name in self._running:
            item = self._graph.nodes.get(name)
            if item is not None:
                item.update()
        self._graph.frames.animate(self._running)
