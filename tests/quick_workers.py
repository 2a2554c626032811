"""Workers of the engine that start at once, for tests that are about something else.

To import pandas and scikit-learn takes a worker longer than its steps in a test. These are forked
from a process that has imported them and nothing of a run; each still is a process of its own, with
the environment that the test has. How workers start for a person is seen in tests/engine,
tests/samples, and wherever a test starts ``designer`` as a process.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest


@contextmanager
def quick_workers() -> Iterator[None]:
    """Let the engine of this process start its workers so; elsewhere than on Linux, as ever."""
    if sys.platform != "linux":
        yield
        return
    from forked_workers import forking_context

    from designer.engine.executors import processes

    stand_in = SimpleNamespace(get_context=lambda method: forking_context())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processes, "multiprocessing", stand_in)
        yield
