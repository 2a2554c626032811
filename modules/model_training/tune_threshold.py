"""Tune Threshold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Serving, Tasks, When, module, warn
from modules.contract.code import CodeStep, ModelFacts, TableFacts, literal
from modules.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_Model = Annotated[TrainedModel, Tasks("two-class")]
_Objective = Literal[
    "F1 score",
    "accuracy",
    "balanced accuracy",
    "Matthews correlation",
    "precision at a minimum recall",
    "recall at a minimum precision",
    "cost",
    "fixed threshold",
]
_COLUMNS = {
    "F1 score": "F1 score",
    "accuracy": "Accuracy",
    "balanced accuracy": "Balanced accuracy",
    "Matthews correlation": "Matthews correlation",
    "precision at a minimum recall": "Precision",
    "recall at a minimum precision": "Recall",
}
_FIXED = "fixed threshold"
_COST = "cost"
_Cost = Annotated[float, Field(ge=0), When(objective=_COST)]


def _code(step: CodeStep) -> None:
    from modules.learning.ensembles.exported import ThresholdClassifier
    from modules.learning.exported import codes_of_two_classes

    facts = step.facts("trained_model")
    if not isinstance(facts, ModelFacts) or not facts.classes or facts.label is None:
        step.refuse("what its model predicts isn't known before the run")
    given, frame, label = step.inputs["trained_model"], step.inputs["dataset"], facts.label
    model, table = step.outputs
    model = step.variable("model") if model == "_" else model
    table = step.variable("thresholds") if table == "_" else table
    rows, positive, probability, best = map(
        step.variable, ("labeled", "positive", "probability", "best")
    )
    objective = step.value("objective")
    options = [f"objective={literal(objective)}"]
    if objective == _FIXED:
        options.append(f"threshold={step.source('threshold')}")
    if objective == _COST:
        costs = ("false_positive_cost", "false_negative_cost", "true_positive_cost")
        options.append(f"costs=({', '.join(map(step.source, costs))})")
    if "minimum" in objective:
        options.append(f"minimum={step.source('minimum')}")
    codes = f"{step.helper(codes_of_two_classes)}({rows}[{literal(label)}], {facts.classes})"
    chosen = step.helper(chosen_threshold)
    step.write(
        f"{rows} = {frame}.dropna(subset={literal(label)}, ignore_index=True)",
        f"{positive} = {codes} == 1",
        f"{probability} = {given}.predict_proba({rows})[:, 1]",
        f"{best}, {table} = {chosen}({positive}, {probability}, {', '.join(options)})",
        f"{model} = {step.helper(ThresholdClassifier)}({given}, {best})",
    )
    step.know("trained_model", replace(facts, threshold=True))
    step.know("thresholds", TableFacts(are_metrics=True))


@module(
    "Tune Threshold",
    outputs=("trained_model", "thresholds"),
    keywords=("cutoff", "decision threshold", "cost-sensitive", "operating point", "imbalanced"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def tune_threshold(
    trained_model: _Model,
    dataset: DataTable,
    *,
    objective: Annotated[_Objective, Field(title="What to optimize")] = "F1 score",
    minimum: Annotated[
        float,
        Field(ge=0, le=1, title="Minimum recall or precision"),
        When(objective=("precision at a minimum recall", "recall at a minimum precision")),
    ] = 0.8,
    false_positive_cost: Annotated[_Cost, Field(title="Cost of a false positive")] = 1.0,
    false_negative_cost: Annotated[_Cost, Field(title="Cost of a false negative")] = 1.0,
    true_positive_cost: Annotated[
        float, Field(title="Cost of a true positive"), When(objective=_COST)
    ] = 0.0,
    threshold: Annotated[float, Field(ge=0, le=1, title="Threshold"), When(objective=_FIXED)] = 0.5,
) -> tuple[_Model, DataTable]:
    """Choose the probability from which on a two-class model predicts the positive class.

    A model predicts the likelier class. If the positive class is rare, or one mistake is more
    expensive than the other, another threshold than 0.5 is better. Score Model and endpoints use
    the one chosen here; the probabilities stay the same.

    Parameters
    ----------
    trained_model : TrainedModel
        A two-class model from Train Model.
    dataset : DataTable
        Rows with the label that the model wasn't trained on: with training rows the threshold is
        too optimistic.
    objective : str
        What is best at the threshold. ``cost`` is the mean cost of a row.
    minimum : float
        The recall, or precision, that has to be reached.
    false_positive_cost : float
        Of a negative row that is predicted to be positive.
    false_negative_cost : float
        Of a positive row that is predicted to be negative.
    true_positive_cost : float
        Of a positive row that is found: of treating it, for example. A gain is negative.
    threshold : float
        Chosen by you; the dataset only shows what it leads to.

    Returns
    -------
    trained_model : TrainedModel
        The model with the threshold.
    thresholds : DataTable
        Each threshold with its metrics, descending; of more than 2,000, as many along the ROC
        curve. ``Chosen`` marks the one of the model.

    Notes
    -----
    Thresholds are halfway between each two distinct probabilities, and 0 and 1. Of equally good
    ones the closest to 0.5 is chosen. Every row counts once. A metric that is undefined counts
    as 0. Matthews correlation is that of predicted and actual classes (Matthews 1975); balanced
    accuracy is the mean of recall and specificity. For known costs and calibrated probabilities
    the best threshold is ``c / (c + d)`` with the costs c of a false positive and d of a false
    negative (Elkan 2001).
    """
    from modules.learning.ensembles.parts import metadata_of
    from modules.learning.ensembles.threshold import ThresholdModel

    best, result = chosen_threshold(
        *_judged(trained_model, dataset),
        objective=objective,
        threshold=threshold,
        minimum=minimum,
        costs=(false_positive_cost, false_negative_cost, true_positive_cost),
    )
    row = result[result["Chosen"]].iloc[0]
    shown_in_runs = [str(name) for name in result if name not in ("Chosen", *_COUNTS)]
    metrics = {name: float(row[name]) for name in shown_in_runs}
    model = ThresholdModel(**metadata_of(trained_model, (trained_model,)), threshold=best)
    return model, DataTable(result, metrics=metrics)


def chosen_threshold(
    actual: np.ndarray,
    probability: np.ndarray,
    *,
    objective: str,
    threshold: float = 0.5,
    minimum: float = 0.8,
    costs: tuple[float, float, float] = (1.0, 1.0, 0.0),
) -> tuple[float, pd.DataFrame]:
    """Return the best threshold, and the metrics of each.

    Parameters
    ----------
    actual : numpy.ndarray of bool, shape (rows,)
        Whether the row is of the positive class.
    probability : numpy.ndarray, shape (rows,)
        Of the positive class.
    threshold : float
        The one of the objective ``fixed threshold``.
    costs : tuple of float
        Of a false positive, a false negative, and a true positive.
    """
    import numpy as np
    import pandas as pd

    from modules.learning.ensembles.threshold import candidates
    from modules.learning.evaluation.thresholds import thinned, threshold_table

    table = threshold_table(actual, probability)
    if objective == _FIXED:
        table = _with_threshold(table, probability, actual, threshold)
        values = table["threshold"].to_numpy("float64")
        chosen = int(np.flatnonzero(values == threshold)[0])
    else:
        values = candidates(table)
        table = table.assign(threshold=values)
        chosen = _best(_metrics(table, actual, costs), values, objective, minimum)
    best = float(values[chosen])
    shown = thinned(table)
    if best not in set(shown["threshold"]):
        shown = pd.concat([shown, table.iloc[[chosen]]])
        shown = shown.sort_values("threshold", ascending=False, ignore_index=True)
    result = _metrics(shown, actual, costs if objective == _COST else None)
    result["Chosen"] = result["Threshold"] == best
    return best, result


_COUNTS = ("True positives", "False positives", "False negatives", "True negatives")


def _judged(model: TrainedModel, dataset: DataTable) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each row with a label is positive, and its probability."""
    from modules.learning.ensembles.parts import predictions
    from modules.learning.evaluation.scored import class_codes, reject_unknown_classes
    from modules.learning.labels import labeled

    label = str(model.label)
    if label not in dataset.names:
        raise ModuleError(
            "no-label",
            f"The dataset doesn't have the label “{label}” that the model predicts.",
            "Connect rows with the label.",
            port="dataset",
        )
    dataset.require_rows(1, port="dataset")
    rows = dataset.with_frame(labeled(dataset.frame, label))
    codes = class_codes(rows.frame[label], model.classes)
    reject_unknown_classes(codes, rows.frame[label], model.classes, "dataset")
    probability = predictions(model, rows, model.classes)[:, 0]
    return codes == model.classes.index(model.positive), probability


