"""Runs a plan: decides what to reuse, what to run and when, and reports progress.

One thread does it all; workers, store and the user's wish to cancel put messages
into its queue. A step counts as completed only when its outputs are stored; steps
that need them may start as soon as they are computed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from designer.engine import events
from designer.engine.dependencies import Dependencies
from designer.engine.executors.base import Computed, Executor, StepError, plain_error
from designer.engine.logs import log_name
from designer.engine.plan import Plan, Step
from designer.engine.results import RunResult
from designer.engine.reuse import ResultFinder
from designer.engine.step_state import ENDED, StepState, run_status
from designer.engine.store.entry import Manifest
from designer.engine.store.store import Store
from designer.engine.tasks import make_listener, make_task, stop_file, with_source


class Runner:
    """One run of a plan.

    Parameters
    ----------
    run : str
        The run's id.
    logs : Path
        The folder for the logs of the steps.
    base : Path
        The working folder of the steps.
    reuse : bool
        Whether stored results may be reused.
    resume : collection of str
        As for :class:`ResultFinder`.
    listeners : sequence of callable
        Called with every event, on the thread that calls :meth:`run`.
    """

    def __init__(
        self,
        run: str,
        plan: Plan,
        store: Store,
        executor: Executor,
        *,
        logs: Path,
        base: Path,
        reuse: bool = True,
        resume: Collection[str] = (),
        listeners: Sequence[events.EventListener] = (),
    ) -> None:
        self._run = run
        self._plan = plan
        self._store = store
        self._executor = executor
        self._logs = logs
        self._base = base
        self._reuse = reuse
        self._listeners = listeners
        self._messages: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._states = {node: StepState(step) for node, step in plan.steps.items()}
        self._dependencies = Dependencies(plan, self._states)
        self._finder = ResultFinder(
            run, store, self._dependencies, self._note, self._check, reuse=reuse, resume=resume
        )
        self._open = len(self._states)
        self._to_advance: deque[str] = deque()
        # Steps that have reported trials.
        self._searching: set[str] = set()
        self._cancelled = False
        self._cancel = threading.Event()

    def cancel(self) -> None:
        """Request the cancellation of the run; may be called from any thread."""
        self._cancel.set()
        self._messages.put(("cancel",))

    def cancel_branch(self, node: str) -> None:
        """Request the cancellation of a step, from any thread; steps that need it are skipped."""
        self._messages.put(("cancel branch", node))

    def stop(self) -> bool:
        """Ask the steps that search to stop and to keep what they have, from any thread.

        Returns
        -------
        bool
            Whether there is such a step.
        """
        found = False
        for node in list(self._searching):
            log = self._states[node].log
            if log is not None and self._states[node].status == "submitted":
                stop_file(log).touch()
                found = True
        return found

    def run(self) -> RunResult:
        """Run the plan to its end and return the result."""
        began = time.perf_counter()
        self._emit(events.RunStarted(run=self._run, nodes=tuple(self._states)))
        try:
            self._to_advance.extend(self._states)
            while self._open:
                if self._cancel.is_set() and not self._cancelled:
                    self._cancel_all()
                elif self._to_advance and not self._cancelled:
                    self._advance(self._to_advance.popleft())
                else:
                    self._take(*self._messages.get())
        except BaseException:
            # This is an internal error of the engine: no step may continue without a run.
            self._cancel_all()
            raise
        finally:
            # What a worker was about to hand on when the run was cancelled, for example.
            self._executor.forget(frozenset(state.key for state in self._states.values()))
            self._store.release(self._run)
        self._store.tidy()
        statuses = {state.status for state in self._states.values()}
        status = run_status(statuses, cancelled=self._cancelled)
        seconds = time.perf_counter() - began
        self._emit(events.RunFinished(run=self._run, status=status, seconds=seconds))
        nodes = {node: state.result(began) for node, state in self._states.items()}
        metrics = {node: state.metrics for node, state in self._states.items() if state.metrics}
        return RunResult(self._run, status, seconds, nodes, metrics)

    # What is done with a step, in the order in which it happens to it.

    def _advance(self, node: str) -> None:
        """Advance a waiting step as far as possible."""
        state = self._states[node]
        if state.status != "waiting":
            return
        step = state.step
        if node in self._plan.disabled:
            self._skip(node, "It is disabled.")
            return
        reason = self._dependencies.obstacle(step)
        if reason:
            self._skip(node, reason)
            return
        if step.problem is not None:
            self._fail(node, step.problem)
            return
        if not state.base and not self._has_fingerprint(state):
            return
        if not state.searched:
            state.searched = True
            if self._found(node):
                return
            self._check_inputs(step)
        if self._dependencies.are_met(step):
            self._submit(node)

    def _has_fingerprint(self, state: StepState) -> bool:
        """Return whether the fingerprint of a step is known by now."""
        try:
            return self._finder.identify(state)
        except _CancelledError:
            return False
        except OSError as error:
            name = error.filename or str(state.step.files[0])
            message = f"“{name}” can't be read: {error.strerror}."
            self._fail(state.step.node, {"code": "file-unreadable", "message": message})
            return False

    def _found(self, node: str) -> bool:
        """Reuse a stored result if there is one that may be."""
        state = self._states[node]
        manifest = self._finder.find(state)
        if manifest is None:
            return False
        state.key = manifest["key"]
        state.by_content = bool(manifest.get("volatile"))
        state.take(manifest, self._store.path(manifest["key"]))
        self._end(node, "reused")
        self._emit(events.Reused(run=self._run, node=node, outputs=state.outputs))
        self._queue_dependents(node)
        return True

    def _check_inputs(self, step: Step) -> None:
        """Compare the stored results that a step will read; a damaged one is recomputed."""
        for source in step.inputs.values():
            above = self._states[source.node]
            used = above.status == "reused" and source.port in above.outputs
            if used and not self._finder.is_sound(above, source.port):
                self._recompute(source.node)

    def _recompute(self, node: str) -> None:
        """Restart a step whose stored result is gone, and the steps that depend on it."""
        waiting = [node]
        seen = set()
        while waiting:
            node = waiting.pop()
            state = self._states[node]
            if node in seen or state.status not in ("reused", "waiting"):
                continue
            seen.add(node)
            if state.status == "reused":
                self._open += 1
                self._dependencies.add_reader(node)
            state.reset()
            self._to_advance.append(node)
            waiting += self._dependencies.below(node)

    def _submit(self, node: str) -> None:
        state = self._states[node]
        step = state.step
        assert step.spec is not None
        self._store.pin(state.key, self._run)
        state.log = self._logs / log_name(node)
        task = make_task(state, self._dependencies, self._base, reuse=self._reuse)
        state.status = "submitted"
        state.queued = time.perf_counter()
        self._emit(events.Queued(run=self._run, node=node))
        put, attempt = self._messages.put, state.attempt
        listener = make_listener(put, node, attempt)
        state.future = self._executor.submit(task, state.log, listener)
        state.future.add_done_callback(lambda done: put(("done", node, attempt, done)))

    def _take(self, kind: str, *content: Any) -> None:
        """Process one message."""
        if kind == "cancel":
            return
        if kind == "cancel branch":
            self._cancel_step(content[0])
            return
        node, attempt, *rest = content
        state = self._states[node]
        if attempt != state.attempt or (state.status in ENDED and kind != "line"):
            return
        if kind == "running":
            state.began, state.worker = time.perf_counter(), rest[0]
            self._emit(
                events.Running(
                    run=self._run, node=node, threads=state.step.threads, worker=state.worker
                )
            )
        elif kind == "progress":
            self._emit(events.Progress(run=self._run, node=node, fraction=rest[0], text=rest[1]))
        elif kind == "trial":
            self._searching.add(node)
            self._emit(events.TrialEnded(run=self._run, node=node, trial=rest[0]))
        elif kind == "line":
            self._emit(events.LogLine(run=self._run, node=node, text=rest[0], stream=rest[1]))
        elif kind == "computed":
            self._on_computed(node, rest[0])
        else:
            self._on_done(node, rest[0])

    def _on_computed(self, node: str, computed: Computed) -> None:
        state = self._states[node]
        if state.status != "submitted":
            return
        state.status = "computed"
        if computed.key and computed.key != state.key:
            self._on_stopped(node, computed.key)
        state.measure(computed, time.perf_counter())
        self._release_values(node)
        self._queue_dependents(node)

    def _on_stopped(self, node: str, key: str) -> None:
        """Take the outputs of a step that was stopped: only this run's steps may read them."""
        state = self._states[node]
        state.key = key
        self._store.pin(key, self._run)
        waiting = self._dependencies.below(node)
        while waiting:
            below = self._states[waiting.pop()]
            if below.status == "waiting" and below.base:
                below.reset()
                waiting += self._dependencies.below(below.step.node)

    def _on_done(self, node: str, done: Future[Manifest]) -> None:
        state = self._states[node]
        if done.cancelled():
            self._end(node, "cancelled")
            self._emit(events.Cancelled(run=self._run, node=node))
            self._queue_dependents(node)
            return
        error = done.exception()
        if error is None:
            manifest = done.result()
            self._store.add(manifest)
            state.take(manifest, self._store.path(manifest["key"]))
            self._end(node, "completed")
            self._emit(
                events.Completed(
                    run=self._run, node=node, seconds=state.seconds, outputs=state.outputs
                )
            )
            self._queue_dependents(node)
        elif isinstance(error, StepError) and error.lost and self._cancelled:
            self._end(node, "cancelled")
            self._emit(events.Cancelled(run=self._run, node=node))
        elif isinstance(error, StepError) and error.lost and state.attempt < 2:
            self._try_again(node)
        else:
            plain = plain_error(error)
            self._fail(node, with_source(plain, state, self._states))

    def _try_again(self, node: str) -> None:
        """Queue a step again whose result, or an input, was lost with a worker."""
        state = self._states[node]
        state.attempt += 1
        state.status = "waiting"
        state.present = None
        self._dependencies.add_reader(node)
        if not self._dependencies.obstacle(state.step):
            self._note(node, "The worker ended before this was stored, so the step runs again.")
        self._to_advance.append(node)

    # What follows for others.

    def _queue_dependents(self, node: str) -> None:
        self._to_advance.extend(self._dependencies.below(node))

    def _release_values(self, node: str) -> None:
        """Drop values from the workers' memory that no other step needs."""
        keys = self._dependencies.no_longer_read(node)
        if keys:
            self._executor.forget(keys)

    def _fail(self, node: str, error: Mapping[str, Any]) -> None:
        state = self._states[node]
        state.error = dict(error)
        if state.began:
            state.seconds = time.perf_counter() - state.began
        self._end(node, "failed")
        self._emit(
            events.Failed(run=self._run, node=node, error=state.error, seconds=state.seconds)
        )
        self._queue_dependents(node)

    def _skip(self, node: str, reason: str) -> None:
        state = self._states[node]
        state.reason = reason
        self._end(node, "skipped")
        self._emit(events.Skipped(run=self._run, node=node, reason=reason))
        self._queue_dependents(node)

    def _cancel_all(self) -> None:
        self._cancelled = True
        for node in self._states:
            self._cancel_step(node)

    def _cancel_step(self, node: str) -> None:
        state = self._states[node]
        future = state.future
        if state.status in ENDED:
            return
        if state.status == "computed" and future is not None and not future.done():
            # Its result is being stored already; that takes a moment only.
            return
        if state.status == "submitted" and future is not None:
            future.cancel()
            return
        self._end(node, "cancelled")
        self._emit(events.Cancelled(run=self._run, node=node))
        self._queue_dependents(node)

    def _end(self, node: str, status: str) -> None:
        state = self._states[node]
        if state.status not in ENDED:
            self._open -= 1
        state.status = status
        state.ended = time.perf_counter()
        self._release_values(node)

    def _check(self) -> None:
        """Raise if the run is to be cancelled: reading a large file takes long."""
        if self._cancel.is_set():
            raise _CancelledError

    def _note(self, node: str, text: str) -> None:
        self._emit(events.LogLine(run=self._run, node=node, text=text, stream="engine"))

    def _emit(self, event: events.Event) -> None:
        events.notify(self._listeners, event)


class _CancelledError(Exception):
    """The run was cancelled while a file was read."""
