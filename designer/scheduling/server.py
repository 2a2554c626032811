"""Starts the runs of schedules when they are due, or when something has changed.

Any number of servers may serve one workspace: each due time is claimed by one of them.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

from designer.scheduling.delivery import notify
from designer.scheduling.entry import Entry, Occurrence
from designer.scheduling.errors import ScheduleError
from designer.scheduling.server_list import ServerList
from designer.scheduling.starting import start_process
from designer.scheduling.store import ScheduleStore
from designer.scheduling.times import Cron, Interval, times_between
from designer.scheduling.triggers import ChangeTrigger, Observation
from designer.scheduling.watching import Watcher
from designer.workspace import WorkspaceError

TICK = 5.0
"""Seconds between two looks at the clock: it may be set, and the computer may sleep."""

GRACE = 60.0
"""Seconds after which a due time counts as missed."""

LONGEST_SEARCH = 7 * 86_400.0
"""Seconds of the past that are searched for missed times; it is enough to know that there are."""

CHECKED = 300.0
"""Seconds after which it is stored that a trigger has looked and found nothing new."""

MISSED = "It was missed: no schedules were served at that time."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Unsettled:
    """A change that may not be complete yet.

    Parameters
    ----------
    since : float
        When it was seen first.
    is_late : bool
        Whether nothing was served when it happened.
    """

    mark: str
    since: float
    is_late: bool


class Server:
    """Starts runs of a workspace's schedules.

    Parameters
    ----------
    kind : str
        What it is part of; see :class:`designer.scheduling.entry.Server`.
    clock : callable
        Returns seconds since 1970.
    start : callable
        Starts the process of a claimed run.
    executor : Executor, optional
        Where triggers look for changes, which may take long; default: threads.
    """

    def __init__(
        self,
        store: ScheduleStore,
        kind: str = "command",
        *,
        clock: Callable[[], float] = time.time,
        start: Callable[[ScheduleStore, int], subprocess.Popen[bytes] | None] | None = None,
        executor: Executor | None = None,
    ) -> None:
        self._store = store
        self._kind = kind
        self._clock = clock
        self._start: Callable[[ScheduleStore, int], subprocess.Popen[bytes] | None] = (
            start or start_process
        )
        self._executor = executor or ThreadPoolExecutor(4, "schedules")
        self._watcher = Watcher()
        self._started: dict[int, subprocess.Popen[bytes]] = {}
        self._looking: dict[str, Future[Observation]] = {}
        self._unsettled: dict[str, _Unsettled] = {}
        self._looked: dict[str, float] = {}
        self._reported: dict[str, int] = {}
        self._previous: float | None = None

    def serve(self, stop: threading.Event) -> None:
        """Serve until an event is set; runs in progress finish.

        Raises
        ------
        WorkspaceError
            If the workspace can't be used.
        """
        servers = ServerList(self._store.workspace)
        servers.enter(self._kind, self._clock())
        try:
            while not stop.is_set():
                try:
                    self.tick()
                except WorkspaceError as error:
                    # A full disk, a drive that is away: it may come back.
                    _log.warning("%s %s", error.message, error.hint)
                self._watcher.wait(TICK, stop)
        finally:
            self._watcher.close()
            self._executor.shutdown(wait=False, cancel_futures=True)
            servers.leave()

    def wake(self) -> None:
        """Let :meth:`serve` look at the clock and its event now; can be called from any thread."""
        self._watcher.wake()

    def tick(self) -> None:
        """Start what is due now."""
        now = self._clock()
        self._collect(now)
        for occurrence in self._store.take_over():
            self._resume(occurrence, now)
        for occurrence in self._store.interrupted(now):
            self._notify(occurrence.id)
        entries = self._store.entries(lambda error: _log.warning("%s %s", error, error.hint))
        active = [entry for entry in entries if not entry.paused]
        set_back = self._previous is None or now < self._previous
        self._previous = now
        self._watcher.watch(
            path
            for entry in active
            if not isinstance(entry.schedule.trigger, Cron | Interval)
            for path in entry.schedule.trigger.watched
        )
        for entry in active:
            try:
                self._check(entry, now, set_back)
            except WorkspaceError:
                raise
            except Exception:
                # It mustn't keep the others from running.
                _log.exception("The schedule “%s” can't be served.", entry.name)

    def _check(self, entry: Entry, now: float, set_back: bool) -> None:
        trigger = entry.schedule.trigger
        if isinstance(trigger, Cron | Interval):
            self._check_time(entry, trigger, now, set_back)
        else:
            self._check_change(entry, trigger, now)

    def _check_time(
        self, entry: Entry, trigger: Cron | Interval, now: float, set_back: bool
    ) -> None:
        due = entry.next_due
        if due is None:
            return
        if due > now:
            following = trigger.after(now) if set_back else None
            if following is not None and following < due:
                # The clock was set back: what has run at a time doesn't run at it again.
                self._store.reschedule(entry, times_between(trigger, now, due))
            return
        last, missed = due, 0
        for each in times_between(trigger, max(due, now - LONGEST_SEARCH), now):
            last, missed = each, missed + 1
        state, reason, note = "waiting", "", ""
        is_late = now - last > GRACE
        if entry.schedule.missed == "skip":
            if entry.active:
                state, reason = "skipped", "The previous run was still in progress."
            elif is_late:
                state, reason = "skipped", MISSED
        elif entry.active:
            # It stays due until that one has ended.
            return
        elif is_late or missed:
            count = missed + is_late
            note = f"For {count} missed time{'' if count == 1 else 's'}."
        number = self._store.claim(
            entry,
            due=last,
            now=now,
            next_due=trigger.after(now),
            state=state,
            reason=reason,
            note=note,
        )
        if number is not None and state == "waiting":
            self._launch(number)

    def _check_change(self, entry: Entry, trigger: ChangeTrigger, now: float) -> None:
        look = self._looking.get(entry.name)
        if look is None:
            last = self._looked.get(entry.name, entry.checked)
            waits = entry.name in self._unsettled and not entry.active
            pause = trigger.settle if waits else trigger.every
            reported = self._watcher.count(trigger.watched)
            is_new = reported != self._reported.get(entry.name, 0)
            if 0 <= now - last < pause and not is_new:
                return
            self._reported[entry.name] = reported
            look = self._executor.submit(trigger.observe, self._store.workspace)
            look.add_done_callback(lambda _: self._watcher.wake())
        if look.done():
            self._looking.pop(entry.name, None)
            self._take(entry, trigger, look, now)
            self._looked[entry.name] = now
        else:
            self._looking[entry.name] = look

    def _take(
        self, entry: Entry, trigger: ChangeTrigger, look: Future[Observation], now: float
    ) -> None:
        """Act on what a trigger has found."""
        try:
            found = look.result()
        except Exception as error:
            self._unsettled.pop(entry.name, None)
            problem = f"Unexpected error ({type(error).__name__}): {error}"
            if isinstance(error, ScheduleError | WorkspaceError):
                problem = f"{error.message} {error.hint}".strip()
            if problem != entry.problem:
                number = self._store.claim(
                    entry, due=now, now=now, state="attention", reason=problem
                )
                self._store.note_check(entry.name, now, problem)
                self._notify(number)
            return
        last = self._looked.get(entry.name, entry.checked)
        if entry.problem or now - entry.checked > CHECKED:
            self._store.note_check(entry.name, now, "")
        if found.mark == entry.mark:
            self._unsettled.pop(entry.name, None)
            return
        pending = self._unsettled.get(entry.name)
        if pending is None or pending.mark != found.mark:
            is_late = now - last > CHECKED + 2 * trigger.every + trigger.settle
            pending = self._unsettled[entry.name] = _Unsettled(found.mark, now, is_late)
        if now - pending.since < trigger.settle:
            return
        state, reason = "waiting", ""
        if pending.is_late and entry.schedule.missed == "skip":
            state, reason = "skipped", MISSED
        elif entry.active:
            # The change stays new until that run has ended.
            return
        del self._unsettled[entry.name]
        if not found.starts:
            self._store.note_check(entry.name, now, "", found.mark)
            return
        number = self._store.claim(
            entry, due=now, now=now, mark=found.mark, state=state, reason=reason, note=found.note
        )
        if number is not None and state == "waiting":
            self._launch(number)

    def _resume(self, occurrence: Occurrence, now: float) -> None:
        """Start what another server had claimed and was killed before it began."""
        try:
            missed = self._store.entry(occurrence.schedule).schedule.missed
        except ScheduleError:
            missed = "skip"
        if missed == "skip" and now - occurrence.due > GRACE:
            reason = "It was missed: the server ended before the run began."
            self._store.end(occurrence.id, "skipped", reason, now=now)
        else:
            self._launch(occurrence.id)

    def _launch(self, number: int) -> None:
        try:
            process = self._start(self._store, number)
        except OSError as error:
            reason = f"The run's process can't start: {error.strerror or error}."
            self._store.end(number, "failed", reason, now=self._clock())
            self._notify(number)
        else:
            if process is not None:
                self._started[number] = process

    def _collect(self, now: float) -> None:
        """Collect the processes that have ended; one that never began its run has failed."""
        for number, process in list(self._started.items()):
            status = process.poll()
            if status is None:
                continue
            del self._started[number]
            occurrence = self._store.occurrence(number)
            if occurrence is not None and occurrence.state == "waiting":
                reason = f"The run's process ended before it began (exit status {status})."
                self._store.end(number, "failed", reason, now=now)
                self._notify(number)

    def _notify(self, number: int | None) -> None:
        if number is not None:
            self._executor.submit(notify, self._store, number)
