"""Evaluating a learner with one setting after the other."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from modules.contract import DataTable, ModuleError, warn
from modules.contract.context import ModuleWarning, part_of_progress
from modules.learning.evaluation.folds import evaluated, folds_of, rows_with_label
from modules.learning.evaluation.undefined import counted_metrics
from modules.learning.tuning.settings import Setting
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

PROBLEM = "Problem"


class Parts(Protocol):
    """Rows to train on, and others to evaluate on."""

    port: str
    """The input that the rows to evaluate on come from."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]: ...


class Folds:
    """Each fold of a dataset is evaluated in turn."""

    port = "training_dataset"

    def __init__(self, dataset: DataTable, label: str, task: str, folds: int, seed: int) -> None:
        self._table = rows_with_label(dataset, label)
        self._fold_of_row, numbers = folds_of(self._table, label, task, folds, seed)
        self._count = len(numbers)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]:
        table = self._table
        for index in range(self._count):
            inside = self._fold_of_row == index
            yield table.with_frame(table.frame[~inside]), table.with_frame(table.frame[inside])


class Validation:
    """A second dataset is evaluated.

    Raises
    ------
    ModuleError
        If it lacks columns, or has no row with a label.
    """

    port = "validation_dataset"

    def __init__(self, training: DataTable, validation: DataTable, label: str) -> None:
        from modules.learning.labels import labeled
        from modules.learning.training_data import feature_names

        training.require([label], parameter="label_column")
        validation.require([label, *feature_names(training, label, None)], port=self.port)
        with at_port(self.port):
            validation.require_rows(1, port=self.port)
            rows = validation.with_frame(labeled(validation.frame, label))
        self._parts = training.with_frame(labeled(training.frame, label)), rows

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[tuple[DataTable, DataTable]]:
        yield self._parts


@dataclass
class Trial:
    """A setting, and what came out.

    Parameters
    ----------
    setting : dict
        A value for each parameter that is tuned.
    metrics : list of dict
        One for each part; empty if the setting failed.
    error : Exception, optional
        Why it failed.
    """

    setting: Setting
    metrics: list[dict[str, float]] = field(default_factory=list)
    error: Exception | None = None

    def evaluate(self, learner: UntrainedModel, parts: Parts, label: str, positive: str) -> None:
        """Train the learner with the setting on each part and evaluate it; an error is kept."""
        found = []
        try:
            changed = learner.with_parameters(self.setting)
            for index, (training, testing) in enumerate(parts):
                with part_of_progress(index / len(parts), (index + 1) / len(parts)):
                    model = changed.fit(training, label, positive=positive)
                with at_port(parts.port):
                    _, report = evaluated(model, testing, label, parts.port)
                found.append(counted_metrics(report.metrics, len(testing)))
        except Exception as error:  # A setting that fails doesn't end the search.
            self.error = error
        else:
            self.metrics = found

    @property
    def problem(self) -> str | None:
        """Why it failed, for display."""
        if isinstance(self.error, ModuleError):
            return self.error.message
        return None if self.error is None else f"{type(self.error).__name__}: {self.error}"

    def mean(self, metric: str) -> float:
        """Return the mean of a metric over the parts; NaN if it is undefined in one."""
        values = [metrics.get(metric, math.nan) for metrics in self.metrics]
        return sum(values) / len(values) if values else math.nan

    def deviation(self, metric: str) -> float:
        """Return the standard deviation, that of a sample, of a metric over the parts."""
        import numpy as np

        if len(self.metrics) < 2 or not math.isfinite(self.mean(metric)):
            return math.nan
        # The square of a large error may overflow.
        with np.errstate(over="ignore"):
            return float(np.std([metrics[metric] for metrics in self.metrics], ddof=1))


def check_trials(trials: Sequence[Trial], metric: str) -> None:
    """Warn about settings that failed.

    Raises
    ------
    Exception
        That of the first setting, if every one failed.
    ModuleError
        If the metric is undefined for every setting.
    """
    failed = [trial.error for trial in trials if trial.error is not None]
    if len(failed) == len(trials):
        raise failed[0]
    if failed:
        warn(f"{len(failed)} of {len(trials)} settings failed; see the column “{PROBLEM}”.")
    if all(math.isnan(trial.mean(metric)) for trial in trials):
        raise ModuleError(
            "metric-undefined",
            f"{metric} is undefined for every setting.",
            "Choose another metric, or fewer folds.",
        )


def ranked(
    trials: Sequence[Trial], metric: str, *, lower_is_better: bool
) -> tuple[pd.DataFrame, int]:
    """Return a row for each setting, the best first, and the index of the best.

    Parameters
    ----------
    metric : str
        The one that decides. Equal settings keep their order; those without a value of it come
        later, and those that failed last.
    """
    import pandas as pd

    def worth(index: int) -> tuple[bool, bool, float]:
        value = trials[index].mean(metric)
        undefined = math.isnan(value)
        signed = value if lower_is_better else -value
        return trials[index].error is not None, undefined, 0.0 if undefined else signed

    order = sorted(range(len(trials)), key=worth)
    best_first = [trials[index] for index in order]
    columns: dict[str, Any] = {
        name: _column([trial.setting[name] for trial in best_first])
        for name in best_first[0].setting
    }
    for name in best_first[0].metrics[0]:
        columns[name] = [trial.mean(name) for trial in best_first]
        if name == metric and len(best_first[0].metrics) > 1:
            deviations = [trial.deviation(name) for trial in best_first]
            columns[f"{name} (standard deviation)"] = deviations
    columns[PROBLEM] = pd.Series([trial.problem for trial in best_first], dtype="str")
    return pd.DataFrame(columns), order[0]


def _column(values: list[Any]) -> list[Any]:
    """Return values of one type: numbers, booleans, or text."""
    types = {type(value) for value in values}
    return values if types <= {int, float} or types == {bool} else [str(each) for each in values]


@contextmanager
def at_port(port: str) -> Iterator[None]:
    """Name a port of the tuning module in errors about the ``dataset`` of a learner."""
    try:
        yield
    except ModuleError as error:
        if error.port == "dataset":
            error.port = port
        raise


@contextmanager
def warning_once() -> Iterator[None]:
    """Show each warning once, in whatever number of trainings it came up."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(
        str(each.message) for each in found if issubclass(each.category, ModuleWarning)
    ):
        warn(text)
    for each in found:
        if not issubclass(each.category, ModuleWarning):
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
