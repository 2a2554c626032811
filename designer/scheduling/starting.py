"""Starts the process of a run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from designer.paths import program_environment
from designer.scheduling.errors import ScheduleError
from designer.scheduling.processes import identity
from designer.scheduling.store import ScheduleStore


def start_now(store: ScheduleStore, name: str) -> None:
    """Start a run of a schedule, whether or not schedules are served.

    Raises
    ------
    ScheduleError
        If there is no such schedule, or a run of it is in progress.
    OSError
        If the process can't be started.
    """
    entry = store.entry(name)
    number = store.claim(entry, due=time.time(), now=time.time(), note="Started by you.")
    if number is None:
        raise ScheduleError(
            f"A run of the schedule “{name}” is in progress.", "Wait until it has finished."
        )
    try:
        start_process(store, number)
    except OSError as error:
        store.end(number, "failed", f"The run's process can't start: {error.strerror}.")
        raise


def start_process(store: ScheduleStore, number: int) -> subprocess.Popen[bytes]:
    """Start the process of a run that this process has claimed.

    It outlives this one.

    Raises
    ------
    OSError
        If it can't be started.
    """
    options: Mapping[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        options = {
            "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        }
    command = [sys.executable, "-P", "-m", "designer.scheduling.program"]
    return subprocess.Popen(
        [*command, str(store.workspace.folder), str(number), identity()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=program_environment(),
        **options,
    )