def _metrics(
    table: pd.DataFrame, actual: np.ndarray, costs: tuple[float, float, float] | None
) -> pd.DataFrame:
    """Return the metrics at each threshold; undefined ones are 0."""
    import numpy as np
    import pandas as pd

    hits = table["true_positives"].to_numpy("float64")
    alarms = table["false_positives"].to_numpy("float64")
    positives = float(actual.sum())
    negatives = len(actual) - positives
    misses, rejections = positives - hits, negatives - alarms

    def share(part: np.ndarray, whole: np.ndarray | float) -> np.ndarray:
        whole = np.broadcast_to(np.asarray(whole, dtype="float64"), part.shape)
        found: np.ndarray = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
        return found

    recall, specificity = share(hits, positives), share(rejections, negatives)
    spread = (hits + alarms) * (hits + misses) * (rejections + alarms) * (rejections + misses)
    found = pd.DataFrame(
        {
            "Threshold": table["threshold"].to_numpy("float64"),
            "Accuracy": (hits + rejections) / len(actual),
            "Balanced accuracy": (recall + specificity) / 2,
            "Precision": share(hits, hits + alarms),
            "Recall": recall,
            "F1 score": share(2 * hits, 2 * hits + alarms + misses),
            "Matthews correlation": share(hits * rejections - alarms * misses, np.sqrt(spread)),
        }
    )
    if costs is not None:
        total = costs[0] * alarms + costs[1] * misses + costs[2] * hits
        found["Cost"] = total / len(actual)
    counts = (hits, alarms, misses, rejections)
    return found.assign(
        **{name: each.astype("int64") for name, each in zip(_COUNTS, counts, strict=True)}
    )


