"""Explanations in scripts without this project: of a fitted pipeline and its training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.learning.evaluation.scored import class_codes, numbers
from modules.learning.explanation.dependence import DEPENDENCE_ROWS, grid, with_each
from modules.learning.explanation.explainer import MatrixExplainer
from modules.learning.explanation.importance import (
    importance_table,
    of_classes,
    of_numbers,
    sampled,
    shuffled,
)
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
    *,
    task: str,
    permutations: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the base (outputs,) and the contributions (rows, columns, outputs).

    Of two classes there is one output, for the second class.

    Parameters
    ----------
    training : pandas.DataFrame
        The rows that the model was trained on.
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


def explanation(
    model: Pipeline,
    frame: pd.DataFrame,
    training: pd.DataFrame,
    *,
    task: str,
    permutations: int,
    seed: int,
    label: str,
    classes: list[Any],
    metric: str,
    repeats: int,
    rows: int,
    dependence: int,
) -> dict[str, pd.DataFrame]:
    """Return the importance of each column, and how the prediction depends on the first ones.

    Parameters
    ----------
    training : pandas.DataFrame
        The rows that the model was trained on.
    classes : list
        In the order of the probabilities; empty for a regression.
    metric : str
        What a shuffled column makes worse.
    repeats : int
        How often each column is shuffled.
    rows : int
        Of more rows, so many are drawn.
    dependence : int
        The number of columns with a table ``Dependence on COLUMN``.
    """
    columns = list(model[0].feature_names_in_)
    sample = sampled(frame, label, rows, seed)
    worse = None
    if label in sample and sample[label].notna().any():
        actual = sample[label]
        truth = class_codes(actual, tuple(classes)) if classes else numbers(actual, "dataset")

        def judge(rows: pd.DataFrame) -> float:
            if classes:
                return of_classes(metric, truth, model.predict_proba(rows[columns]), 1)
            return of_numbers(metric, truth, model.predict(rows[columns]))

        _, worse = shuffled(judge, sample, columns, metric, repeats, seed)
    _, values = shapley_values(
        model, sample, training, task=task, permutations=permutations, seed=seed
    )
    found = {"importance": importance_table(columns, worse, values)}
    few = sample[columns].head(DEPENDENCE_ROWS)
    for name in found["importance"]["Feature"].head(dependence):
        table = partial_dependence(model, few, name, classes)
        if len(table) > 1:
            found[f"Dependence on {name}"] = table
    return found


def partial_dependence(
    model: Pipeline, frame: pd.DataFrame, name: str, classes: list[Any]
) -> pd.DataFrame:
    """Return the average prediction with a column set to each of its values.

    Of two classes the probability of the second one, of several classes those of all.
    """
    import numpy as np
    import pandas as pd

    values = grid(frame[name])
    if not values:
        return pd.DataFrame({name: values})
    rows = with_each(frame, name, values)
    predicted = model.predict_proba(rows) if classes else np.asarray(model.predict(rows))[:, None]
    shown = [str(each) for each in classes] or ["Prediction"]
    if len(classes) == 2:
        predicted, shown = predicted[:, 1:], shown[1:]
    average = predicted.reshape(len(values), len(frame), -1).mean(axis=1)
    return pd.concat([pd.Series(values, name=name), pd.DataFrame(average, columns=shown)], axis=1)
