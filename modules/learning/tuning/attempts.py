"""Training a learner with one setting after the other, here or in several processes."""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from modules.contract import DataTable, ModuleError
from modules.contract.context import part_of_progress, report_progress, threads, using_threads
from modules.contract.json_files import read_json, write_json
from modules.learning.evaluation.folds import evaluated
from modules.learning.evaluation.undefined import counted_metrics
from modules.learning.processes.pool import ProcessEnded, Processes
from modules.learning.tuning.parts import Parts, at_port, stored_parts
from modules.learning.tuning.settings import Setting
from modules.learning.tuning.thinning import thinned
from modules.values import UntrainedModel, storage

WORTHWHILE = 3.0
"""Seconds of training after which processes are started: about as long as that takes."""

_LEARNER, _FACTS = "learner", "facts.json"


@dataclass(frozen=True)
class Attempt:
    """A setting on one part.

    Parameters
    ----------
    share : float
        Of the rows to train on; above 0, at most 1.
    part : int
        From 0.
    """

    setting: Setting
    share: float
    part: int


@dataclass
class Result:
    """How an attempt in another process ended.

    Parameters
    ----------
    metrics : dict of str to float
    failed : bool
    error : Exception, optional
        Why, if that can be sent.
    warned : list of tuple
        Text, category, file, and line of each warning.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    failed: bool = False
    error: Exception | None = None
    warned: list[tuple[str, type[Warning], str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class LearnerOnParts:
    """A learner, and the parts on which it is trained and evaluated.

    Parameters
    ----------
    positive : str
        The positive class of two, as text; empty for the second in their order.
    seed : int
        Determines which rows a share consists of.
    """

    learner: UntrainedModel
    parts: Parts
    label: str
    positive: str
    seed: int

    def rows(self, part: int, share: float) -> tuple[DataTable, DataTable]:
        """Return a share of the rows of a part to train on, and those to evaluate on.

        Smaller shares are parts of larger ones.
        """
        training, testing = self.parts.part(part)
        if share < 1:
            is_class = self.learner.task != "regression"
            frame = thinned(training.frame, self.label, share, self.seed, stratified=is_class)
            training = training.with_frame(frame)
        return training, testing

    def measure(self, attempt: Attempt) -> dict[str, float]:
        """Return the metrics of an attempt."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        learner, port = self.learner.with_parameters(attempt.setting), self.parts.port
        training, testing = self.rows(attempt.part, attempt.share)
        # So that the numbers are those of a process with one thread.
        with using_threads(1), threadpool_limits(1):
            model = learner.fit(training, self.label, positive=self.positive)
            with at_port(port):
                _, report = evaluated(model, testing, self.label, port)
        return counted_metrics(report.metrics, len(testing))

    def save(self, folder: Path) -> None:
        """Write it for other processes."""
        storage.save(self.learner, folder / _LEARNER)
        self.parts.save(folder)
        facts = {"label": self.label, "positive": self.positive, "seed": self.seed}
        write_json(folder / _FACTS, facts)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        learner = storage.load(folder / _LEARNER)
        assert isinstance(learner, UntrainedModel)
        return cls(learner, stored_parts(folder), **read_json(folder / _FACTS))


def result_of(problem: LearnerOnParts, attempt: Attempt) -> Result:
    """Return how an attempt ended; an error is part of the result."""
    result = Result()
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        try:
            result.metrics = problem.measure(attempt)
        except (ModuleError, MemoryError) as error:
            result.failed, result.error = True, error
        except Exception:  # Not every error can be sent; it comes up again in the step's process.
            result.failed = True
    result.warned = [
        (str(each.message), each.category, each.filename, each.lineno) for each in found
    ]
    return result


class Attempts:
    """A learner on parts as a search tries it; use it in a ``with`` statement.

    The first attempts are made in this process. If they take long, the others are made in as many
    processes as the step has threads; the metrics are the same.
    """

    def __init__(self, problem: LearnerOnParts) -> None:
        self._problem = problem
        self._workers = threads()
        self._processes: Processes | None = None
        self._spent = 0.0
        self._ahead: deque[tuple[Setting, float]] = deque()
        self._asked: dict[str, list[Future[Result]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._processes is not None:
            self._processes.close()

    def __len__(self) -> int:
        return len(self._problem.parts)

    @property
    def fewest_rows(self) -> int:
        """The rows to train on in the smallest part."""
        return min(len(self._problem.parts.part(index)[0]) for index in range(len(self)))

    def announce(self, settings: Sequence[Setting], share: float) -> None:
        """Take in which settings are asked for next, so that processes needn't wait for that."""
        self._ahead = deque((setting, share) for setting in settings)

    def metrics(self, setting: Setting, share: float) -> Iterator[dict[str, float]]:
        """Yield the metrics of a setting for one part after the other; see :class:`Tuner`."""
        if self._ahead and self._ahead[0] == (setting, share):
            self._ahead.popleft()
        attempts = [Attempt(setting, share, index) for index in range(len(self))]
        futures = self._asked.pop(_key(setting, share), [])
        try:
            for index, attempt in enumerate(attempts):
                if not futures and self._should_ask():
                    futures = [*map(self._ask, attempts[index:])]
                report_progress(index / len(self))
                if futures:
                    self._ask_ahead(len(futures))
                    yield self._received(futures.pop(0), attempt)
                else:
                    with part_of_progress(index / len(self), (index + 1) / len(self)):
                        yield self._measured(attempt)
        finally:
            for future in futures:
                future.cancel()

    def _measured(self, attempt: Attempt) -> dict[str, float]:
        began = time.perf_counter()
        try:
            return self._problem.measure(attempt)
        finally:
            self._spent += time.perf_counter() - began

    def _should_ask(self) -> bool:
        if self._processes is None and self._workers > 1 and self._spent >= WORTHWHILE:
            self._processes = Processes(
                self._problem, result_of, self._workers, is_doubtful=_lacked_memory
            )
        return self._processes is not None

    def _ask(self, attempt: Attempt) -> Future[Result]:
        assert self._processes is not None
        return self._processes.ask(attempt)

    def _ask_ahead(self, waiting: int) -> None:
        """Ask about the next settings, as far as that keeps the processes busy."""
        waiting += sum(not each.done() for futures in self._asked.values() for each in futures)
        while self._ahead and waiting < 2 * self._workers:
            setting, share = self._ahead.popleft()
            futures = [self._ask(Attempt(setting, share, index)) for index in range(len(self))]
            self._asked[_key(setting, share)] = futures
            waiting += len(futures)

    def _received(self, future: Future[Result], attempt: Attempt) -> dict[str, float]:
        try:
            result = future.result()
        except ProcessEnded as error:
            raise ModuleError("process-ended", f"The training's {error}.") from None
        for text, category, file, line in result.warned:
            warnings.warn_explicit(text, category, file, line)
        if result.error is not None:
            raise result.error
        return self._problem.measure(attempt) if result.failed else result.metrics


def _lacked_memory(result: Result) -> bool:
    return isinstance(result.error, MemoryError)


def _key(setting: Setting, share: float) -> Any:
    # Lists aren't hashable, and 1 and true are different values.
    return repr((sorted(setting.items()), share))
