"""The state of every node in the current or last run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from designer.app.library.translation import result_in_language, trial_in_language
from designer.composed_texts import in_language
from designer.engine import events
from designer.engine.logs import log_name
from designer.engine.results import NodeResult, RunResult
from designer.engine.staleness import node_keys
from designer.pipeline.model import Endpoint, Pipeline
from modules.contract import ModuleSpec
from modules.contract.context import Trial

ACTIVE = ("queued", "running")
"""States of a node that isn't done."""


@dataclass(frozen=True)
class Progress:
    """The state of a node.

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


class RunState:
    """Progress and results of nodes, and from which state of the pipeline they are.

    Parameters
    ----------
    specs : mapping of str to ModuleSpec
        The catalog; defines which parameters contain paths.

    Attributes
    ----------
    planned : tuple of str
        The nodes of the current or last run; empty until it is planned.
    logs : Path or None
        The folder of the run's log files.
    trials : dict of str to list of Trial
        What steps that search have tried in the current or last run, in the order of their ends.
    latest_search : str
        The node of the latest trial; empty if there is none.
    """

    def __init__(self, specs: Mapping[str, ModuleSpec]) -> None:
        self._specs = specs
        self.progress: dict[str, Progress] = {}
        self.trials: dict[str, list[Trial]] = {}
        self.latest_search = ""
        self._latest_report = ""
        self.results: dict[str, NodeResult] = {}
        self.planned: tuple[str, ...] = ()
        self.logs: Path | None = None
        self._begun = 0.0
        self._queued: dict[str, float] = {}
        self._running: dict[str, tuple[float, str]] = {}
        self._keys: dict[str, str] = {}
        self._run_keys: dict[str, str] = {}
        self._run = ""
        self._made_in: dict[str, tuple[str, str]] = {}

    @property
    def done(self) -> int:
        """How many of the planned nodes are done."""
        states = (self.progress.get(name) for name in self.planned)
        return sum(state is not None and state.status not in ACTIVE for state in states)

    @property
    def begun(self) -> bool:
        """Whether a planned node has got beyond waiting."""
        states = (self.progress.get(name) for name in self.planned)
        return any(state is not None and state.status != "queued" for state in states)

    @property
    def latest_report(self) -> tuple[str, str]:
        """The running node that reported its progress last, and its text; empty without one."""
        state = self.progress.get(self._latest_report)
        if state is None or state.status != "running" or not state.text:
            return "", ""
        return self._latest_report, state.text

    @property
    def searching(self) -> bool:
        """Whether a step that has reported trials is running."""
        states = (self.progress.get(name) for name in self.trials)
        return any(state is not None and state.status == "running" for state in states)

    def begin(self, pipeline: Pipeline, base: Path, wanted: set[str]) -> None:
        """Forget the earlier results of the nodes of a new run."""
        self.planned = ()
        self.logs = None
        self._run_keys = node_keys(pipeline, base, self._specs)
        for name in wanted:
            self.trials.pop(name, None)
            self.results.pop(name, None)
            self._keys.pop(name, None)
        self.progress = {
            name: state
            for name, state in self.progress.items()
            if name not in wanted and name in pipeline.nodes
        }

    def take(self, event: events.Event) -> None:
        """Handle an event."""
        node = event.node
        if isinstance(event, events.RunStarted):
            self.planned = tuple(event.nodes)
            self._begun = event.time
            self._run = event.run
            self._queued, self._running = {}, {}
        elif isinstance(event, events.Queued):
            self.progress[node] = Progress("queued")
            self._queued[node] = event.time
        elif isinstance(event, events.Running):
            # A step whose worker ended starts again, and reports its trials again.
            self.trials.pop(node, None)
            self.progress[node] = Progress("running")
            self._running[node] = event.time, event.worker
        elif isinstance(event, events.Progress):
            text = in_language(event.text)
            self.progress[node] = Progress("running", None, event.fraction, text)
            self._latest_report = node
        elif isinstance(event, events.TrialEnded):
            self.trials.setdefault(node, []).append(trial_in_language(event.trial))
            self.latest_search = node
        elif isinstance(event, events.Completed):
            self.keep(
                node,
                replace(
                    self._timed(node, "completed", event.time),
                    seconds=event.seconds,
                    outputs=event.outputs,
                    log=self._log(node),
                ),
            )
        elif isinstance(event, events.Reused):
            self.keep(node, NodeResult("reused", 0.0, event.outputs))
        elif isinstance(event, events.Failed):
            self.keep(
                node,
                replace(
                    self._timed(node, "failed", event.time),
                    seconds=event.seconds,
                    error=event.error,
                    log=self._log(node),
                ),
            )
        elif isinstance(event, events.Skipped):
            self.keep(node, NodeResult("skipped", reason=event.reason))
        elif isinstance(event, events.Cancelled):
            self.keep(node, NodeResult("cancelled"))

    def timeline(self, now: float) -> dict[str, NodeResult]:
        """Return the steps of the current or last run with their times.

        Those that wait or work have the status ``queued`` or ``running``.

        Parameters
        ----------
        now : float
            Seconds since the epoch.
        """
        found = {}
        for node in self.planned or self.results:
            state = self.progress.get(node)
            if state is not None and state.status in ACTIVE:
                found[node] = self._timed(node, state.status, now)
            elif node in self.results:
                found[node] = self.results[node]
        return found

    def _timed(self, node: str, status: str, now: float) -> NodeResult:
        """Return when a step of the current run waited and worked until now."""
        queued = self._queued.get(node, now)
        began, worker = self._running.get(node, (now, ""))
        return NodeResult(
            status,
            seconds=max(now - began, 0.0),
            started=max(began - self._begun, 0.0),
            waited=max(began - queued, 0.0),
            worker=worker,
        )

    def keep(self, node: str, result: NodeResult) -> None:
        """Keep the result of a node."""
        result = result_in_language(result)
        self.results[node] = result
        self.progress[node] = progress_of(result)
        self._made_in[node] = self._run, node
        if node in self._run_keys:
            self._keys[node] = self._run_keys[node]

    def end(self, result: RunResult | None) -> None:
        """Handle the record of a finished run, or its absence."""
        for name, state in list(self.progress.items()):
            if state.status in ACTIVE:
                self.keep(name, NodeResult("cancelled"))
        if result is not None:
            self._run = result.id
        # Logs and warnings, which events don't carry.
        for name, node in (result.nodes if result else {}).items():
            self.keep(name, node)

    def recall(self, result: RunResult, keys: dict[str, str]) -> None:
        """Show an earlier run, with the keys that its nodes had then."""
        self._run_keys, self._run = keys, result.id
        for name, node in result.nodes.items():
            self.keep(name, node)

    def follow(self, pipeline: Pipeline, base: Path) -> None:
        """Keep results with nodes that have another id now: renamed, grouped, or undone so."""
        gone = [name for name in self._keys if name not in pipeline.nodes]
        if not gone:
            return
        waiting: dict[str, list[str]] = {}
        for name in gone:
            waiting.setdefault(self._keys[name], []).append(name)
        for name, key in node_keys(pipeline, base, self._specs).items():
            if name not in self.results and waiting.get(key):
                before = waiting[key].pop(0)
                # Kept under the old id too: the current run, or undo, may use it.
                self.results[name] = self.results[before]
                self.progress[name] = self.progress[before]
                self._made_in[name] = self._made_in[before]
                self._keys[name] = key

    def stale(self, pipeline: Pipeline, base: Path) -> set[str]:
        """Return the nodes whose result is from before a change of them or their predecessors."""
        known = set(self.results) | set(self.progress)
        if not known:
            return set()
        keys = node_keys(pipeline, base, self._specs)
        return {name for name in known if name in keys and self._keys.get(name) != keys[name]} - {
            name for name, state in self.progress.items() if state.status in ACTIVE
        }

    def stored(self, pipeline: Pipeline, base: Path) -> dict[Endpoint, Path]:
        """Return the folders of the outputs that belong to the pipeline as it is."""
        stale = self.stale(pipeline, base)
        return {
            Endpoint(name, port): output.path
            for name, result in self.results.items()
            if name in pipeline.nodes and name not in stale
            for port, output in result.outputs.items()
        }

    def subject(self, node: str, port: str = "") -> str:
        """Return what the lineage of a result is found by; empty if there is no result.

        A node that wasn't in the last run has its result from an earlier one, one that was
        renamed since under its id of then.
        """
        run, then = self._made_in.get(node, ("", ""))
        result = self.results.get(node)
        if not run or result is None or not result.outputs:
            return ""
        return f"result:{run}/{then}.{port}" if port else f"result:{run}/{then}"

    def forget(self) -> None:
        """Forget everything."""
        self.progress, self.results = {}, {}
        self.trials, self.latest_search = {}, ""
        self.planned, self.logs = (), None
        self._keys, self._run_keys, self._made_in = {}, {}, {}

    def _log(self, node: str) -> Path | None:
        if self.logs is None:
            return None
        path = self.logs / log_name(node)
        return path if path.exists() else None


def progress_of(result: NodeResult) -> Progress:
    """Return the state of a node, as the canvas shows it."""
    text = str((result.error or {}).get("message", "")) or result.reason
    return Progress(result.status, result.seconds or None, None, text)
