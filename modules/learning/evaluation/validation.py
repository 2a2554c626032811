"""How well a learner predicts rows that it wasn't trained on, by one metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError
from modules.contract.context import part_of_progress
from modules.learning.evaluation.folds import evaluated, folds_of, rows_with_label
from modules.learning.evaluation.undefined import counted_metrics
from modules.learning.tuning.trials import warning_once
from modules.values import TrainedModel, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

ClassificationMetric = Annotated[
    Literal["Accuracy", "Precision", "Recall", "F1 score", "AUC", "Average log loss"],
    Field(title="Metric for classification"),
]
RegressionMetric = Annotated[
    Literal[
        "Mean absolute error",
        "Root mean squared error",
        "Coefficient of determination",
    ],
    Field(title="Metric for regression"),
]

_MULTICLASS = {
    "Accuracy": "Overall accuracy",
    "Precision": "Macro-averaged precision",
    "Recall": "Macro-averaged recall",
    "Average log loss": "Average log loss",
}
"""What metrics of two classes are called for several."""

ERRORS = frozenset({"Average log loss", "Mean absolute error", "Root mean squared error"})
"""Metrics of which lower values are better."""


def metric_of(task: str, classification: str, regression: str) -> str:
    """Return the metric of a task by its name in the evaluation.

    Raises
    ------
    ModuleError
        If it's for two classes only, and there are several.
    """
    if task == "regression":
        return regression
    if task == "two-class":
        return classification
    if classification not in _MULTICLASS:
        raise ModuleError(
            "wrong-metric",
            f"{classification} is a metric for two classes.",
            f"Choose one of {', '.join(_MULTICLASS)}.",
            parameter="classification_metric",
        )
    return _MULTICLASS[classification]


class CrossValidation:
    """Folds of a dataset on which learners are compared.

    Parameters
    ----------
    task : str
        Of the learners.
    folds : int
        Number of folds if there isn't a column with the fold role.
    seed : int
        Determines which row is in which fold; see
        :func:`modules.learning.evaluation.folds.folds_of`.
    """

    def __init__(self, dataset: DataTable, label: str, task: str, folds: int, seed: int) -> None:
        self.table = rows_with_label(dataset, label)
        self.label = label
        self.fold_of_row, self.numbers = folds_of(self.table, label, task, folds, seed)

    def __len__(self) -> int:
        return len(self.numbers)

    def parts(self) -> Iterator[tuple[DataTable, DataTable]]:
        """Yield the training rows and the rows of each fold."""
        for index in range(len(self)):
            inside = self.fold_of_row == index
            frame = self.table.frame
            yield self.table.with_frame(frame[~inside]), self.table.with_frame(frame[inside])

    def frames(self) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
        """Return the training rows and the rows of each fold, as frames."""
        return [(training.frame, testing.frame) for training, testing in self.parts()]

    def training(self, learner: UntrainedModel, positive: str = "") -> Callable[..., TrainedModel]:
        """Return a function that trains a learner on a frame of rows, and perhaps some columns."""

        def train(rows: pd.DataFrame, columns: list[str] | None = None) -> TrainedModel:
            table = self.table.with_frame(rows)
            return learner.fit(table, self.label, features=columns, positive=positive)

        return train

    def measured(self, model: TrainedModel, rows: pd.DataFrame) -> dict[str, float]:
        """Return the metrics of Evaluate Model for a frame of rows."""
        _, report = evaluated(model, self.table.with_frame(rows), self.label, "dataset")
        return counted_metrics(report.metrics, len(rows))

    def metrics(
        self, learner: UntrainedModel, features: list[str] | None = None, positive: str = ""
    ) -> list[dict[str, float]]:
        """Return the metrics of Evaluate Model for each fold."""
        found = []
        with warning_once():
            for index, (training, testing) in enumerate(self.parts()):
                with part_of_progress(index / len(self), (index + 1) / len(self)):
                    found.append(
                        held_out_metrics(learner, training, testing, self.label, features, positive)
                    )
        return found


def held_out_metrics(
    learner: UntrainedModel,
    training: DataTable,
    testing: DataTable,
    label: str,
    features: list[str] | None = None,
    positive: str = "",
) -> dict[str, float]:
    """Return the metrics for rows of a model trained on others."""
    model = learner.fit(training, label, features=features, positive=positive)
    _, report = evaluated(model, testing, label, "dataset")
    return counted_metrics(report.metrics, len(testing))


def worth(metrics: list[dict[str, float]], metric: str) -> float:
    """Return the mean of a metric over folds, higher for better; -inf if it's undefined."""
    values = [each.get(metric, math.nan) for each in metrics]
    mean = sum(values) / len(values)
    if math.isnan(mean):
        return -math.inf
    return -mean if metric in ERRORS else mean
