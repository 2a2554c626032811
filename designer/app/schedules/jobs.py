"""Serves the schedules in a separate process while a window is open."""

from __future__ import annotations

import threading
from pathlib import Path

from designer.app.background.control import Control
from designer.scheduling.server import Server
from designer.scheduling.store import ScheduleStore
from designer.workspace import Workspace


def serve(workspace: Path, control: Control) -> None:
    """Serve the schedules of a workspace until the window closes; runs in progress finish."""
    server = Server(ScheduleStore(Workspace(workspace)), "window")
    stop = threading.Event()

    class Ending:
        """Ends the server, whatever the window asks for."""

        def cancel(self) -> None:
            stop.set()
            server.wake()

        leave = cancel

    control.hand_to(Ending())
    server.serve(stop)
