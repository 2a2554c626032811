"""Passes a run's events from the engine's threads to the window's, not too often."""

from __future__ import annotations

import threading
from collections import deque

from PySide6.QtCore import QObject, QTimer, Signal

from designer.app.widgets.main_thread import MainThreadInvoker
from designer.engine import events

INTERVAL = 50
"""Milliseconds between two hand-overs of events."""

LINES_AT_ONCE = 1000
"""Log lines kept between two hand-overs; of a flood the latest stay, the file has all."""


class EventThrottle(QObject):
    """Gathers events and hands them over at most twenty times a second.

    Signals
    -------
    delivered : list of Event, list of (str, str, str)
        Events, and node, text, and stream of log lines.
    """

    delivered = Signal(list, list)

    def __init__(self, invoker: MainThreadInvoker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._invoker = invoker
        self._lock = threading.Lock()
        self._events: list[events.Event] = []
        self._lines: deque[tuple[str, str, str]] = deque(maxlen=LINES_AT_ONCE)
        self._asked = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self.deliver)

    def gather(self, event: events.Event) -> None:
        """Add an event, from any thread."""
        with self._lock:
            if isinstance(event, events.LogLine):
                self._lines.append((event.node, event.text, event.stream))
            else:
                self._events.append(event)
            asked, self._asked = self._asked, True
        if not asked:
            self._invoker.post(self._timer.start)

    def deliver(self) -> None:
        """Hand over what there is, without waiting longer."""
        with self._lock:
            gathered, self._events = self._events, []
            lines = list(self._lines)
            self._lines.clear()
            self._asked = False
        if gathered or lines:
            self.delivered.emit(gathered, lines)

    def close(self) -> None:
        """Stop handing over."""
        self._timer.stop()
