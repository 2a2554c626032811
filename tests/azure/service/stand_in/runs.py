"""Runs: pipelines and their steps, executed in order as processes of this computer."""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stand_in import metrics
from stand_in.names import clean_environment, now
from stand_in.processes import processes

if TYPE_CHECKING:
    from stand_in.service import Service

TERMINAL = ("Completed", "Failed", "Canceled")


@dataclass
class Run:
    """A run as the history knows it: of a pipeline, of a step, or of one script."""

    id: str
    experiment: str
    name: str = ""
    parent: str | None = None
    kind: str = "azureml.StepRun"
    status: str = "NotStarted"
    created: str = ""
    started: str | None = None
    ended: str | None = None
    target: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    definition: Any = None
    error: str = ""
    node: str = ""
    number: int = 1


@dataclass(frozen=True)
class Work:
    """What a step does.

    Parameters
    ----------
    command : callable
        Returns the words to execute, the folder to do it in, and variables.
    key : callable or None
        Says what the result depends on, where an earlier one may stand for it.
    """

    run: Run
    after: tuple[str, ...]
    command: Callable[[], tuple[Sequence[str], Path, Mapping[str, str]]]
    done: Callable[[], None] = lambda: None
    key: Callable[[], str] | None = None


class Runs:
    """All runs of a service, and the cluster that executes them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.all: dict[str, Run] = {}
        self._threads: list[threading.Thread] = []
        self._cancelled: set[str] = set()
        self.hold = threading.Event()
        """While it is not set, no step starts."""
        self.hold.set()
        self._results: dict[str, str] = {}
        self.executed: list[tuple[str, ...]] = []

    def new(self, experiment: str, **about: Any) -> Run:
        """Make a run that has not started."""
        id_ = about.pop("id", None) or str(uuid.uuid4())
        run = Run(id_, experiment, created=now(), number=len(self.all) + 1, **about)
        self.all[run.id] = run
        return run

    def children(self, parent: str) -> list[Run]:
        """Return the steps of a run."""
        return [run for run in list(self.all.values()) if run.parent == parent]

    def below(self, parent: str) -> list[Run]:
        """Return the steps of a run, also those in steps that are pipelines."""
        found = self.children(parent)
        for each in found:
            found += self.children(each.id)
        return found

    def log(self, run: str, name: str = "std_log.txt") -> Path:
        """Return a log file of a run, in the store of its artifacts."""
        return self.artifacts(run) / "user_logs" / name

    def artifacts(self, run: str) -> Path:
        """Return the folder of the artifacts of a run."""
        return self._service.blob_folder / "artifacts" / "ExperimentRun" / f"dcid.{run}"

    def start(
        self,
        parent: Run,
        works: Sequence[Work],
        *,
        keep_going: bool = False,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Execute the steps of a pipeline on a thread of their own."""
        thread = threading.Thread(
            target=self._execute,
            args=(parent, works, keep_going, then),
            name=f"run {parent.id}",
            daemon=True,
        )
        self._threads.append(thread)
        thread.start()

    def cancel(self, run: str) -> None:
        """End a run and the process that it is."""
        self._cancelled.add(run)
        self.hold.set()
        for each in (run, *(child.id for child in self.below(run))):
            processes().kill(each)

    def wait(self, run: str, seconds: float) -> None:
        """Wait until a run has ended."""
        for thread in self._threads:
            if thread.name == f"run {run}":
                thread.join(seconds)

    def close(self) -> None:
        """End everything."""
        for run in list(self.all.values()):
            if run.status not in TERMINAL:
                self.cancel(run.id)
        self.hold.set()
        for thread in self._threads:
            thread.join(10)

    def _execute(
        self, parent: Run, works: Sequence[Work], keep_going: bool, then: Callable[[], None]
    ) -> None:
        by_id = {work.run.id: work for work in works}
        parent.status, parent.started = "Running", now()
        if self._service.pipeline_error:
            parent.error, parent.status, parent.ended = (
                self._service.pipeline_error,
                "Failed",
                now(),
            )
            return
        order = TopologicalSorter({work.run.id: work.after for work in works})
        bad: set[str] = set()
        for id_ in order.static_order():
            work = by_id[id_]
            self.hold.wait(600)
            if {parent.id, id_} & self._cancelled:
                work.run.status = "Canceled"
            elif bad and not (keep_going and not bad & set(work.after)):
                # What has not begun never does.
                bad.add(id_)
                continue
            else:
                try:
                    self._step(parent, work)
                except Exception:
                    self._service.door.failures.append(traceback.format_exc())
                    work.run.status, work.run.error = "Failed", "The stand-in failed."
            if work.run.status != "Completed":
                bad.add(id_)
            work.run.ended = now()
        statuses = {work.run.status for work in works}
        self._end_inner(parent)
        then()
        parent.ended = now()
        if parent.id in self._cancelled:
            parent.status = "Canceled"
        else:
            parent.status = "Completed" if statuses == {"Completed"} else "Failed"

    def _end_inner(self, parent: Run) -> None:
        """End the steps that are pipelines, like the worst of their steps."""
        for run in reversed(self.below(parent.id)):
            inner = {each.status for each in self.children(run.id)}
            if inner:
                bad = "Canceled" if "Canceled" in inner else "Failed"
                run.status = "Completed" if inner == {"Completed"} else bad
                run.ended = now()

    def _drop_empty_folders(self) -> None:
        """Keep files only, as a blob store does; what is empty was never there."""
        root = self._service.blob_folder
        folders = [path for path in root.rglob("*") if path.is_dir() and path.parent != root]
        for folder in sorted(folders, reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()

    def _step(self, parent: Run, work: Work) -> None:
        run = work.run
        key = work.key() if work.key is not None else ""
        if key in self._results:
            earlier = self._results[key]
            run.properties |= {"azureml.reusedrunid": earlier, "azureml.isreused": "true"}
            outputs = self._service.kept("outputs")
            outputs[run.id] = outputs[earlier]
            run.started, run.status = now(), "Completed"
            return
        run.started, run.status = now(), "Running"
        above = self.all[run.parent] if run.parent else parent
        while above is not parent:
            above.status, above.started = "Running", above.started or now()
            above = self.all[above.parent or parent.id]
        log = self.log(run.id)
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            words, folder, environment = work.command()
        except Exception as error:
            log.write_text(f"The stand-in can't start the step: {error!r}\n", "utf-8")
            run.status, run.error = "Failed", str(error)
            self._service.door.failures.append(traceback.format_exc())
            return
        self.executed.append(tuple(words))
        surroundings = clean_environment() | metrics.variables(self._service, run.id)
        surroundings |= dict(environment)
        code = processes().run(run.id, words, folder, surroundings, log)
        self._drop_empty_folders()
        if {parent.id, run.id} & self._cancelled:
            run.status = "Canceled"
        elif code:
            run.status, run.error = "Failed", f"Execution failed. User process exited with {code}."
        else:
            if key:
                self._results[key] = run.id
            work.done()
            run.status = "Completed"