def _best(metrics: pd.DataFrame, values: np.ndarray, objective: str, minimum: float) -> int:
    """Return the index of the best threshold."""
    import numpy as np

    worth = -metrics["Cost"] if objective == _COST else metrics[_COLUMNS[objective]]
    allowed = np.ones(len(worth), dtype=bool)
    if objective.startswith("precision at"):
        allowed = (metrics["Recall"] >= minimum).to_numpy()
    elif objective.startswith("recall at"):
        allowed = (metrics["Precision"] >= minimum).to_numpy()
    if not allowed.any():
        _warn_of_precision(minimum, float(metrics["Precision"].max()))
        worth, allowed = metrics["Precision"], np.ones(len(worth), dtype=bool)
    score = np.where(allowed, worth.to_numpy("float64"), -np.inf)
    equal = np.flatnonzero(score >= score.max())
    return int(equal[np.abs(values[equal] - 0.5).argmin()])


def _warn_of_precision(minimum: float, reached: float) -> None:
    warn(
        f"No threshold reaches a precision of {minimum:g}; the one with the highest, "
        f"{reached:.3g}, was chosen."
    )


def _with_threshold(
    table: pd.DataFrame, probability: np.ndarray, actual: np.ndarray, threshold: float
) -> pd.DataFrame:
    """Return a table of thresholds that has a certain one."""
    import pandas as pd

    from modules.learning.ensembles.threshold import candidates

    table = table.assign(threshold=candidates(table))
    above = probability >= threshold
    row = {
        "threshold": [threshold],
        "true_positives": [int((above & actual).sum())],
        "false_positives": [int((above & ~actual).sum())],
    }
    others = table[table["threshold"] != threshold]
    joined = pd.concat([others, pd.DataFrame(row)])
    return joined.sort_values("threshold", ascending=False, ignore_index=True)
