"""Checks the pipeline in the background after every change: problems and columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from designer.app.library.translation import problem_in_language
from designer.app.widgets.main_thread import MainThreadInvoker
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.validation import Problem, validate
from modules.contract import ModuleSpec
from modules.contract.columns import Column

DELAY = 400
"""Milliseconds without changes before the pipeline is checked."""

Columns = Mapping[Endpoint, Sequence[Column]]
Sample = Callable[[Pipeline, Path, Collection[str]], "tuple[Columns, Sequence[Problem]]"]


class Checker(QObject):
    """Validates, and infers the columns from a small sample.

    Parameters
    ----------
    sample : callable, optional
        From a pipeline, its folder, and the nodes to leave out to the known columns at output
        ports, and hints. Runs on a thread; may take long.
    closed : callable, optional
        From a pipeline and its folder to the nodes whose files mustn't be looked at. Runs on
        a thread.
    unfinished : callable, optional
        Returns the nodes that aren't to be tried on a sample before :meth:`finish` is called.

    Attributes
    ----------
    problems : list of Problem
        Of the last check.
    columns : mapping of Endpoint to sequence of Column
        The known columns of output ports.
    hints : sequence of Problem
        Those of the problems that a sample has shown, not the pipeline itself.
    has_checked : bool
        Whether the open pipeline was checked.

    Signals
    -------
    checked
        ``problems`` are new.
    learned
        ``columns`` are new.
    settled
        ``problems`` and ``columns`` both belong to the pipeline as it is now. Until then the
        columns may be those from before the last change, of nodes that had other ids.
    """

    checked = Signal()
    learned = Signal()
    settled = Signal()

    def __init__(
        self,
        specs: Mapping[str, ModuleSpec],
        sample: Sample | None = None,
        closed: Callable[[Pipeline, Path], Collection[str]] = lambda pipeline, base: (),
        unfinished: Callable[[], Collection[str]] = tuple,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._unfinished = unfinished
        self._left_out: Collection[str] = ()
        self.problems: list[Problem] = []
        self.columns: Columns = {}
        self.has_checked = False
        self._specs = specs
        self._sample = sample
        self._closed = closed
        self.hints: Sequence[Problem] = ()
        self._pipeline = Pipeline()
        self._base = Path.home()
        self._datasets: Callable[[], Sequence[str]] | None = None
        self._serial = 0
        self._checked_serial = 0
        self._waiting: list[Callable[[], object]] = []
        self._invoker = MainThreadInvoker(self)
        self._check_thread = ThreadPoolExecutor(1, "validate")
        self._sampling = ThreadPoolExecutor(1, "sample")
        # Records of runs wait for no sample and no engine.
        self._reading = ThreadPoolExecutor(1, "read")
        self._check_task: Future[Any] | None = None
        self._sample_task: Future[Any] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.check_now)

    def set_specs(self, specs: Mapping[str, ModuleSpec]) -> None:
        """Use another catalog."""
        self._specs = specs

    def set_datasets(self, datasets: Callable[[], Sequence[str]]) -> None:
        """Set how to find the names of registered datasets."""
        self._datasets = datasets

    def pipeline_changed(self, pipeline: Pipeline, base: Path) -> None:
        """Schedule a check after a change, once no more changes follow."""
        self._pipeline = pipeline
        self._base = base
        self._timer.start()

    def finish(self) -> None:
        """Check again if a node was left out that may be tried now."""
        if self._left_out and not self._timer.isActive():
            self.check_now()

    def forget(self) -> None:
        """Clear the columns: another pipeline is open."""
        self.columns = {}
        self.hints = ()
        self.problems = []
        self.has_checked = False
        # Checks of the previous pipeline are ignored.
        self._serial += 1
        self._waiting = []

    def errors_in(self, nodes: Collection[str]) -> list[Problem]:
        """Return the errors of some nodes, and of the pipeline itself, as of the last check."""
        return [
            problem
            for problem in self.problems
            if problem.severity == "error" and (problem.node is None or problem.node in nodes)
        ]

    @property
    def is_behind(self) -> bool:
        """Whether the problems are those of an earlier state of the pipeline."""
        return self._timer.isActive() or self._checked_serial != self._serial

    def when_checked(self, act: Callable[[], object]) -> None:
        """Check at once, and then call a function; not if another pipeline is opened first."""
        self._waiting.append(act)
        self.check_now()

    def check_now(self) -> None:
        """Check the pipeline without waiting for more changes."""
        self._timer.stop()
        self._serial += 1
        serial, pipeline, base = self._serial, self._pipeline, self._base
        self._validate(serial, pipeline, base, settles=self._sample is None)
        if self._sample is not None:
            sample, self._left_out = self._sample, self._unfinished()
            if self._sample_task is not None:
                self._sample_task.cancel()
            self._sample_task = self._sampling.submit(sample, pipeline, base, self._left_out)
            self._invoker.when_done(
                self._sample_task, lambda found: self._on_sample(serial, found, pipeline, base)
            )

    def input_columns(self, pipeline: Pipeline, node: str, port: str) -> Sequence[Column] | None:
        """Return the columns at an input port; None while they are unknown."""
        source = pipeline.inputs_of(node).get(port)
        return None if source is None else self.columns.get(source)

    def update_columns(self, columns: Columns) -> None:
        """Add columns from a run; later ones from a sample take precedence."""
        merged = {**columns, **self.columns}
        if merged != self.columns:
            self.columns = merged
            self.learned.emit()
            self._timer.start()

    def in_background(
        self, work: Callable[[], Any], done: Callable[[Any], Any], *, with_engine: bool = False
    ) -> None:
        """Call functions on a thread, one after the other; errors are ignored.

        Parameters
        ----------
        with_engine : bool
            It waits for the engine, and so in the same line as samples do.
        """
        threads = self._sampling if with_engine else self._reading
        self._invoker.when_done(threads.submit(work), done)

    def close(self) -> None:
        """Drop pending checks, and wait for the current one."""
        self._timer.stop()
        self._invoker.close()
        for executor in (self._check_thread, self._sampling, self._reading):
            executor.shutdown(wait=True, cancel_futures=True)

    def _validate(self, serial: int, pipeline: Pipeline, base: Path, *, settles: bool) -> None:
        specs, columns, datasets = self._specs, self.columns, self._datasets

        def check() -> list[Problem]:
            names = datasets() if datasets is not None else None
            closed = self._closed(pipeline, base)
            return validate(
                pipeline, specs, base=base, columns=columns, datasets=names, closed=closed
            )

        if self._check_task is not None:
            self._check_task.cancel()
        self._check_task = self._check_thread.submit(check)
        self._invoker.when_done(
            self._check_task, lambda found: self._on_checked(serial, found, settles)
        )

    def _on_checked(self, serial: int, problems: list[Problem], settles: bool) -> None:
        if serial == self._serial:
            by_node: dict[str | None, list[Problem]] = {}
            for problem in problems:
                by_node.setdefault(problem.node, []).append(problem)
            hints = [
                hint for hint in self.hints if not _is_reported(hint, by_node.get(hint.node, ()))
            ]
            self.problems = [problem_in_language(each) for each in (*problems, *hints)]
            self.has_checked = True
            self._checked_serial = serial
            self.checked.emit()
            waiting, self._waiting = self._waiting, []
            for act in waiting:
                act()
            if settles and not self._timer.isActive():
                self.settled.emit()

    def _on_sample(
        self,
        serial: int,
        found: tuple[Columns, Sequence[Problem]],
        pipeline: Pipeline,
        base: Path,
    ) -> None:
        if serial != self._serial:
            return
        columns, self.hints = found
        if columns != self.columns:
            self.columns = columns
            self.learned.emit()
        self._validate(serial, pipeline, base, settles=True)


def _is_reported(hint: Problem, problems: Sequence[Problem]) -> bool:
    """Return whether a problem of a node is the same as a hint from a sample."""
    for problem in problems:
        if problem.severity == "hint":
            continue
        location = (hint.parameter, hint.port)
        if location != (None, None) and location == (problem.parameter, problem.port):
            return True
        if hint.parameter is not None and hint.parameter == problem.parameter:
            return True
        if hint.message.rstrip(".").lower() in problem.message.lower():
            return True
    return False
