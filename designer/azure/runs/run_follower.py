"""Follows a run on Azure ML and reports it as the engine's events."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from designer.azure.errors import AzureError, without_secrets
from designer.azure.runs.output_download import download_outputs
from designer.azure.runs.remote import RemotePipeline, RemotePipelineState, RemoteStepState
from designer.azure.runs.remote_record import RemoteRecord, RemoteStep
from designer.azure.runs.response_watch import ResponseWatch
from designer.azure.workspace import Notify
from designer.engine import events
from designer.engine.logs import LogFile
from designer.engine.results import NodeResult, Output, RunResult

PATIENCE = 600.0
"""Seconds without a response after which a run is no longer followed."""

_log = logging.getLogger(__name__)


class RunFollower:
    """Polls a remote pipeline until it ends.

    Parameters
    ----------
    run : str
        The id of the local run.
    record : RemoteRecord
        What was submitted.
    folder : Path
        The local run's folder: gets ``logs`` and ``outputs``.
    poll : float
        Seconds between two polls.
    again : bool
        Whether it was followed before: logs are written again.
    notify : callable
        Receives that Azure ML doesn't respond, and that it does again.
    """

    def __init__(
        self,
        run: str,
        remote: RemotePipeline,
        record: RemoteRecord,
        folder: Path,
        *,
        on_event: Callable[[events.Event], None] | None = None,
        poll: float = 5.0,
        again: bool = False,
        notify: Notify = print,
    ) -> None:
        self._run = run
        self._remote = remote
        self._folder = folder
        self._on_event = on_event
        self._fetch = record.fetch
        self._poll = poll
        self._again = again
        self._steps = {step.id: _Followed(step) for step in record.steps}
        # Those of steps have the names of the cards around them before a “/”.
        self._cards = {str(above) for name in self._steps for above in PurePosixPath(name).parents}
        self._left_out = record.left_out
        self._watch = ResponseWatch(run, notify)
        self._wake = threading.Event()
        self._cancel = False
        self._left = False

    def cancel(self) -> None:
        """Request the cancellation of the run; may be called from any thread."""
        self._cancel = True
        self._wake.set()

    def leave(self) -> None:
        """Stop following; may be called from any thread."""
        self._left = True
        self._wake.set()

    def follow(self) -> RunResult | None:
        """Follow the run to its end and return the result; None if it was left.

        Raises
        ------
        AzureError
            If there is no response for :data:`PATIENCE`, or the sign-in has expired.
        """
        began = time.perf_counter()
        nodes = tuple(followed.node for followed in self._steps.values())
        self._emit(events.RunStarted(run=self._run, nodes=(*nodes, *self._left_out)))
        for node, reason in self._left_out.items():
            self._emit(events.Skipped(run=self._run, node=node, reason=reason))
        try:
            with self._watch:
                state = self._poll_to_the_end()
        finally:
            for followed in self._steps.values():
                _close_log(followed)
        if state is None:
            return None
        seconds = self._service_seconds(state) if self._again else time.perf_counter() - began
        error = self._pipeline_error(state)
        self._emit(events.RunFinished(run=self._run, status=state.status, seconds=seconds))
        return self._result(state.status, seconds, error)

    def _service_seconds(self, state: RemotePipelineState) -> float:
        """Return how long the run has worked while it wasn't followed."""
        try:
            return self._remote.ended(RemoteStepState(self._remote.id, state.status)).seconds
        except AzureError as error:
            _log.info("Azure ML didn't report the duration of the run: %s", error.message)
            return 0.0

    def _pipeline_error(self, state: RemotePipelineState) -> str:
        """Return why a pipeline failed of which no step failed: no machine, a policy, a quota."""
        if state.status != "failed" or any(
            each.status == "failed" for each in self._steps.values()
        ):
            return ""
        try:
            error = self._remote.ended(RemoteStepState(self._remote.id, state.status)).error
        except AzureError as problem:
            return f"Azure ML didn't return the reason. {problem.message}"
        return without_secrets(error.strip()) or "Azure ML returned no reason."

    def _poll_to_the_end(self) -> RemotePipelineState | None:
        cancel_sent = reached = False
        last_answer = time.monotonic()
        while not self._left:
            self._wake.clear()
            try:
                if self._cancel and not cancel_sent:
                    with self._watch.request():
                        self._remote.cancel()
                    cancel_sent = True
                with self._watch.request():
                    state = self._remote.state(self._cards)
                reached = True
                self._take(state)
                last_answer = time.monotonic()
                if state.status in ("completed", "failed", "cancelled"):
                    self._finish(state)
                    return state
            except AzureError as error:
                passing = error.passing or (error.once_reached and reached)
                if not passing or time.monotonic() - last_answer > PATIENCE:
                    raise AzureError(
                        f"{error.message} The run keeps running on Azure ML: {self._remote.url}",
                        error.hint,
                    ) from None
                _log.info("Azure ML didn't respond: %s", error.message)
                self._watch.check()
            self._wake.wait(self._poll)
        return None

    def _take(self, state: RemotePipelineState) -> None:
        """Return what has changed since the last check."""
        for name, step in state.steps.items():
            followed = self._steps.get(name)
            if followed is None or followed.ended:
                continue
            if step.status == "waiting":
                continue
            if not followed.queued:
                followed.queued = True
                self._emit(events.Queued(run=self._run, node=followed.node))
            if step.status == "queued":
                continue
            if step.reused and step.status == "completed":
                self._complete(followed, step)
                continue
            if step.status in ("completed", "failed"):
                with self._watch.request():
                    step = self._remote.ended(step)
            if not followed.running and step.status != "cancelled":
                followed.running = True
                self._emit(events.Running(run=self._run, node=followed.node))
            if followed.running:
                self._read_log(followed, step)
            if step.status == "completed":
                self._complete(followed, step)
            elif step.status == "failed":
                self._fail(followed, step)

    def _finish(self, state: RemotePipelineState) -> None:
        """Set the status of the steps that haven't ended by themselves."""
        failed = {
            followed.step.id for followed in self._steps.values() if followed.status == "failed"
        }
        for followed in self._steps.values():
            if followed.ended:
                continue
            causes = sorted(failed.intersection(followed.step.above))
            if causes and state.status != "cancelled":
                failed.add(followed.step.id)
                cause = self._steps[causes[0]]
                how = "failed" if cause.status == "failed" else "was skipped"
                followed.reason = f"“{cause.node}” {how}."
                self._end(followed, "skipped")
                event: events.Event = events.Skipped(
                    run=self._run, node=followed.node, reason=followed.reason
                )
            else:
                self._end(followed, "cancelled")
                event = events.Cancelled(run=self._run, node=followed.node)
            self._emit(event)

    def _complete(self, followed: _Followed, step: RemoteStepState) -> None:
        try:
            target = self._folder / "outputs" / followed.node.replace("/", ".")
            followed.outputs, followed.metrics = download_outputs(
                self._remote, step, followed.step, target, wanted=self._fetch
            )
        except OSError as error:
            followed.warnings += (f"The outputs can't be stored here: {error.strerror}.",)
        followed.seconds = step.seconds
        if step.reused:
            self._end(followed, "reused")
            event: events.Event = events.Reused(
                run=self._run, node=followed.node, outputs=followed.outputs
            )
        else:
            self._end(followed, "completed")
            event = events.Completed(
                run=self._run,
                node=followed.node,
                seconds=step.seconds,
                outputs=followed.outputs,
            )
        self._emit(event)

    def _fail(self, followed: _Followed, step: RemoteStepState) -> None:
        # The last line may have no end, and may be the sentence.
        _close_log(followed)
        reported = failure_message(followed.lines)
        message = reported or without_secrets(step.error) or "The step failed."
        followed.error = {
            "code": "remote-step",
            "message": message,
            "hint": "See the log for details.",
        }
        followed.seconds = step.seconds
        self._end(followed, "failed")
        self._emit(
            events.Failed(
                run=self._run, node=followed.node, error=followed.error, seconds=step.seconds
            )
        )

    def _read_log(self, followed: _Followed, step: RemoteStepState) -> None:
        if followed.log is None:
            path = self._folder / "logs" / f"{followed.node.replace('/', '.')}.log"
            if self._again:
                path.unlink(missing_ok=True)
            followed.log = LogFile(path, lambda text: self._line(followed, text))
        with self._watch.request():
            content = self._remote.log(step, followed.read)
        followed.read += len(content)
        # A character or a secret may be cut where the content ends so far.
        lines, end, followed.rest = (followed.rest + content).rpartition(b"\n")
        followed.log.write(_clean(lines + end))

    def _line(self, followed: _Followed, text: str) -> None:
        followed.lines.append(text)
        self._emit(events.LogLine(run=self._run, node=followed.node, text=text))

    def _end(self, followed: _Followed, status: str) -> None:
        followed.status = status
        _close_log(followed)

    def _emit(self, event: events.Event) -> None:
        if self._on_event is None:
            return
        try:
            self._on_event(event)
        except Exception:
            _log.exception("A listener failed at %s.", type(event).__name__)

    def _result(self, status: str, seconds: float, error: str) -> RunResult:
        nodes = {}
        for followed in self._steps.values():
            log = followed.log.path if followed.log is not None else None
            nodes[followed.node] = NodeResult(
                status=followed.status,
                seconds=0.0 if followed.status == "reused" else followed.seconds,
                outputs=followed.outputs,
                error=followed.error,
                log=log if log is not None and log.exists() else None,
                reason=followed.reason,
                warnings=followed.warnings,
            )
        for node, reason in self._left_out.items():
            nodes[node] = NodeResult(status="skipped", reason=reason)
        metrics = {each.node: each.metrics for each in self._steps.values() if each.metrics}
        return RunResult(self._run, status, seconds, nodes, metrics, error)


