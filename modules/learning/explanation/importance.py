"""How much worse a model predicts if the values of a column are shuffled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from modules.contract.context import report_progress
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import set_columns
from modules.learning.evaluation.scored import class_codes, numbers
from modules.learning.evaluation.thresholds import area_under_roc, threshold_table
from modules.values.trained_model import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Metric = Literal[
    "Automatic",
    "AUC",
    "Accuracy",
    "Log Loss",
    "Root Mean Squared Error",
    "Mean Absolute Error",
    "Coefficient of Determination",
]

_OF_REGRESSION = ("Root Mean Squared Error", "Mean Absolute Error", "Coefficient of Determination")
LOSSES = ("Log Loss", "Root Mean Squared Error", "Mean Absolute Error")
"""Metrics of which lower values are better."""

AUTOMATIC = {
    "two-class": "AUC",
    "multiclass": "Log Loss",
    "regression": "Root Mean Squared Error",
}
"""The metric of each task, unless another one is chosen."""

Judge = Callable[["pd.DataFrame"], float]


def metric_for(model: TrainedModel, metric: Metric) -> str:
    """Return the metric to use.

    Raises
    ------
    ModuleError
        If it doesn't apply to the task of the model.
    """
    if metric == "Automatic":
        return AUTOMATIC[model.task]
    fits = (metric in _OF_REGRESSION) == (model.task == "regression")
    if not fits or (metric == "AUC" and model.task != "two-class"):
        kind = model.task if model.task == "regression" else f"{model.task} classification"
        raise ModuleError(
            "wrong-metric",
            f"{model.title} is a {kind} model, which “{metric}” doesn't apply to.",
            "Choose “Automatic”.",
            parameter="metric",
        )
    return metric


def judge_of(model: TrainedModel, table: DataTable, metric: str, port: str) -> Judge:
    """Return the function from the frame of a table to the metric of the model's scores.

    Parameters
    ----------
    table : DataTable
        The rows with their label, none missing.
    """
    actual = table.frame[str(model.label)]
    if model.task == "regression":
        truth = numbers(actual, port)
        return lambda frame: of_numbers(metric, truth, _column(model, table.with_frame(frame)))
    codes, positive = class_codes(actual, model.classes), 0
    if metric == "AUC":
        positive = model.classes.index(model.positive)
    return lambda frame: of_classes(
        metric, codes, _probabilities(model, table.with_frame(frame)), positive
    )


def of_classes(metric: str, codes: np.ndarray, shares: np.ndarray, positive: int) -> float:
    """Return a metric of probabilities (rows, classes)."""
    import numpy as np

    if metric == "Accuracy":
        return float((shares.argmax(axis=1) == codes).mean())
    if metric == "AUC":
        return area_under_roc(threshold_table(codes == positive, shares[:, positive]))
    known = codes >= 0
    chosen = shares[np.flatnonzero(known), codes[known]]
    return float(-np.log(np.clip(chosen, 1e-15, 1)).mean())


def shuffled(
    judge: Judge, frame: pd.DataFrame, columns: Sequence[str], metric: str, repeats: int, seed: int
) -> tuple[float, np.ndarray]:
    """Return the metric, and how much worse it is for each column and shuffle.

    Breiman (2001). Every column is shuffled in the same orders.

    Returns
    -------
    float
    numpy.ndarray, shape (columns, repeats)
        Positive if the model is worse without the column.
    """
    import numpy as np

    base = judge(frame)
    sign = 1.0 if metric in LOSSES else -1.0
    draw = np.random.default_rng(seed)
    orders = [draw.permutation(len(frame)) for _ in range(repeats)]
    found = np.empty((len(columns), repeats))
    for index, name in enumerate(columns):
        for turn, order in enumerate(orders):
            column = frame[name].take(order).reset_index(drop=True)
            value = judge(set_columns(frame, {name: column}))
            found[index, turn] = sign * (value - base)
        report_progress((index + 1) / len(columns), f"column {index + 1} of {len(columns)}")
    return base, found


def _column(model: TrainedModel, table: DataTable) -> np.ndarray:
    scores = model.score(table)
    assert scores.scoring is not None
    found: np.ndarray = scores.frame[scores.scoring.scored].to_numpy("float64")
    return found


def _probabilities(model: TrainedModel, table: DataTable) -> np.ndarray:
    """Return the probabilities of the classes, of shape (rows, classes)."""
    import numpy as np

    scores = model.score(table)
    assert scores.scoring is not None
    found: np.ndarray = scores.frame[list(scores.scoring.probabilities)].to_numpy("float64")
    if model.task == "two-class":
        other = 1 - found[:, 0]
        first = model.classes.index(model.positive) == 0
        found = np.column_stack([found[:, 0], other] if first else [other, found[:, 0]])
    return found


def of_numbers(metric: str, truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return a metric of numbers."""
    import numpy as np

    error = truth - predicted
    if metric == "Mean Absolute Error":
        return float(np.abs(error).mean())
    if metric == "Root Mean Squared Error":
        return float(np.sqrt((error**2).mean()))
    spread = ((truth - truth.mean()) ** 2).sum()
    return float(1 - (error**2).sum() / spread) if spread else float("nan")


def sampled(frame: pd.DataFrame, label: str | None, rows: int, seed: int) -> pd.DataFrame:
    """Return the rows to use: those with a label if there are any, at most so many."""
    import numpy as np

    if label in frame:
        known = frame[frame[label].notna()]
        frame = known if len(known) else frame
    if len(frame) > rows:
        chosen = np.random.default_rng(seed).choice(len(frame), rows, replace=False)
        frame = frame.iloc[np.sort(chosen)]
    return frame.reset_index(drop=True)


def importance_table(
    names: Sequence[str], worse: np.ndarray | None, values: np.ndarray
) -> pd.DataFrame:
    """Return a row for each column, the most important first.

    Parameters
    ----------
    worse : numpy.ndarray, shape (columns, repeats), optional
        From :func:`shuffled`.
    values : numpy.ndarray, shape (rows, columns, outputs)
        Contributions.
    """
    import numpy as np
    import pandas as pd

    size = np.abs(values).mean(axis=(0, 2)) if len(values) else np.zeros(len(names))
    mean = np.full(len(names), np.nan) if worse is None else worse.mean(axis=1)
    spread = np.full(len(names), np.nan) if worse is None else worse.std(axis=1)
    ranked = size if np.isnan(mean).all() else mean
    order = np.lexsort((-size, -np.nan_to_num(ranked)))
    return pd.DataFrame(
        {
            "Feature": pd.Series([names[at] for at in order], dtype="str"),
            "Importance": mean[order],
            "Standard deviation": spread[order],
            "Mean absolute contribution": size[order],
        }
    )
