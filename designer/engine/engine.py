"""The engine: starts runs, and works for the window in other processes."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from designer.catalog import Catalog, own_packages
from designer.engine.accesses import accesses
from designer.engine.calls import Calls
from designer.engine.events import EventListener
from designer.engine.executors.base import Executor
from designer.engine.executors.local import LocalExecutor
from designer.engine.executors.memory_watch import DESIGN_LIMIT, default_limit
from designer.engine.fingerprints import forget_versions, module_digest
from designer.engine.plan import Plan, core_count, make_plan
from designer.engine.results import RunResult
from designer.engine.run_handle import RunHandle
from designer.engine.sampling import ROWS, Sample, Sampler
from designer.engine.store.store import DEFAULT_LIMIT, Store
from designer.pipeline.model import Pipeline
from designer.records import DamagedRecordError
from designer.workspace import Workspace
from modules.contract import ModuleSpec

_log = logging.getLogger(__name__)


class Engine:
    """Executes pipelines on this computer or on a cluster.

    Worker processes start when they are first needed, or with :meth:`warm_up`.

    Parameters
    ----------
    catalog : mapping of str to ModuleSpec
        The modules.
    workers : int, optional
        Steps that may run at once; default: the workspace's setting ``cores``, or else one for
        each core.
    cores : int, optional
        Threads to share out among the steps that can run at once; default: the cores.
    cluster : str, optional
        Address of a Dask scheduler whose workers run the steps of runs, each on one thread.
        The window's requests other than runs stay on this computer.
    memory_limit : int, optional
        Bytes that a step of a run may use; default: the workspace's setting ``memory_limit``,
        or else most of the memory of the computer that it runs on.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Mapping[str, ModuleSpec],
        *,
        workers: int | None = None,
        cores: int | None = None,
        cluster: str | None = None,
        memory_limit: int | None = None,
    ) -> None:
        self.workspace = workspace
        self.catalog = catalog
        # A thread of a Dask worker counts as one core, on whichever computer.
        self._workers = 1 if cluster else workers or workspace.cores or core_count()
        self._cores = 1 if cluster else cores
        self._cluster = cluster
        self._store = Store(workspace.store_folder, _limit(workspace))
        self._own_memory_limit = memory_limit
        self._executor: Executor | None = None
        self._helper: Calls | None = None
        self._sampler: Sampler | None = None
        self._lock = threading.Lock()
        self._handles: set[RunHandle] = set()
        self._starting = 0
        self._outdated = False
        self._sources: dict[str, str] = {}
        self._fork = True
        self._packages = self._user_packages()
        self._listeners: list[EventListener] = []
        self._closed = False

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def subscribe(self, listener: EventListener) -> None:
        """Send a listener all events of all runs started from now on."""
        self._listeners.append(listener)

    def warm_up(self) -> None:
        """Start a worker and what it imports, so that the first run doesn't have to wait."""
        executor = self._workers_for()
        if isinstance(executor, LocalExecutor):
            executor.warm_up()

    def run(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        to: str | Sequence[str] | None = None,
        parameters: Mapping[str, Any] | None = None,
        reuse: bool = True,
        on_event: EventListener | None = None,
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
            handle.ended(5)
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
        resume: Collection[str] = (),
        on_event: EventListener | None = None,
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
            Whether stored results may be reused.
        resume : collection of str
            Nodes whose latest results are reused although another run could have others: those
            of the run to continue that read a database, for example.
        on_event : callable, optional
            Called with every event, on a thread of the engine's.
        source : Path, optional
            The pipeline file, whose latest run this becomes.

        Raises
        ------
        ValueError
            With one sentence, if the pipeline can't be planned.
        ClusterError
            If the cluster can't be used.
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
        with self._lock:
            self._starting += 1
        try:
            handle = RunHandle(
                self.workspace,
                self._store,
                self._workers_for(plan),
                plan,
                pipeline,
                base=base,
                reuse=reuse,
                resume=resume,
                listeners=[*self._listeners, *([on_event] if on_event else [])],
                on_end=self._forget,
                source=source,
            )
            with self._lock:
                self._handles.add(handle)
        finally:
            with self._lock:
                self._starting -= 1
        handle.thread.start()
        return handle

    def call(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function in a separate process, for a view.

        Parameters
        ----------
        function : callable
            One that can be imported by its name; it accepts and returns plain data.

        Returns
        -------
        Future
            Can be cancelled at any time, without harm to other calls.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._helper is None:
                self._helper = Calls(
                    "helper",
                    self.workspace.store_folder,
                    self._packages,
                    memory_limit=self._memory_limit(),
                )
        return self._helper.call(function, *arguments)

    def sample(
        self,
        pipeline: Pipeline,
        *,
        base: Path,
        allow: Collection[str] = (),
        rows: int = ROWS,
    ) -> Sample:
        """Try a pipeline on a small sample and return the columns of its outputs.

        Blocks until that is known, so it is for a thread in the background. Works
        beside a run, at a low priority. Steps that run a user's code or read anything outside
        of the pipeline's folder are left out with all that needs them, and not even whether
        such a file exists is looked at.

        Parameters
        ----------
        allow : collection of str
            Such nodes that the user has agreed to. What writes outside is left out in any case.
        """
        outside = accesses(pipeline, self.catalog, base, self.workspace)
        try:
            plan = make_plan(
                pipeline,
                self.catalog,
                base=base,
                workspace=self.workspace,
                closed={access.node for access in outside}.difference(allow),
            )
        except ValueError:
            # Validation reports what is wrong with it.
            return Sample({}, [], {})
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            if self._sampler is None:
                self._sampler = Sampler(
                    self.workspace.store_folder,
                    self._packages,
                    memory_limit=min(DESIGN_LIMIT, self._memory_limit()),
                )
        return self._sampler.sample(plan, base, rows)

    def renew(self) -> None:
        """Let new processes follow: modules or libraries have changed.

        While a run starts or is in progress, its processes stay, and those of the next are new.
        """
        with self._lock:
            if self._closed:
                return
            self._outdated = bool(self._handles or self._starting)
            if self._outdated:
                return
            old = (self._executor, self._helper, self._sampler)
            self._executor = self._helper = self._sampler = None
            self._packages = self._user_packages()
            self._sources.clear()
            forget_versions()
        for each in old:
            if each is not None:
                each.close()

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
            handle.ended(5)
        if self._executor is not None:
            self._executor.close()
        if self._helper is not None:
            self._helper.close()
        if self._sampler is not None:
            self._sampler.close()
        self._store.close()

    def _workers_for(self, plan: Plan | None = None) -> Executor:
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            stale = plan is not None and (self._is_stale(plan) or self._is_outdated())
            if stale and self._executor is not None:
                self._executor.close()
                self._executor = None
            if self._executor is None:
                self._executor = self._new_executor()
            return self._executor

    def _is_outdated(self) -> bool:
        """Return whether the processes were to be renewed during a run that has ended."""
        outdated = self._outdated and not self._handles
        if outdated:
            self._outdated = False
            forget_versions()
        return outdated

    def _user_packages(self) -> dict[str, str]:
        # The user's own are always loaded; to go through a catalog would load all others as well.
        known = self.catalog
        return own_packages(known.loaded() if isinstance(known, Catalog) else known.values())

    def _memory_limit(self) -> int:
        return self._chosen_memory_limit() or default_limit()

    def _chosen_memory_limit(self) -> int | None:
        try:
            limit = self._own_memory_limit or self.workspace.settings.get("memory_limit")
        except DamagedRecordError as error:
            _log.warning("Steps may use the usual memory. %s", error.message)
            limit = None
        return limit or None

    def _new_executor(self) -> Executor:
        store = self.workspace.store_folder
        if self._cluster is None:
            return LocalExecutor(
                store,
                self._workers,
                self._packages,
                fork=self._fork,
                memory_limit=self._memory_limit(),
            )
        from designer.engine.executors.cluster import ClusterExecutor

        # Without a choice, each worker derives it from its own memory.
        return ClusterExecutor(
            self._cluster, store, self._packages, memory_limit=self._chosen_memory_limit()
        )

    def _is_stale(self, plan: Plan) -> bool:
        """Return whether workers have imported modules whose source has changed since."""
        found = {
            spec.function.__module__: module_digest(spec)
            for spec in {id(s.spec): s.spec for s in plan.steps.values() if s.spec}.values()
        }
        changed = [name for name, code in found.items() if self._sources.get(name, code) != code]
        if changed and self._handles:
            return False
        self._sources.update(found)
        # What workers are forked from has the old code as well, but no user's.
        if any(name.partition(".")[0] != "user_modules" for name in changed):
            self._fork = False
        return bool(changed)

    def _forget(self, handle: RunHandle) -> None:
        with self._lock:
            self._handles.discard(handle)


def _limit(workspace: Workspace) -> int:
    """Return how many bytes the store may have."""
    try:
        limit = workspace.settings.get("store_limit")
    except DamagedRecordError as error:
        _log.warning("The store isn't limited. %s", error.message)
        # Results that there was room for would go.
        return sys.maxsize
    return DEFAULT_LIMIT if limit is None else int(limit)
