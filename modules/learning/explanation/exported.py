"""Explanations in scripts without this project: of a fitted pipeline and its training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modules.learning.explanation.explainer import MatrixExplainer
from modules.learning.explanation.matrices import MatrixModel
from modules.learning.exported import as_floats

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline


def shapley_values(
    model: Pipeline,
    frame: pd.DataFrame,
    training: pd.DataFrame,
    task: str,
    permutations: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the base (outputs,) and the contributions (rows, columns, outputs).

    Of two classes there is one output, for the second class.

    Parameters
    ----------
    training : pandas.DataFrame
        The features that the model was trained on.
    task : str
        ``two-class``, ``multiclass``, or ``regression``.
    """
    encoder, estimator = model[0], model[-1]
    columns = list(encoder.feature_names_in_)
    given = MatrixModel(task, estimator, widths_of(encoder), average_of(encoder, training))
    explainer = MatrixExplainer(given, permutations, seed)
    base, values, _, _ = explainer.explain(encoder.transform(frame[columns]))
    return (base[-1:], values[:, :, -1:]) if task == "two-class" else (base, values)


def widths_of(encoder: ColumnTransformer) -> list[int]:
    """Return how many columns of the matrix each column becomes."""
    return [
        len(step.categories_[0]) if hasattr(step, "sparse_output") else 1
        for _, step, _ in encoder.transformers_
    ]


def average_of(encoder: ColumnTransformer, training: pd.DataFrame) -> np.ndarray:
    """Return means of numbers, shares of one-hot columns, and of codes the most frequent one."""
    import numpy as np

    average: list[float] = []
    for _, step, (name,) in encoder.transformers_:
        if hasattr(step, "sparse_output"):
            counts = np.asarray(step.transform(training[[name]]).sum(axis=0)).ravel()
            average += (counts / len(training)).tolist()
        elif hasattr(step, "categories_"):
            codes = step.transform(training[[name]]).ravel()
            known = np.bincount(codes[~np.isnan(codes)].astype(int))
            average.append(float(known.argmax()) if len(known) else np.nan)
        else:
            values = as_floats(training[[name]]).ravel()
            count = int((~np.isnan(values)).sum())
            average.append(float(np.nansum(values) / count) if count else 0.0)
    return np.asarray(average, float)
