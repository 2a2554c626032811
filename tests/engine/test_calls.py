"""Calls for views: what is dropped or dies holds up nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from designer.engine.calls import Calls

pytestmark = pytest.mark.allow_leaks
"""A process that a test ends starts again by itself."""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    calls = Calls("calls", tmp_path_factory.mktemp("store"), patience=0.2)
    yield calls
    calls.close()


def leave_mark(path: str, seconds: float) -> str:
    Path(path).touch()
    time.sleep(seconds)
    return path


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("begun", [True, False])
def test_a_dropped_call_does_not_hold_up_the_next(
    calls: Calls, tmp_path: Path, begun: bool
) -> None:
    mark = tmp_path / "mark"
    dropped = calls.call(leave_mark, str(mark), 600)
    if begun:
        wait_for(mark)
    assert dropped.cancel()
    assert calls.call(divmod, 7, 2).result(30) == (3, 1)
    with pytest.raises(CancelledError):
        dropped.result(0)


def test_a_short_call_that_is_dropped_costs_no_process(calls: Calls, tmp_path: Path) -> None:
    before = calls.call(os.getpid).result(30)
    mark = tmp_path / "mark"
    dropped = calls.call(leave_mark, str(mark), 0.05)
    wait_for(mark)
    dropped.cancel()
    assert calls.call(os.getpid).result(30) == before


def test_a_call_that_waits_can_be_dropped_and_is_never_made(calls: Calls, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    first = calls.call(leave_mark, str(tmp_path / "first"), 0.2)
    second = calls.call(leave_mark, str(mark), 0.0)
    assert second.cancel()
    first.result(30)
    assert calls.call(len, "abc").result(30) == 3
    assert not mark.exists()


def test_a_process_that_dies_is_said_and_replaced(calls: Calls) -> None:
    pid = calls.call(os.getpid).result(30)
    fatal = calls.call(os._exit, 9)
    after = [calls.call(os.getpid) for _ in range(3)]
    assert fatal.exception(30) is not None
    assert len({each.result(30) for each in after} - {pid}) == 1


def test_an_error_of_the_function_is_passed_on(calls: Calls) -> None:
    with pytest.raises(ZeroDivisionError):
        calls.call(divmod, 1, 0).result(30)


def test_closing_cancels_what_goes_on(tmp_path: Path) -> None:
    calls = Calls("calls", tmp_path)
    going = calls.call(leave_mark, str(tmp_path / "mark"), 600)
    waiting = calls.call(len, "abc")
    wait_for(tmp_path / "mark")
    calls.close()
    assert going.cancelled()
    assert waiting.cancelled()
    with pytest.raises(RuntimeError):
        calls.call(len, "abc")


def twice_as_wide(value: float) -> object:
    class Own(Exception):
        """Can't be sent: the engine has no such class."""

    raise Own(f"not {value}")


def test_an_error_that_can_not_be_sent_is_told_in_words(calls: Calls) -> None:
    with pytest.raises(RuntimeError, match="Own: not 1"):
        calls.call(twice_as_wide, 1).result(30)


@pytest.mark.parametrize("reported", [False, True])
def test_nobody_waits_for_a_call_of_a_process_that_was_closed(
    tmp_path: Path, reported: bool
) -> None:
    """However far the process has come: at once, and when it has just reported."""
    for _ in range(3):
        calls = Calls("calls", tmp_path)
        if reported:
            calls.call(os.getpid).result(30)
        futures = [calls.call(time.sleep, 0.1) for _ in range(3)]
        calls.close()
        assert all(future.cancelled() for future in futures)
