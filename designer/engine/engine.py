"""The engine: starts runs, and works for the window in other processes."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from designer.engine.calls import Calls
from designer.engine.events import Event
from designer.engine.executors.door import Door
from designer.engine.executors.local import LocalExecutor
from designer.engine.fingerprints import module_digest
from designer.engine.libraries import versions
from designer.engine.plan import Plan, core_count, make_plan
from designer.engine.results import RunResult
from designer.engine.runner import Runner
from designer.engine.sampling import ROWS, Sample, Sampler
from designer.engine.store import DEFAULT_LIMIT, Store
from designer.pipeline import file
from designer.pipeline.model import Pipeline
from designer.tracking.settings import without_secrets
from designer.tracking.trigger import record_later
from designer.workspace import Workspace
from modules.contract import ModuleSpec

_log = logging.getLogger(__name__)

OnEvent = Callable[[Event], None]


class Engine:
    """Executes pipelines on this computer.

    Worker processes start when they are first needed, or with :meth:`warm_up`.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules.
    workers : int, optional
        Steps that may run at once; default: one for each core.
    cores : int, optional
        Threads to share out among the steps that can run at once; default: the cores.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Mapping[str, ModuleSpec],
        *,
        workers: int | None = None,
        cores: int | None = None,
    ) -> None:
        self.workspace = workspace
        self.catalog = catalog
        self._workers = workers or core_count()
        self._cores = cores
        limit = workspace.settings.get("store_limit")
        self._store = Store(
            workspace.store_folder, limit if isinstance(limit, int) else DEFAULT_LIMIT
        )
        self._executor: LocalExecutor | None = None
        self._helper: Calls | None = None
        self._sampler: Sampler | None = None
        self._door: Door | None = None
        self._lock = threading.Lock()
        self._handles: set[RunHandle] = set()
        self._sources: dict[str, str] = {}
        self._closed = False

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start the workers and what they import, so that the first run need not wait."""
        self._local().warm_up()

    def run(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        to: str | Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        reuse: bool = True,
        on_event: OnEvent | None = None,
        source: Path | None = None,
    ) -> RunResult:
        """Run a pipeline to its end; see :meth:`start`."""
        handle = self.start(
            pipeline,
            base=base,
            to=to,
            parameters=parameters,
            reuse=reuse,
            on_event=on_event,
            source=source,
        )
        try:
            result = handle.wait()
        except BaseException:
            handle.cancel()
            handle.wait(5)
            raise
        assert result is not None
        return result

    def start(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        to: str | Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        reuse: bool = True,
        on_event: OnEvent | None = None,
        source: Path | None = None,
    ) -> RunHandle:
        """Start to run a pipeline and return at once.

        Parameters
        ----------
        base : Path
            The folder that relative paths start from: the pipeline file's.
        to : str or sequence of str, optional
            Run only these nodes and what they need.
        parameters : mapping, optional
            Values of pipeline parameters.
        reuse : bool
            Whether stored results may stand for running a step.
        on_event : callable, optional
            Told every event, on a thread of the engine's.
        source : Path, optional
            The pipeline file, whose latest run this becomes.

        Raises
        ------
        ValueError
            With one sentence, if the pipeline can't be planned.
        """
        plan = make_plan(
            pipeline,
            self.catalog,
            base=base,
            workspace=self.workspace,
            to=(to,) if isinstance(to, str) else tuple(to or ()),
            parameters=parameters,
            cores=self._cores,
            workers=self._workers,
        )
        handle = RunHandle(self, plan, pipeline, base, reuse, on_event, source)
        with self._lock:
            self._handles.add(handle)
        handle.thread.start()
        return handle

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in a process of its own, for a view.

        Parameters
        ----------
        function : callable
            One that can be imported by its name; it gets and gives plain data.

        Returns
        -------
        Future
            Can be cancelled at any time, without harm to other calls.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._helper is None:
                self._helper = Calls(self._new_door(), self.workspace.store_folder)
        return self._helper.call(function, *arguments)

    def sample(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        parameters: Mapping[str, Any] | None = None,
        allow: Collection[str] = (),
        rows: int = ROWS,
    ) -> Sample:
        """Try a pipeline on a small sample and say what columns its outputs have.

        Blocks until that is known, so it is for a thread in the background. Works
        beside a run, at a low priority. What has effects is left out with all that
        needs it.

        Parameters
        ----------
        allow : collection of str
            Nodes that read outside or hold a person's code and that the person has
            agreed to. What writes outside is left out in any case.
        """
        try:
            plan = make_plan(
                pipeline,
                self.catalog,
                base=base,
                workspace=self.workspace,
                parameters=parameters,
            )
        except ValueError:
            # Validation says what is wrong with it.
            return Sample({}, [])
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._sampler is None:
                self._sampler = Sampler(self._new_door(), self.workspace.store_folder)
        return self._sampler.sample(plan, base, allow, rows)

    def close(self) -> None:
        """Cancel what runs and end all processes."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            handles = list(self._handles)
        for handle in handles:
            handle.cancel()
        for handle in handles:
            handle.wait(5)
        if self._executor is not None:
            self._executor.close()
        if self._helper is not None:
            self._helper.close()
        if self._sampler is not None:
            self._sampler.close()
        if self._door is not None:
            self._door.close()
        self._store.close()

    def _local(self, plan: Plan | None = None) -> LocalExecutor:
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if plan is not None and self._is_stale(plan) and self._executor is not None:
                self._executor.close()
                self._executor = None
            if self._executor is None:
                self._executor = LocalExecutor(self.workspace.store_folder, self._workers)
            return self._executor

    def _is_stale(self, plan: Plan) -> bool:
        """Tell whether workers have imported modules whose source has changed since."""
        found = {
            spec.function.__module__: module_digest(spec)
            for spec in {id(s.spec): s.spec for s in plan.steps.values() if s.spec}.values()
        }
        changed = any(self._sources.get(name, code) != code for name, code in found.items())
        if changed and self._handles:
            return False
        self._sources.update(found)
        return changed

    def _new_door(self) -> Door:
        if self._door is None:
            self._door = Door()
        return self._door

    def _forget(self, handle: RunHandle) -> None:
        with self._lock:
            self._handles.discard(handle)


