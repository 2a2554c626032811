"""Runs of the open pipeline: starts them, follows them, keeps their results.

The engine uses its own threads and processes. Its events are collected
and handed to the window's thread at most twenty times a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from designer.app.background.errors import explain
from designer.app.runs.remote_run import RemoteRun
from designer.app.runs.run_state import Progress, RunState
from designer.app.widgets.event_throttle import EventThrottle
from designer.app.widgets.main_thread import MainThreadInvoker
from designer.composed_texts import in_language
from designer.engine import events
from designer.engine.results import NodeResult, Output, RunResult, recorded_run
from designer.pipeline.model import Endpoint, Pipeline
from designer.texts import tr
from modules.contract import ModuleSpec

if TYPE_CHECKING:
    from designer.engine.engine import Engine
    from designer.engine.run_handle import RunHandle
    from designer.workspace import Workspace


class RunController(QObject):
    """Runs pipelines for one window.

    Parameters
    ----------
    make_engine : callable
        Makes the engine; called on a separate thread when it is first needed.
    workspace : Workspace
        Where the records of earlier runs are.
    specs : mapping of str to ModuleSpec
        The catalog.

    Signals
    -------
    started : Sequence of str
        A run has been planned; its nodes.
    progressed
        :attr:`progress` has changed.
    logged : list of (str, str, str)
        Node, text, and stream of new log lines.
    finished : str, str
        The status of the run, and why it failed if it isn't because of a step.
    recalled
        The results of an earlier run are there.
    """

    started = Signal(object)
    progressed = Signal()
    logged = Signal(list)
    finished = Signal(str, str)
    recalled = Signal()

    def __init__(
        self,
        make_engine: Callable[[], Engine],
        workspace: Workspace,
        specs: Mapping[str, ModuleSpec],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._specs = specs
        self.state = RunState(specs)
        self.run_id: str | None = None
        self._workspace = workspace
        self._make_engine = make_engine
        # One may wait for a run, one for the engine to start, one reads records.
        self._threads = ThreadPoolExecutor(3, "engine-control")
        self._closing = threading.Event()
        self._engine: Future[Engine] | None = None
        self._handle: RunHandle | RemoteRun | None = None
        self._is_remote = False
        # Of runs that are sent or started and whose handles haven't arrived.
        self._expected: dict[int, RunHandle | RemoteRun] = {}
        self._away: list[RemoteRun] = []
        self._running = False
        self._cancelled: set[int] = set()
        self._began = 0.0
        self.seconds = 0.0
        self._invoker = MainThreadInvoker(self)
        self._throttle = EventThrottle(self._invoker, self)
        self._throttle.delivered.connect(self._on_events)
        self._serial = 0

    @property
    def progress(self) -> dict[str, Progress]:
        """The state of every node."""
        return self.state.progress

    @property
    def results(self) -> dict[str, NodeResult]:
        """The result of every node's last run."""
        return self.state.results

    @property
    def running(self) -> bool:
        """Whether a run is in progress."""
        return self._running

    @property
    def ends_when_left(self) -> bool:
        """Whether a run is in progress that ends with the program; one on Azure ML continues."""
        return self._running and not self._is_remote

    @property
    def elapsed(self) -> float:
        """Seconds since the run was started."""
        return monotonic() - self._began if self._running else 0.0

    def warm_up(self) -> None:
        """Make the engine and start its workers, without waiting for them."""
        engine = self._need_engine()

        def warm() -> None:
            engine.result().warm_up()

        self._threads.submit(warm)

    def engine(self) -> Future[Engine]:
        """Return a future of the engine."""
        return self._need_engine()

    def renew(self) -> None:
        """Let the engine start new processes: modules or libraries have changed."""
        engine = self._engine
        if engine is not None:
            self._threads.submit(lambda: engine.result().renew())

    def run(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        source: Path | None = None,
        to: Sequence[str] = (),
        parameters: Mapping[str, Any] | None = None,
        reuse: bool = True,
        resume: Collection[str] = (),
    ) -> bool:
        """Start a run on this computer; false if one is in progress."""
        engine = self._need_engine()

        def start(serial: int) -> RunHandle:
            return engine.result().start(
                pipeline,
                base=base,
                to=list(to) or None,
                parameters=parameters,
                reuse=reuse,
                resume=resume,
                source=source,
                on_event=lambda event: self._gather(serial, event),
            )

        return self._begin(pipeline, base, to, start, remote=False)

    def run_remotely(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        to: Sequence[str] = (),
        start: Callable[[events.EventListener], RemoteRun],
    ) -> bool:
        """Start a run on Azure ML; false if one is in progress.

        Parameters
        ----------
        start : callable
            Starts it, with a function that accepts its events from any thread; called on
            a separate thread.
        """

        def begin(serial: int) -> RemoteRun:
            return start(lambda event: self._gather(serial, event))

        return self._begin(pipeline, base, to, begin, remote=True)

    def cancel(self) -> None:
        """End the run; its end is reported as usual."""
        if self._running and self._serial not in self._cancelled:
            self._cancelled.add(self._serial)
            handle = self._handle
            if handle is not None:
                handle.cancel()

    def cancel_branch(self, node: str) -> None:
        """End a step of a run on this computer; steps that need it are skipped."""
        handle = self._handle
        if handle is not None and not isinstance(handle, RemoteRun):
            handle.cancel_branch(node)

    def stop(self) -> bool:
        """Ask steps that search to stop and keep what they have; false if there is none."""
        handle = self._handle
        return self._running and handle is not None and handle.stop()

    def result(self, node: str) -> NodeResult | None:
        """Return the result of a node's last run."""
        return self.results.get(node)

    def output(self, node: str, port: str) -> Output | None:
        """Return a stored output of a node's last run."""
        result = self.results.get(node)
        return result.outputs.get(port) if result else None

    def follow(self, pipeline: Pipeline, base: Path) -> None:
        """Keep results with nodes that have another id now."""
        self.state.follow(pipeline, base)

    def stale(self, pipeline: Pipeline, base: Path) -> set[str]:
        """Return the nodes whose result is from before a change of them or their predecessors."""
        return self.state.stale(pipeline, base)

    def stored(self, pipeline: Pipeline, base: Path) -> dict[Endpoint, Path]:
        """Return the folders of the outputs that belong to the pipeline as it is."""
        return self.state.stored(pipeline, base)

    def forget(self) -> None:
        """Clear the results: another pipeline is open.

        A run on this computer is canceled; one on Azure ML continues, and will be in the run list.
        """
        if self.ends_when_left:
            self.cancel()
        self._serial += 1
        self._running = False
        self._away += [self._handle] if isinstance(self._handle, RemoteRun) else []
        self._handle = None
        self.state.forget()
        self.run_id = None
        self.progressed.emit()

    def recall(self, source: Path, run: str | None = None) -> None:
        """Read the results of a run of a file, by default its latest, in the background."""
        chosen = run

        def read() -> tuple[RunResult, dict[str, str]] | None:
            run = chosen or self._workspace.latest_run(source)
            return recorded_run(self._workspace, run, self._specs) if run else None

        serial = self._serial
        self._invoker.when_done(
            self._threads.submit(read), lambda found: self._on_recalled(serial, found)
        )

    def close(self) -> None:
        """Cancel what runs and end the engine's processes."""
        self._invoker.close()
        self._throttle.close()
        if self.ends_when_left:
            self.cancel()
        self._away += [self._handle] if isinstance(self._handle, RemoteRun) else []
        for remote in self._away:
            remote.leave()
        self._closing.set()
        engine = self._engine
        if engine is not None:
            self._threads.submit(lambda: engine.result().close())
        self._threads.shutdown(wait=True)
        for serial, handle in self._expected.items():
            self._let_go(serial, handle)

    def _need_engine(self) -> Future[Engine]:
        if self._engine is None:
            self._engine = self._threads.submit(self._make_engine)
        return self._engine

    def _begin(
        self,
        pipeline: Pipeline,
        base: Path,
        to: Sequence[str],
        start: Callable[[int], RunHandle | RemoteRun],
        *,
        remote: bool,
    ) -> bool:
        if self._running:
            return False
        self._running = True
        self._is_remote = remote
        self._began = monotonic()
        self._serial += 1
        serial = self._serial
        wanted = pipeline.ancestors(list(to)) if to else set(pipeline.nodes)
        self.state.begin(pipeline, base, set(wanted))
        self.progressed.emit()

        def begin() -> None:
            handle = self._expected[serial] = start(serial)
            self._invoker.post(lambda: self._on_handle(serial, handle))

        self._invoker.when_done(
            self._threads.submit(begin),
            lambda _: None,
            lambda error: self._end(serial, "failed", _sentence(error)),
        )
        return True

    def _on_handle(self, serial: int, handle: RunHandle | RemoteRun) -> None:
        self._expected.pop(serial, None)
        if serial != self._serial:
            self._let_go(serial, handle)
            return
        self._handle = handle
        self.run_id = handle.id or None
        if serial in self._cancelled:
            handle.cancel()
        self._invoker.when_done(
            self._threads.submit(self._wait_for, serial, handle),
            lambda result: self._end(serial, result.status, in_language(result.error), result),
            lambda error: self._end(serial, "failed", _sentence(error)),
        )

    def _let_go(self, serial: int, handle: RunHandle | RemoteRun) -> None:
        """Handle a run that has begun after another pipeline was opened, or the window closed."""
        if not isinstance(handle, RemoteRun) or serial in self._cancelled:
            handle.cancel()
        elif self._closing.is_set():
            handle.leave()
        else:
            self._away.append(handle)

    def _wait_for(self, serial: int, handle: RunHandle | RemoteRun) -> RunResult:
        """Wait for the record of a run, which is there a little after its last event."""
        while serial == self._serial and not self._closing.is_set():
            result = handle.wait(0.5)
            if result is not None:
                return result
        raise CancelledError

    def _gather(self, serial: int, event: events.Event) -> None:
        """Handle an event, on the engine's thread."""
        if serial != self._serial:
            return
        self._throttle.gather(event)

    def _on_events(self, gathered: list[events.Event], lines: list[tuple[str, str, str]]) -> None:
        if self._handle is not None and self._handle.folder is not None:
            self.state.logs = self._handle.folder / "logs"
        for event in gathered:
            self.state.take(event)
            if isinstance(event, events.RunStarted):
                self.run_id = event.run
                self.started.emit(event.nodes)
        if lines:
            self.logged.emit(lines)
        if gathered:
            self.progressed.emit()

    def _end(self, serial: int, status: str, text: str, result: RunResult | None = None) -> None:
        if serial != self._serial or not self._running:
            return
        self._throttle.deliver()
        # The time of the record, which the list of runs shows too.
        self.seconds = result.seconds if result is not None else self.elapsed
        self._running = False
        self._handle = None
        self.state.end(result)
        self.progressed.emit()
        self.finished.emit(status, text)

    def _on_recalled(self, serial: int, found: tuple[RunResult, dict[str, str]] | None) -> None:
        if found is None or serial != self._serial or self._running:
            return
        result, keys = found
        self.run_id = result.id
        self.state.forget()
        self.state.recall(result, keys)
        self.progressed.emit()
        self.recalled.emit()


def _sentence(error: BaseException) -> str:
    text = " ".join(explain(error) or (in_language(str(error)),)).strip()
    return text or tr("The run couldn't be started ({name}).").format(name=type(error).__name__)
