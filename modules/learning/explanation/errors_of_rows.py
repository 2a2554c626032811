"""How wrong the score of each row is, and metrics of a part of the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.learning.evaluation.reports import regression_metrics
from modules.learning.evaluation.scored import (
    class_codes,
    complete_rows,
    distinct,
    numbers,
    recognize,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Judged:
    """The rows of a scored dataset that have a label and a score.

    Parameters
    ----------
    task : str
        ``two-class``, ``multiclass`` or ``regression``.
    frame : pandas.DataFrame
        All columns, numbered from 0.
    actual, predicted : numpy.ndarray
        Class codes, -1 for a value that isn't a class, or numbers.
    classes : tuple
    positive : int
        The code of the positive class; -1 without one.
    label, scored : str
        The columns.
    """

    task: str
    frame: pd.DataFrame
    actual: np.ndarray
    predicted: np.ndarray
    classes: tuple[Any, ...]
    positive: int
    label: str
    scored: str

    @property
    def error(self) -> np.ndarray:
        """1 for a wrong class, else 0; of a regression the absolute error."""
        import numpy as np

        found: np.ndarray = np.abs(self.actual - self.predicted)
        return found if self.task == "regression" else (found > 0).astype(float)

    def metrics(self, rows: np.ndarray) -> dict[str, float]:
        """Return the metrics of some rows, NaN where undefined.

        Two classes: accuracy, precision, recall (true positive rate), false positive rate and
        selection rate, the share of rows predicted positive. Several: accuracy and the average
        recall of the classes. Numbers: mean absolute and root mean squared error, and mean
        error, predicted minus actual.
        """
        import numpy as np

        actual, predicted = self.actual[rows], self.predicted[rows]
        if self.task == "regression":
            known = regression_metrics(actual, predicted)
            return {
                "Mean absolute error": known["Mean absolute error"],
                "Root mean squared error": known["Root mean squared error"],
                "Mean error": float((predicted - actual).mean()),
                "Mean prediction": float(predicted.mean()),
            }
        right = actual == predicted
        if self.task == "multiclass":
            recalls = [right[actual == code].mean() for code in np.unique(actual)]
            return {"Accuracy": float(right.mean()), "Average recall": float(np.mean(recalls))}
        true, chosen = actual == self.positive, predicted == self.positive

        def share(part: np.ndarray, whole: np.ndarray) -> float:
            return float((part & whole).sum() / whole.sum()) if whole.any() else float("nan")

        return {
            "Accuracy": float(right.mean()),
            "Selection rate": float(chosen.mean()),
            "Precision": share(true, chosen),
            "True positive rate": share(chosen, true),
            "False positive rate": share(chosen, ~true),
        }


def judged(table: DataTable, port: str) -> Judged:
    """Return the rows of a scored dataset with what is true and what was predicted.

    Raises
    ------
    ModuleError
        If the dataset has no score or no label, or isn't one of classes or numbers.
    """
    scoring = recognize(table, port)
    if scoring.task not in ("two-class", "multiclass", "regression"):
        raise ModuleError(
            "wrong-task",
            f"Scores of {scoring.task} have no true values to compare with.",
            "Use the scored dataset of a classification or regression model.",
            port=port,
        )
    label, scored = str(scoring.label), scoring.scored
    complete_rows(table, [label, scored], port)
    return judged_rows(
        table.frame, scoring.task, label, scored, scoring.classes, scoring.positive, port
    )


def judged_rows(
    frame: pd.DataFrame,
    task: str,
    label: str,
    scored: str,
    classes: tuple[Any, ...] = (),
    positive: Any = None,
    port: str = "",
) -> Judged:
    """Return the rows of a scored frame that have a label and a score.

    Parameters
    ----------
    classes : tuple
        By default those that occur.
    positive : object
        The positive one of two classes; by default the second.
    """
    import numpy as np

    frame = frame.dropna(subset=[label, scored], ignore_index=True)
    if task == "regression":
        actual, predicted = (numbers(frame[name], port) for name in (label, scored))
        finite = np.isfinite(actual) & np.isfinite(predicted)
        if not finite.all():
            raise ModuleError(
                "infinite-value",
                f"Column “{label}” or “{scored}” contains infinite values, so errors can't be "
                "computed.",
                "Limit them with Clip Values, or remove the rows.",
                port=port,
                column=label,
            )
        return Judged("regression", frame, actual, predicted, (), -1, label, scored)
    classes = classes or distinct(frame[label], frame[scored])
    code = -1
    if task == "two-class":
        code = classes.index(positive if positive in classes else classes[-1])
    return Judged(
        task,
        frame,
        class_codes(frame[label], classes),
        class_codes(frame[scored], classes),
        classes,
        code,
        label,
        scored,
    )