class RunHandle:
    """A run that goes on."""

    def __init__(
        self,
        engine: Engine,
        plan: Plan,
        pipeline: Pipeline,
        base: Path,
        reuse: bool,
        on_event: OnEvent | None,
        source: Path | None,
    ) -> None:
        self._engine = engine
        self._plan = plan
        self._pipeline = pipeline
        self._source = source
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self.id, self.folder = engine.workspace.new_run()
        self._runner = Runner(
            self.id,
            plan,
            engine._store,
            engine._local(plan),
            logs=self.folder / "logs",
            base=base,
            reuse=reuse,
            on_event=on_event,
        )
        self.thread = threading.Thread(target=self._run, name=f"run {self.id}", daemon=True)

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._done.is_set()

    def cancel(self) -> None:
        """End the run; steps that work are ended within a second. Returns at once."""
        self._runner.cancel()

    def wait(self, timeout: float | None = None) -> RunResult | None:
        """Wait for the end of the run; None if that takes longer than the timeout.

        Raises
        ------
        OSError
            If the run's record can't be written.
        """
        if not self._done.wait(timeout):
            return None
        if self._error is not None:
            raise self._error
        return self._result

    def _run(self) -> None:
        started = time.time()
        try:
            self._keep_pipeline()
            self._result = self._runner.run()
            self._keep_record(self._result, started)
            record_later(self._engine.workspace)
        except BaseException as error:
            self._error = error
        finally:
            self._engine._forget(self)
            self._done.set()

    def _keep_pipeline(self) -> None:
        try:
            (self.folder / "pipeline.json").write_text(file.dumps(self._pipeline), "utf-8")
        except OSError as error:
            raise self._engine.workspace.trouble(error) from error

    def _keep_record(self, result: RunResult, started: float) -> None:
        record = result.to_json() | {
            "started": started,
            "source": os.path.abspath(self._source) if self._source else None,
            **_circumstances(self._plan),
        }
        try:
            self._engine.workspace.remember_run(self.id, record, self._source)
        except OSError as error:
            trouble = self._engine.workspace.trouble(error)
            if result.status == "completed":
                raise trouble from error
            # What made the run fail says more, and is often the same.
            _log.warning("The record of the run %s can't be written. %s", self.id, trouble)


def _circumstances(plan: Plan) -> dict[str, Any]:
    """Return what decided a run's results and stands neither in its pipeline nor in its result."""
    requires = {each for step in plan.steps.values() if step.spec for each in step.spec.requires}
    return {
        "parameters": {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in plan.parameters.items()
        },
        "versions": versions(requires),
    }
