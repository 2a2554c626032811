"""Permutation Feature Importance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    DataTable,
    ModuleError,
    Serving,
    module,
    report_progress,
)
from modules.contract.code import CodeStep, ModelFacts, TableFacts, literal
from modules.contract.data_table import kind_of
from modules.contract.normalize_frame import set_columns
from modules.tables.frames import wrong_kind
from modules.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_CLASSIFICATION = ("Accuracy", "Precision", "Recall")
_ERRORS = (
    "Mean Absolute Error",
    "Root Mean Squared Error",
    "Relative Absolute Error",
    "Relative Squared Error",
)

_Metric = Literal[
    "Accuracy",
    "Precision",
    "Recall",
    "Mean Absolute Error",
    "Root Mean Squared Error",
    "Relative Absolute Error",
    "Relative Squared Error",
    "Coefficient of Determination",
]


def _code(step: CodeStep) -> None:
    model, given = step.inputs["trained_model"], step.inputs["test_data"]
    facts = step.facts("trained_model")
    if not isinstance(facts, ModelFacts) or facts.label is None:
        step.refuse("what its model predicts isn't known before the run")
    rows, label = step.variable("rows"), literal(facts.label)
    metric = step.source("metric")
    step.write(f"{rows} = {given}.dropna(subset={label}, ignore_index=True)")
    truth, judged = step.variable("truth"), f"{rows}[{label}].to_numpy(float)"
    if facts.learner.task == "regression":
        step.write(f"{truth} = {judged}")
        judged = f"{step.helper(number_metric)}({metric}, {truth}, {model}.predict(part))"
    else:
        positive = 1 if facts.learner.task == "two-class" else None
        step.write(
            f"{truth} = {step.helper(class_indices)}({rows}[{label}], list({facts.classes}))"
        )
        judged = (
            f"{step.helper(class_metric)}({metric}, {truth}, "
            f"{model}.predict_proba(part).argmax(axis=1), {positive}, len({facts.classes}))"
        )
    step.write(
        f"{step.outputs[0]} = {step.helper(importances)}(lambda part: {judged}, {rows}, "
        f"list({model}[0].feature_names_in_), {step.source('seed')}, {step.source('repeats')}, "
        f"{metric})"
    )
    step.know("feature_importance", TableFacts())


@module(
    "Permutation Feature Importance",
    outputs=("feature_importance",),
    keywords=("explain", "shuffle", "relevance", "which columns matter", "interpret"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def permutation_feature_importance(
    trained_model: Annotated[TrainedModel, PREDICTING],
    test_data: DataTable,
    *,
    seed: Annotated[int, Field(ge=0, le=4_294_967_295, title="Random seed")] = 0,
    metric: Annotated[_Metric, Field(title="Metric for measuring performance")] = "Accuracy",
    repeats: Annotated[int, Field(ge=1, le=1_000, title="Number of shuffles")] = 5,
) -> DataTable:
    """Measure how much worse a model predicts if the values of a column are shuffled.

    A column that the model doesn't need scores about 0. Two columns with the same information
    can both score low, because the other one is left.

    Parameters
    ----------
    trained_model : TrainedModel
        A classification or regression model from Train Model.
    test_data : DataTable
        Rows with the label, best those that the model wasn't trained on.
    seed : int
        Determines how the values are shuffled.
    metric : str
        A metric of classification or of regression, as the model requires.
    repeats : int
        How often each column is shuffled; the results are averaged.

    Returns
    -------
    feature_importance : DataTable
        ``Feature``, ``Importance``, the average decrease of the metric, or increase of an
        error, and its ``Standard deviation`` over the shuffles; the most important column
        first.

    Notes
    -----
    Breiman (2001), equal to scikit-learn's ``permutation_importance`` with the same seed. Precision
    and recall are those of the positive class, or of several classes the average over
    the classes; undefined ones are 0.

    Unlike in Azure ML designer, each column is shuffled several times, and 0 is a fixed seed.
    """
    table = _labeled(trained_model, test_data)
    measure = _measure(trained_model, table.frame[str(trained_model.label)], metric)

    def judged(frame: pd.DataFrame) -> float:
        return measure(trained_model.score(table.with_frame(frame)))

    names = [column.name for column in trained_model.features]
    return DataTable(importances(judged, table.frame, names, seed, repeats, metric))


def importances(
    judged: Callable[[pd.DataFrame], float],
    frame: pd.DataFrame,
    names: list[str],
    seed: int,
    repeats: int,
    metric: str,
) -> pd.DataFrame:
    """Return how much worse a model is judged if columns are shuffled."""
    import numpy as np
    import pandas as pd

    sign = -1.0 if metric in _ERRORS else 1.0
    base = sign * judged(frame)
    # As in scikit-learn: the same shuffles for each column.
    start = np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1)
    found = np.empty((len(names), repeats))
    for index, name in enumerate(names):
        random = np.random.RandomState(start)
        order = np.arange(len(frame))
        column = frame[name]
        for turn in range(repeats):
            random.shuffle(order)
            column = column.take(order).reset_index(drop=True)
            found[index, turn] = base - sign * judged(set_columns(frame, {name: column}))
        report_progress((index + 1) / len(names), f"column {index + 1} of {len(names)}")
    means = found.mean(axis=1)
    rank = np.argsort(-means, kind="stable")
    return pd.DataFrame(
        {
            "Feature": pd.Series([names[index] for index in rank], dtype="str"),
            "Importance": means[rank],
            "Standard deviation": found.std(axis=1)[rank],
        }
    )


def _labeled(model: TrainedModel, data: DataTable) -> DataTable:
    """Return the rows that have a label."""
    from modules.learning.labels import labeled

    label = model.label
    if label is None:
        raise ModuleError(
            "wrong-model",
            f"{model.title} doesn't predict a label.",
            "Use a classification or regression model.",
            port="trained_model",
        )
    data.require([label, *(column.name for column in model.features)], port="test_data")
    data.require_rows(1, port="test_data")
    if data.frame[label].isna().all():
        raise ModuleError(
            "label-missing",
            f"Every value of the label column “{label}” is missing.",
            "Use rows that have a label.",
            port="test_data",
            column=label,
        )
    return data.with_frame(labeled(data.frame, label))


def _measure(model: TrainedModel, actual: pd.Series, metric: str) -> Callable[[DataTable], float]:
    """Return the function from scores to the metric."""
    classifies = model.task != "regression"
    if classifies != (metric in _CLASSIFICATION):
        kind = "classification" if classifies else "regression"
        raise ModuleError(
            "wrong-metric",
            f"{model.title} is a {kind} model, which “{metric}” doesn't apply to.",
            f"Choose “{'Accuracy' if classifies else 'Root Mean Squared Error'}”, for example.",
            parameter="metric",
        )
    if not classifies:
        numbers = _numbers(actual)
        return lambda scores: number_metric(metric, numbers, _scored(scores).to_numpy("float64"))
    truth = class_indices(actual, model.classes)
    positive = None if model.positive is None else model.classes.index(model.positive)
    return lambda scores: class_metric(
        metric, truth, class_indices(_scored(scores), model.classes), positive, len(model.classes)
    )


def _scored(scores: DataTable) -> pd.Series:
    assert scores.scoring is not None
    return scores.frame[scores.scoring.scored]


def class_metric(
    metric: str, truth: np.ndarray, predicted: np.ndarray, positive: int | None, classes: int
) -> float:
    """Return a metric of class indices."""
    from sklearn import metrics

    if metric == "Accuracy":
        return float((truth == predicted).mean())
    function = metrics.precision_score if metric == "Precision" else metrics.recall_score
    labels = list(range(classes)) if positive is None else [positive]
    return float(function(truth, predicted, labels=labels, average="macro", zero_division=0))


def number_metric(metric: str, truth: np.ndarray, predicted: np.ndarray) -> float:
    """Return a metric of numbers."""
    import numpy as np

    away, spread = predicted - truth, truth - truth.mean()
    with np.errstate(all="ignore"):
        if metric == "Mean Absolute Error":
            return float(np.abs(away).mean())
        if metric == "Root Mean Squared Error":
            return float(np.sqrt((away**2).mean()))
        if metric == "Relative Absolute Error":
            return float(np.abs(away).sum() / np.abs(spread).sum())
        relative = float((away**2).sum() / (spread**2).sum())
        return relative if metric == "Relative Squared Error" else 1.0 - relative


def _numbers(actual: pd.Series) -> np.ndarray:
    import numpy as np

    if kind_of(actual.dtype) not in ("integer", "number", "boolean"):
        raise wrong_kind(str(actual.name), kind_of(actual.dtype), "the model predicts numbers")
    truth = actual.to_numpy("float64")
    if not np.isfinite(truth).all():
        raise ModuleError(
            "infinite-value",
            f"Column “{actual.name}” contains infinite values, so errors can't be computed.",
            "Limit them with Clip Values, or remove the rows.",
            port="test_data",
            column=str(actual.name),
        )
    return truth


def class_indices(column: pd.Series, classes: Sequence[Any]) -> np.ndarray:
    """Return the indices of the classes; -1 for a value that training didn't have."""
    import numpy as np
    import pandas as pd

    from modules.learning.categories import scalar

    indices = {value: index for index, value in enumerate(classes)}
    codes, values = pd.factorize(column)
    found: np.ndarray = np.asarray([indices.get(scalar(value), -1) for value in values])[codes]
    return found
