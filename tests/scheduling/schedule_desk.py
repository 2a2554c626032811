"""A server with a clock that only the test moves, and runs that only the test ends."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import Executor, Future
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from designer.scheduling.entry import Occurrence
from designer.scheduling.processes import identity
from designer.scheduling.schedule import Schedule
from designer.scheduling.server import Server
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import read_cron, read_interval
from designer.workspace import Workspace

BERLIN = "Europe/Berlin"


def at(text: str, zone: str = BERLIN) -> float:
    """Return a moment, ``2026-03-29 02:30`` for example; ``*`` at the end: the second time."""
    local = datetime.fromisoformat(text.rstrip("*")).replace(tzinfo=ZoneInfo(zone))
    return local.replace(fold=int(text.endswith("*"))).timestamp()


def shown(moment: float, zone: str = BERLIN) -> str:
    """Return a moment with its offset, so that a time that comes twice is unique."""
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).strftime("%m-%d %H:%M %z")


class AtOnce(Executor):
    """Calls a function at once, in this thread."""

    def submit(self, function, /, *arguments, **named):
        future = Future()
        try:
            future.set_result(function(*arguments, **named))
        except Exception as error:
            future.set_exception(error)
        return future


class Desk:
    """A store, a clock that only the test moves, and a server whose runs the test ends."""

    def __init__(self, folder: Path) -> None:
        self.store = ScheduleStore(Workspace(folder))
        self.folder = folder
        self.now = at("2026-01-01 12:00")
        self.started: list[Occurrence] = []
        self.server = self.new_server()
        # Ends with every run, unless the test says otherwise.
        self.outcome: str | None = "completed"

    def new_server(self) -> Server:
        return Server(self.store, clock=lambda: self.now, start=self._start, executor=AtOnce())

    def add(self, trigger="* * * * *", *, name="nightly", zone=BERLIN, now=None, **fields):
        if isinstance(trigger, str):
            moment = self.now if now is None else now
            trigger = read_cron(trigger, zone) if " " in trigger else read_interval(trigger, moment)
        fields = {"file": str(self.folder / "x.pipeline.json"), "notify": (), **fields}
        schedule = Schedule(name=name, trigger=trigger, created=self.now, **fields)
        mark = ""
        if schedule.trigger.kind in ("change", "dataset"):
            mark = schedule.trigger.observe(self.store.workspace).mark
        return self.store.add(schedule, mark=mark, now=self.now)

    def go(self, text: str, *, step: float = 60.0) -> list[str]:
        """Let the clock run to a moment with a look every minute; return the due times begun."""
        before, end = len(self.started), at(text)
        while self.now < end:
            self.now = min(end, self.now + step)
            self.server.tick()
        return [shown(each.due) for each in self.started[before:]]

    def jump(self, text: str) -> list[str]:
        """Set the clock to a moment, as after sleep, and look once."""
        before = len(self.started)
        self.now = at(text)
        self.server.tick()
        return [shown(each.due) for each in self.started[before:]]

    def tick(self, seconds: float) -> int:
        """Let some seconds pass, look once, and return how many runs began."""
        before = len(self.started)
        self.now += seconds
        self.server.tick()
        return len(self.started) - before

    def states(self, name: str = "nightly") -> list[str]:
        return [each.state for each in reversed(self.store.history(name))]

    def end(self, state: str = "completed") -> None:
        assert self.store.end(self.started[-1].id, state, now=self.now)

    def _start(self, store: ScheduleStore, number: int) -> subprocess.Popen[bytes] | None:
        begun = store.begin(number, identity(), self.now)
        assert begun is not None
        self.started.append(begun)
        if self.outcome:
            self.end(self.outcome)
        return None


def wait_until(question, seconds: float = 60.0) -> None:
    """Wait for another process."""
    end = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)
