"""Runs of the open pipeline: starts them, follows them, keeps what came of them.

The engine works in threads and processes of its own. Its events are gathered
and handed to the window's thread at most twenty times a second.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from designer.app.node_keys import node_keys
from designer.app.relay import Relay
from designer.engine import events
from designer.engine.results import NodeResult, Output, RunResult
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline

if TYPE_CHECKING:
    from designer.engine.engine import Engine, RunHandle
    from designer.workspace import Workspace

INTERVAL = 50
"""Milliseconds between two hand-overs of events."""

LINES_AT_ONCE = 1000
"""Log lines kept between two hand-overs; of a flood the latest stay, the file has all."""


@dataclass(frozen=True)
class Progress:
    """How a node fares in the run that goes on or went last.

    Parameters
    ----------
    status : str
        As in :class:`designer.engine.results.NodeResult`, and ``queued`` and ``running``.
    fraction : float or None
        Of a running node, between 0 and 1.
    """

    status: str
    seconds: float | None = None
    fraction: float | None = None
    text: str = ""


class RunController(QObject):
    """Runs pipelines for one window.

    Parameters
    ----------
    make_engine : callable
        Makes the engine; called on a thread of its own when it is first needed.
    workspace : Workspace
        Where the records of earlier runs are.

    Signals
    -------
    started : Sequence of str
        A run has been planned; its nodes.
    progressed
        :attr:`progress` has changed.
    logged : list of (str, str, str)
        Node, text and stream of new log lines.
    finished : str, str
        The status of the run and a sentence for the person.
    """

    started = Signal(object)
    progressed = Signal()
    logged = Signal(list)
    finished = Signal(str, str)

    def __init__(
        self,
        make_engine: Callable[[], Engine],
        workspace: Workspace,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.progress: dict[str, Progress] = {}
        self.results: dict[str, NodeResult] = {}
        self.run_id: str | None = None
        self._workspace = workspace
        self._make_engine = make_engine
        # One may wait for a run, one for the engine to start, one reads records.
        self._threads = ThreadPoolExecutor(3, "engine-control")
        self._closing = threading.Event()
        self._engine: Future[Engine] | None = None
        self._handle: RunHandle | None = None
        self._running = False
        self._cancelled = False
        self._began = 0.0
        self.seconds = 0.0
        self._keys: dict[str, str] = {}
        self._run_keys: dict[str, str] = {}
        self._relay = Relay(self)
        self._lock = threading.Lock()
        self._gathered: list[events.Event] = []
        self._lines: deque[tuple[str, str, str]] = deque(maxlen=LINES_AT_ONCE)
        self._asked = False
        self._serial = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._hand_over)

    @property
    def running(self) -> bool:
        """Whether a run goes on."""
        return self._running

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
        """Return the engine to come."""
        return self._need_engine()

    def run(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        source: Path | None = None,
        to: Sequence[str] = (),
        reuse: bool = True,
    ) -> bool:
        """Start a run; false if one goes on already."""
        if self._running:
            return False
        self._running = True
        self._cancelled = False
        self._began = monotonic()
        self._serial += 1
        serial = self._serial
        self._run_keys = node_keys(pipeline, base)
        wanted = pipeline.ancestors(list(to)) if to else set(pipeline.nodes)
        for name in wanted:
            self.results.pop(name, None)
            self._keys.pop(name, None)
        self.progress = {
            name: state
            for name, state in self.progress.items()
            if name not in wanted and name in pipeline.nodes
        }
        self.progressed.emit()
        engine = self._need_engine()

        def start() -> None:
            handle = engine.result().start(
                pipeline,
                base=base,
                to=list(to) or None,
                reuse=reuse,
                source=source,
                on_event=lambda event: self._gather(serial, event),
            )
            self._relay.post(lambda: self._on_handle(serial, handle))

        self._relay.when_done(
            self._threads.submit(start),
            lambda _: None,
            lambda error: self._end(serial, "failed", _sentence(error)),
        )
        return True

    def cancel(self) -> None:
        """End the run; its end is reported as usual."""
        if self._running and not self._cancelled:
            self._cancelled = True
            handle = self._handle
            if handle is not None:
                handle.cancel()

    def result(self, node: str) -> NodeResult | None:
        """Return what came of a node's last run."""
        return self.results.get(node)

    def output(self, node: str, port: str) -> Output | None:
        """Return a stored output of a node's last run."""
        result = self.results.get(node)
        return result.outputs.get(port) if result else None

    def stale(self, pipeline: Pipeline, base: Path) -> set[str]:
        """Return the nodes whose result is from before a change of them or what feeds them."""
        known = set(self.results) | set(self.progress)
        if not known:
            return set()
        keys = node_keys(pipeline, base)
        return {name for name in known if name in keys and self._keys.get(name) != keys[name]} - {
            name for name, state in self.progress.items() if state.status in ACTIVE
        }

    def forget(self) -> None:
        """Forget the results, and end what runs: another pipeline is open."""
        self.cancel()
        self._serial += 1
        self._running = False
        self._handle = None
        self.results = {}
        self.progress = {}
        self._keys = {}
        self.run_id = None
        self.progressed.emit()

    def recall(self, source: Path) -> None:
        """Read what came of a file's latest run, in the background."""

        def read() -> tuple[RunResult, dict[str, str]] | None:
            run = self._workspace.latest_run(source)
            record = self._workspace.run_record(run) if run else {}
            return _remembered(record, self._workspace.run_folder(run), source) if run else None

        serial = self._serial
        self._relay.when_done(
            self._threads.submit(read), lambda found: self._on_recalled(serial, found)
        )

    def close(self) -> None:
        """Cancel what runs and end the engine's processes."""
        self._relay.close()
        self._timer.stop()
        self.cancel()
        self._closing.set()
        engine = self._engine
        if engine is not None:
            self._threads.submit(lambda: engine.result().close())
        self._threads.shutdown(wait=True)

    def _need_engine(self) -> Future[Engine]:
        if self._engine is None:
            self._engine = self._threads.submit(self._make_engine)
        return self._engine

    def _on_handle(self, serial: int, handle: RunHandle) -> None:
        if serial != self._serial:
            handle.cancel()
            return
        self._handle = handle
        self.run_id = handle.id
        if self._cancelled:
            handle.cancel()
        self._relay.when_done(
            self._threads.submit(self._wait_for, handle),
            lambda result: self._end(serial, result.status, "", result),
            lambda error: self._end(serial, "failed", _sentence(error)),
        )

    def _wait_for(self, handle: RunHandle) -> RunResult:
        """Wait for the record of a run, which is there a little after its last event."""
        while not self._closing.is_set():
            result = handle.wait(0.5)
            if result is not None:
                return result
        raise CancelledError

    def _gather(self, serial: int, event: events.Event) -> None:
        """Take an event in, on the engine's thread."""
        if serial != self._serial:
            return
        with self._lock:
            if isinstance(event, events.LogLine):
                self._lines.append((event.node, event.text, event.stream))
            else:
                self._gathered.append(event)
            asked, self._asked = self._asked, True
        if not asked:
            self._relay.post(self._timer.start)

    def _hand_over(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, []
            lines = list(self._lines)
            self._lines.clear()
            self._asked = False
        for event in gathered:
            if isinstance(event, events.RunStarted):
                self.run_id = event.run
                self.started.emit(event.nodes)
            else:
                self._take(event)
        if lines:
            self.logged.emit(lines)
        if gathered:
            self.progressed.emit()

    def _take(self, event: events.Event) -> None:
        node = event.node
        result: NodeResult | None = None
        if isinstance(event, events.Queued):
            self.progress[node] = Progress("queued")
        elif isinstance(event, events.Running):
            self.progress[node] = Progress("running")
        elif isinstance(event, events.Progress):
            self.progress[node] = Progress("running", None, event.fraction, event.text)
        elif isinstance(event, events.Completed):
            result = NodeResult("completed", event.seconds, event.outputs, log=self._log(node))
        elif isinstance(event, events.Reused):
            result = NodeResult("reused", 0.0, event.outputs)
        elif isinstance(event, events.Failed):
            result = NodeResult("failed", event.seconds, error=event.error, log=self._log(node))
        elif isinstance(event, events.Skipped):
            result = NodeResult("skipped", reason=event.reason)
        elif isinstance(event, events.Cancelled):
            result = NodeResult("cancelled")
        if result is not None:
            self._keep(node, result)

    def _keep(self, node: str, result: NodeResult) -> None:
        self.results[node] = result
        self.progress[node] = progress_of(result)
        if node in self._run_keys:
            self._keys[node] = self._run_keys[node]

    def _log(self, node: str) -> Path | None:
        if self._handle is None:
            return None
        path = self._handle.folder / "logs" / f"{node.replace('/', '.')}.log"
        return path if path.exists() else None

    def _end(self, serial: int, status: str, text: str, result: RunResult | None = None) -> None:
        if serial != self._serial or not self._running:
            return
        self._hand_over()
        self.seconds = self.elapsed
        self._running = False
        self._handle = None
        for name, state in list(self.progress.items()):
            if state.status in ACTIVE:
                self._keep(name, NodeResult("cancelled"))
        # Logs and warnings, which events don't carry.
        for name, node in (result.nodes if result else {}).items():
            self._keep(name, node)
        self.progressed.emit()
        self.finished.emit(status, text or self._summary(status))

    def _summary(self, status: str) -> str:
        failed = [name for name, result in self.results.items() if result.status == "failed"]
        if status == "failed" and failed:
            first = self.results[failed[0]].error or {}
            return f"{failed[0]}: {first.get('message', 'failed')}"
        return ""

    def _on_recalled(self, serial: int, found: tuple[RunResult, dict[str, str]] | None) -> None:
        if found is None or serial != self._serial or self._running:
            return
        result, keys = found
        self.run_id = result.id
        self._run_keys = keys
        for name, node in result.nodes.items():
            self._keep(name, node)
        self.progressed.emit()


ACTIVE = ("queued", "running")
"""States of a node that is not done."""


def progress_of(result: NodeResult) -> Progress:
    """Return how a node fared, as the canvas shows it."""
    text = str((result.error or {}).get("message", "")) or result.reason
    return Progress(result.status, result.seconds or None, None, text)


def _remembered(
    record: Mapping[str, Any], folder: Path, source: Path
) -> tuple[RunResult, dict[str, str]] | None:
    try:
        result = RunResult.from_json(record)
        pipeline = pipeline_file.read(folder / "pipeline.json")
    except (KeyError, TypeError, ValueError, AttributeError, pipeline_file.PipelineFileError):
        return None
    return result, node_keys(pipeline, source.parent)


def _sentence(error: BaseException) -> str:
    text = str(error)
    return text if text else f"The run could not be started ({type(error).__name__})."
