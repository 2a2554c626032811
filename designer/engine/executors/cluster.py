"""Runs steps on a Dask cluster whose workers see the workspace under the same path.

The scheduler hands out whole steps; what a step reads and writes goes through the store, which
is a folder that all computers share, so no table travels through the scheduler.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, InvalidStateError
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from designer.engine.executors import cluster_worker
from designer.engine.executors.base import Computed, StepError, Task, TaskListener
from designer.engine.store.entry import Manifest
from designer.private_files import make_file, make_folder
from modules.contract.context import Trial

CONNECTING = 10
"""Seconds to wait for the scheduler, and for the responses of its workers."""


class ClusterError(Exception):
    """A cluster can't be used; ``hint`` suggests a fix."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ClusterExecutor:
    """The workers of a Dask cluster.

    Parameters
    ----------
    address : str
        The scheduler's, such as ``tcp://10.0.0.5:8786``; without a protocol, tcp.
    store : Path
        The folder of the store.
    packages : mapping of str to str, optional
        Folders of the user's own modules by the name of their package.
    memory_limit : int, optional
        Bytes that a step may use; default: most of the memory of the computer that it runs on.

    Raises
    ------
    ClusterError
        If there is no such scheduler, it has no worker, or a worker wouldn't do the same as
        this computer: other versions, or it can't see the store.
    """

    def __init__(
        self,
        address: str,
        store: Path,
        packages: Mapping[str, str] | None = None,
        memory_limit: int | None = None,
    ) -> None:
        self._session = cluster_worker.Session(
            secrets.token_hex(8), str(store.absolute()), dict(packages or {}), memory_limit
        )
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._closed = False
        self._client = connect(address, store)
        try:
            self._client.subscribe_topic(self._session.topic, self._on_event)
        except BaseException:
            self._client.close(timeout=CONNECTING)
            raise

    def submit(self, task: Task, log: Path, listener: TaskListener) -> Future[Manifest]:
        """Run a task as soon as a worker is free; see :class:`Executor`."""
        job = _Job(listener)
        with self._lock:
            if self._closed:
                raise RuntimeError("The engine is closed.")
            self._jobs[job.token] = job
        job.remote = self._client.submit(
            cluster_worker.run_step,
            asdict(task),
            str(log.absolute()),
            self._session,
            job.token,
            key=f"{task.node}-{job.token}",
            pure=False,
        )
        job.future.add_done_callback(partial(self._on_end, job))
        job.remote.add_done_callback(partial(self._on_done, job))
        return job.future

    def forget(self, keys: frozenset[str]) -> None:
        """Do nothing: the workers of a cluster keep no values in memory."""

    def close(self) -> None:
        """Cancel what runs and leave the cluster as it was."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for job in jobs:
            job.future.cancel()
        with contextlib.suppress(Exception):
            self._client.run(cluster_worker.end_session, self._session, on_error="ignore")
        self._client.close(timeout=CONNECTING)

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        """Forward the messages of a step, on the client's thread."""
        message = event[1]
        with self._lock:
            job = self._jobs.get(message["token"])
        if job is None:
            return
        kind, content = message["kind"], message["content"]
        if kind == "running":
            job.listener.running(content)
        elif kind == "progress":
            job.listener.progress(*content)
        elif kind == "line":
            job.listener.line(*content)
        elif kind == "trial":
            job.listener.trial(Trial(**content))

    def _on_done(self, job: _Job, remote: Any) -> None:
        """Take the outcome of a step, on a thread of the client's."""
        try:
            outcome: dict[str, Any] = remote.result()
        except CancelledError:
            outcome = _lost("The cluster dropped this step.")
        except Exception as error:
            outcome = _lost(f"The cluster couldn't run this step: {error}")
        with contextlib.suppress(InvalidStateError):
            if "manifest" in outcome:
                manifest = outcome["manifest"]
                job.listener.computed(
                    Computed(
                        frozenset(manifest["outputs"]),
                        manifest["seconds"],
                        tuple(manifest["warnings"]),
                        manifest["key"],
                    )
                )
                job.future.set_result(manifest)
            else:
                job.future.set_exception(StepError(outcome["error"], lost=outcome["lost"]))

    def _on_end(self, job: _Job, future: Future[Manifest]) -> None:
        with self._lock:
            self._jobs.pop(job.token, None)
        if future.cancelled():
            # The worker sees that the step is no longer wanted, and ends its process.
            job.remote.cancel()


@dataclass(eq=False)
class _Job:
    listener: TaskListener
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    future: Future[Manifest] = field(default_factory=Future)
    remote: Any = None


def _lost(message: str) -> dict[str, Any]:
    return {"error": {"code": "worker-died", "message": message}, "lost": True}


def connect(address: str, shared: Path) -> Any:
    """Return a client of a cluster whose workers see a folder and have the same versions.

    Raises
    ------
    ClusterError
        If there is no such scheduler, it has no worker, or a worker can't be used.
    """
    client = _connect(address)
    try:
        _check_workers(client, shared)
    except BaseException:
        client.close(timeout=CONNECTING)
        raise
    return client


def _connect(address: str) -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError(
            "The library for Dask clusters isn't installed.",
            "Install ModelDesk with its extra “cluster”: pip install 'modeldesk[cluster]'.",
        ) from None
    try:
        with warnings.catch_warnings():
            # Versions are checked below, those that decide results.
            warnings.simplefilter("ignore")
            client: Any = distributed.Client
            return client(address, timeout=CONNECTING, set_as_default=False, name="modeldesk")
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(
            f"No Dask scheduler responds at “{address}”.",
            "Start one with “dask scheduler” and use the address it prints, "
            "such as dask:tcp://10.0.0.5:8786.",
        ) from error


def _check_workers(client: Any, store: Path) -> None:
    """Check that every worker would compute the same as this computer."""
    if not client.scheduler_info(n_workers=-1)["workers"]:
        raise ClusterError(
            "The Dask cluster has no worker.",
            f"Start one with “dask worker {client.scheduler.address}”.",
        )
    make_folder(store)
    mark = store / f".cluster-{secrets.token_hex(8)}"
    make_file(mark)
    try:
        responses = client.run(cluster_worker.about, str(mark), on_error="return")
    finally:
        mark.unlink(missing_ok=True)
    here = cluster_worker.versions()
    for worker, response in responses.items():
        if isinstance(response, ImportError):
            raise ClusterError(
                f"ModelDesk isn't installed where the worker {worker} runs.",
                "Start the workers in an environment with this version of ModelDesk.",
            )
        if isinstance(response, BaseException):
            raise ClusterError(f"The worker {worker} sent an invalid response: {response}")
        if not response["sees"]:
            raise ClusterError(
                f"The worker {worker} can't see the workspace, or can't write to it.",
                "Choose a workspace in a folder that all computers share under the same path.",
            )
        for name, version in here.items():
            if response["versions"].get(name) != version:
                raise ClusterError(
                    f"The worker {worker} has a different version of {name}: "
                    f"{response['versions'].get(name, 'none')} instead of {version}.",
                    "Results are only reproducible with equal versions. "
                    "Install the same versions on all computers.",
                )
