"""A run in a separate thread, and the record that it writes."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from designer.engine import events
from designer.engine.executors.base import Executor
from designer.engine.fingerprints import module_versions
from designer.engine.libraries import versions
from designer.engine.plan import Plan
from designer.engine.results import RunResult
from designer.engine.runner import Runner
from designer.engine.store.store import Store
from designer.git_commit import git_commit
from designer.pipeline import file
from designer.pipeline.model import Pipeline
from designer.private_files import write_private
from designer.redaction import without_secrets
from designer.workspace import Workspace

_log = logging.getLogger(__name__)


class RunHandle:
    """A run in progress."""

    def __init__(
        self,
        workspace: Workspace,
        store: Store,
        executor: Executor,
        plan: Plan,
        pipeline: Pipeline,
        *,
        base: Path,
        reuse: bool,
        resume: Collection[str],
        listeners: Sequence[events.EventListener],
        on_end: Callable[[RunHandle], None],
        source: Path | None,
    ) -> None:
        self._workspace = workspace
        self._on_end = on_end
        self._listeners = listeners
        self._plan = plan
        self._pipeline = pipeline
        self._source = source
        self._base = base
        self._result: RunResult | None = None
        self._error: BaseException | None = None
        self._done = threading.Event()
        self.id, self.folder = workspace.new_run()
        self._runner = Runner(
            self.id,
            plan,
            store,
            executor,
            logs=self.folder / "logs",
            base=base,
            reuse=reuse,
            resume=resume,
            listeners=listeners,
        )
        self.thread = threading.Thread(target=self._run, name=f"run {self.id}", daemon=True)

    @property
    def done(self) -> bool:
        """Whether the run is over."""
        return self._done.is_set()

    def cancel(self) -> None:
        """End the run; steps that work are ended within a second. Returns at once."""
        self._runner.cancel()

    def cancel_branch(self, node: str) -> None:
        """End a step; steps that need it are skipped, and the rest of the run continues."""
        self._runner.cancel_branch(node)

    def stop(self) -> bool:
        """Ask steps that search to stop and to keep what they have; false if there is none."""
        return not self.done and self._runner.stop()

    def ended(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run, whatever it is; False if that takes longer."""
        return self._done.wait(timeout)

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
            events.notify(self._listeners, events.RunRecorded(run=self.id))
        except BaseException as error:
            self._error = error
        finally:
            self._on_end(self)
            self._done.set()

    def _keep_pipeline(self) -> None:
        try:
            write_private(self.folder / "pipeline.json", file.dumps(self._pipeline))
        except OSError as error:
            raise self._workspace.trouble(error) from error

    def _keep_record(self, result: RunResult, started: float) -> None:
        record = result.to_json() | {
            "started": started,
            "source": os.path.abspath(self._source) if self._source else None,
            "base": os.path.abspath(self._base),
            "commit": git_commit(self._source),
            **_facts(self._plan),
        }
        try:
            self._workspace.remember_run(self.id, record, self._source)
        except OSError as error:
            trouble = self._workspace.trouble(error)
            if result.status == "completed":
                raise trouble from error
            # The error that failed the run is more specific, and often the same.
            _log.warning("The record of the run %s can't be written. %s", self.id, trouble)


def _facts(plan: Plan) -> dict[str, Any]:
    """Return what decided a run's results and is neither in its pipeline nor in its result."""
    specs = {step.spec.id: step.spec for step in plan.steps.values() if step.spec}
    requires = {
        each
        for step in plan.steps.values()
        if step.spec
        for each in step.spec.requirements(step.parameters)
    }
    return {
        "parameters": {
            name: without_secrets(value) if isinstance(value, str) else value
            for name, value in plan.parameters.items()
        },
        "versions": versions(requires),
        "modules": module_versions(specs.values()),
        "datasets": {
            f"{node}.{name}": found
            for node, step in plan.steps.items()
            for name, found in step.datasets.items()
        },
    }
