"""Evaluating a learner with one setting after the other."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from modules.contract import ModuleError, warn
from modules.contract.context import ModuleWarning
from modules.learning.tuning.settings import Setting

if TYPE_CHECKING:
    import pandas as pd

PROBLEM = "Problem"

SHARE = "Share of rows"


class Parts(Protocol):
    """Parts of the data, on each of which a setting is trained and evaluated."""

    def __len__(self) -> int: ...

    @property
    def fewest_rows(self) -> int:
        """The rows to train on in the smallest part."""

    def announce(self, settings: Sequence[Setting], share: float) -> None:
        """Take in which settings are asked for next, with that share of the rows."""

    def metrics(self, setting: Setting, share: float) -> Iterator[dict[str, float]]:
        """Yield the metrics of a setting for one part after the other.

        Parameters
        ----------
        share : float
            Of the rows to train on; above 0, at most 1.
        """


@dataclass(frozen=True)
class Aim:
    """The metric that decides.

    Parameters
    ----------
    metric : str
    lower_is_better : bool
    """

    metric: str
    lower_is_better: bool

    def cost(self, trial: Trial, parts: int | None = None) -> float:
        """Return the mean over the first parts, lower for better settings; NaN if undefined."""
        value = trial.mean(self.metric, parts)
        return value if self.lower_is_better else -value


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
    parts : int
        How many there are; the setting was stopped if it has fewer metrics.
    share : float
        Of the rows that it was trained on.
    """

    setting: Setting
    metrics: list[dict[str, float]] = field(default_factory=list)
    error: Exception | None = None
    parts: int = 0
    share: float = 1.0

    def evaluate(self, parts: Parts, is_poor: Callable[[Trial], bool]) -> None:
        """Evaluate the setting on each part; an error is kept.

        Parameters
        ----------
        is_poor : callable
            Returns after a part whether the others can be left out.
        """
        self.metrics, self.parts = [], len(parts)
        try:
            for found in parts.metrics(self.setting, self.share):
                self.metrics.append(found)
                if len(self.metrics) < len(parts) and is_poor(self):
                    break
        except Exception as error:  # A setting that fails doesn't end the search.
            self.error, self.metrics = error, []

    @property
    def problem(self) -> str | None:
        """Why it failed, for display."""
        if isinstance(self.error, ModuleError):
            return str(self.error)
        if self.error is not None:
            return f"{type(self.error).__name__}: {self.error}"
        if self.stopped:
            return f"Stopped after {len(self.metrics)} of {self.parts} folds: others are better."
        return None

    @property
    def stopped(self) -> bool:
        """Whether parts were left out because the setting was poor."""
        return self.error is None and len(self.metrics) < self.parts

    def mean(self, metric: str, parts: int | None = None) -> float:
        """Return the mean of a metric over the first parts; NaN if it is undefined in one."""
        values = [metrics.get(metric, math.nan) for metrics in self.metrics[:parts]]
        return sum(values) / len(values) if values else math.nan

    def deviation(self, metric: str) -> float:
        """Return the standard deviation, that of a sample, of a metric over the parts."""
        import numpy as np

        if len(self.metrics) < 2 or not math.isfinite(self.mean(metric)):
            return math.nan
        # The square of a large error may overflow.
        with np.errstate(over="ignore"):
            return float(np.std([metrics[metric] for metrics in self.metrics], ddof=1))


def check_trials(trials: Sequence[Trial], aim: Aim) -> None:
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
    if all(math.isnan(aim.cost(trial)) for trial in trials):
        raise ModuleError(
            "metric-undefined",
            f"{aim.metric} is undefined for every setting.",
            "Choose another metric, or fewer folds.",
        )


def best_first(trials: Sequence[Trial], aim: Aim) -> list[Trial]:
    """Return the settings in the order of their worth; equal ones keep theirs.

    Those trained on fewer rows come later, then those that were stopped, those without a value
    of the metric, and those that failed.
    """

    def worth(trial: Trial) -> tuple[bool, float, bool, bool, float]:
        cost = aim.cost(trial)
        undefined = math.isnan(cost)
        failed = trial.error is not None
        return failed, -trial.share, trial.stopped, undefined, 0.0 if undefined else cost

    return sorted(trials, key=worth)


def results_table(ranked: Sequence[Trial], aim: Aim) -> pd.DataFrame:
    """Return a row for each setting, in their order."""
    import pandas as pd

    names = sorted({name for trial in ranked for name in trial.setting})
    columns: dict[str, Any] = {
        name: _column([trial.setting.get(name) for trial in ranked]) for name in names
    }
    if any(trial.share < 1 for trial in ranked):
        columns[SHARE] = [trial.share for trial in ranked]
    for name in ranked[0].metrics[0]:
        columns[name] = [trial.mean(name) for trial in ranked]
        if name == aim.metric and len(ranked[0].metrics) > 1:
            deviations = [trial.deviation(name) for trial in ranked]
            columns[f"{name} (standard deviation)"] = deviations
    columns[PROBLEM] = pd.Series([trial.problem for trial in ranked], dtype="str")
    return pd.DataFrame(columns)


def _column(values: list[Any]) -> list[Any]:
    """Return values of one type, numbers, booleans, or text; None where a setting has none."""
    types = {type(value) for value in values if value is not None}
    if types <= {int, float} or types == {bool}:
        return values
    return [None if each is None else str(each) for each in values]


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
