"""Parts of the data in scripts without this project, and the metrics of one.

They equal those of :mod:`modules.learning.tuning.parts` to the bit: a search depends on them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.learning.evaluation.reports import (
    class_losses,
    confusion_of,
    multiclass_metrics,
    probability_metrics,
    quantile_losses,
    regression_metrics,
)
from modules.learning.evaluation.scored import class_codes, distinct
from modules.learning.evaluation.thresholds import threshold_table
from modules.learning.evaluation.undefined import counted_metrics
from modules.learning.exported import codes_of_two_classes
from modules.learning.tuning.settings import Setting
from modules.learning.tuning.thinning import thinned
from modules.values.evaluation_summary import TWO_CLASS_METRICS, two_class_metrics
from modules.values.score_columns import QUANTILE, SCORED_LABELS, SCORED_PROBABILITIES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FramesToTry:
    """Parts of the data, on each of which a setting is trained and evaluated.

    Parameters
    ----------
    frames : sequence of (pandas.DataFrame, pandas.DataFrame)
        For each part the rows to train on, and those to evaluate on.
    evaluate : callable
        Returns the metrics of a setting for one part.
    stratified : bool
        A share has the same share of every class.
    """

    frames: Sequence[tuple[pd.DataFrame, pd.DataFrame]]
    evaluate: Callable[[Setting, pd.DataFrame, pd.DataFrame], dict[str, float]]
    label: str
    seed: int
    stratified: bool

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def fewest_rows(self) -> int:
        """The rows to train on in the smallest part."""
        return min(len(training) for training, _ in self.frames)

    def announce(self, settings: Sequence[Setting], share: float) -> None:
        """Do nothing: settings are tried when they are asked for."""

    def metrics(self, setting: Setting, share: float) -> Iterator[dict[str, float]]:
        """Yield the metrics of a setting for one part after the other.

        Parameters
        ----------
        share : float
            Of the rows to train on; above 0, at most 1.
        """
        for training, testing in self.frames:
            rows = training
            if share < 1:
                rows = thinned(
                    training, self.label, share, self.seed, stratified=self.stratified
                ).reset_index(drop=True)
            yield self.evaluate(setting, rows, testing)


def metrics_of_regression(label: pd.Series, scores: pd.DataFrame) -> dict[str, float]:
    """Return the metrics of predicted numbers."""
    actual = label.to_numpy("float64")
    found = regression_metrics(actual, scores[SCORED_LABELS].to_numpy("float64"))
    losses = quantile_losses(actual, scores.filter(like=QUANTILE))
    return counted_metrics(found | losses, len(label))


def metrics_of_two_classes(
    label: pd.Series, scores: pd.DataFrame, classes: pd.Index
) -> dict[str, float]:
    """Return the metrics of predictions of the second of two classes."""
    names = tuple(classes.tolist())
    actual = codes_of_two_classes(label, classes)
    counts = confusion_of(actual, class_codes(scores[SCORED_LABELS], names), names).to_numpy()
    every = two_class_metrics(*map(float, (counts[1, 1], counts[0, 1], counts[1, 0], counts[0, 0])))
    found = {name: every[name] for name in TWO_CLASS_METRICS}
    probability = scores[SCORED_PROBABILITIES].to_numpy("float64")
    thresholds = threshold_table(actual == 1, probability)
    found |= probability_metrics(thresholds, actual == 1, probability)
    return counted_metrics(found, len(label))


def metrics_of_classes(
    label: pd.Series, scores: pd.DataFrame, classes: pd.Index
) -> dict[str, float]:
    """Return the metrics of predictions of several classes."""
    known = tuple(classes.tolist())
    seen = distinct(label, scores[SCORED_LABELS])
    names = known + tuple(value for value in seen if value not in known)
    actual = class_codes(label, names)
    counts = confusion_of(actual, class_codes(scores[SCORED_LABELS], names), names)
    found, _ = multiclass_metrics(counts.to_numpy())
    shares = scores.filter(like=f"{SCORED_PROBABILITIES}_").to_numpy("float64")
    losses, _ = class_losses(shares, actual)
    found["Average log loss"] = float(losses.mean()) if len(losses) else math.nan
    return counted_metrics(found, len(label))
