"""Jobs of the tests; run as a program, it does one of them as the real program does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from designer.app.background.control import Control
from designer.engine.events import Event
from designer.engine.results import RunResult


def echo(event: Event, result: RunResult, on_event: Callable[[Event], object]) -> RunResult:
    """Print, pass on an event, and return a result."""
    print("a library prints this")
    sys.__stdout__.write("and that\n")
    on_event(event)
    return result


def fail(kind: str) -> None:
    """Raise an error."""
    from designer.deployment import ServingError

    raise {
        "explained": ServingError("The port is in use.", "Choose another."),
        "system": FileNotFoundError(2, "No such file or directory", "x.csv"),
        "unexpected": RuntimeError("password=secret-of-mine"),
    }[kind]


def make(
    file: Path, seconds: float, remains: str, notify: Callable[[str], object], control: Control
) -> None:
    """Make something until interrupted, then roll it back, which takes some time."""
    from designer.deployment import ServingError

    control.roll_back()
    try:
        notify("made")
        _wait(600)
    except KeyboardInterrupt:
        notify("rolling back")
        _wait(seconds)
        file.touch()
        if remains:
            raise ServingError("It was ended.", remains) from None
        raise


def swallow(notify: Callable[[str], object]) -> None:
    """Let no interruption through, as a library that signs in may do."""
    while True:
        try:
            notify("waiting")
            _wait(600)
        except KeyboardInterrupt:
            pass


class Elsewhere:
    """Something that continues elsewhere; its end is written to a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.done = False

    def cancel(self) -> None:
        self.file.write_text("cancel")
        self.done = True

    def leave(self) -> None:
        self.file.write_text("leave")
        self.done = True


def send(file: Path, notify: Callable[[str], object], control: Control) -> str:
    """Send something, which isn't interrupted, and follow it."""
    control.hold()
    notify("sending")
    _wait(0.5)
    sent = Elsewhere(file)
    control.hand_to(sent)
    notify("sent")
    while not sent.done:
        time.sleep(0.01)
    return file.read_text()


def _wait(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


# The program calls functions of designer only.
for each in (echo, fail, make, swallow, send):
    each.__module__ = "designer.job_examples"

if __name__ == "__main__":
    from designer.app.background.program import main

    sys.modules["designer.job_examples"] = sys.modules["__main__"]
    sys.exit(main())
