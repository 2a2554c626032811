"""Runs with a step that works without an end (the toy ``busy``), for tests to be about its end."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from designer.engine import Engine, RunHandle, events
from designer.pipeline.model import Pipeline

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups")


def start_and_wait(
    engine: Engine, pipeline: Pipeline, base: Path, *, stored: str = "", **options: Any
) -> RunHandle:
    """Start a run and return once a step of it says how far it is.

    Parameters
    ----------
    stored : str
        A step whose result is to be stored by then: what reads it may start before.
    """
    begun, written = threading.Event(), threading.Event()
    if not stored:
        written.set()

    def on_event(event: events.Event) -> None:
        if isinstance(event, events.Progress):
            begun.set()
        elif isinstance(event, events.Completed) and event.node == stored:
            written.set()

    handle = engine.start(pipeline, base=base, on_event=on_event, **options)
    assert begun.wait(60)
    assert written.wait(60)
    return handle


def noted(note: Path) -> list[psutil.Process]:
    """Wait for a step's note and return the processes in it."""
    end = time.monotonic() + 60
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return [psutil.Process(int(pid)) for pid in note.read_text().split()]


def alive(process: psutil.Process) -> bool:
    """A zombie is dead, though nobody has asked after it yet."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_of(processes: list[psutil.Process]) -> bool:
    """Wait until all of them have ended; False if that takes long."""
    end = time.monotonic() + 30
    while any(alive(process) for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