def failure_message(lines: Iterable[str]) -> str:
    """Return the sentence in which the step program reports why a step failed.

    It is after the traceback. What the step has printed before may follow it, since
    a buffered output is written at the very end.
    """
    found = [line.rstrip() for line in lines if line.strip()]
    starts = [index for index, line in enumerate(found) if line.startswith("Traceback (most")]
    if not starts:
        return found[-1].strip() if found else ""
    after = [line for line in found[starts[-1] + 1 :] if not line.startswith(" ")]
    sentences = [line for line in after[1:] if line.endswith((".", "!", "?"))]
    return (sentences or after or [""])[0]


@dataclass(eq=False)
class _Followed:
    """The state of a step while its run is followed."""

    step: RemoteStep
    queued: bool = False
    running: bool = False
    status: str = ""
    seconds: float = 0.0
    read: int = 0
    rest: bytes = b""
    log: LogFile | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=500))
    reason: str = ""
    outputs: Mapping[str, Output] = field(default_factory=dict)
    metrics: Mapping[str, float | None] | None = None
    error: dict[str, Any] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def node(self) -> str:
        return self.step.node

    @property
    def ended(self) -> bool:
        return bool(self.status)


def _close_log(followed: _Followed) -> None:
    if followed.log is not None:
        followed.log.write(_clean(followed.rest))
        followed.log.close()


def _clean(content: bytes) -> bytes:
    """Return what a step has printed, without secrets."""
    return without_secrets(content.decode("utf-8", "replace")).encode()
