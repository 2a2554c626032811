"""Learning Curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Numbers,
    Serving,
    ValueOf,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.context import part_of_progress
from modules.contract.sheet import Sheet
from modules.learning.evaluation.validation import ClassificationMetric, RegressionMetric
from modules.learning.learner_parameters import Seed
from modules.values import UntrainedModel
from modules.values.report import Report, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pandas as pd


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training
    from modules.learning.evaluation.trained_code import (
        learner_of,
        write_labeled,
        write_parts,
        write_trained,
    )
    from modules.learning.evaluation.validation import metric_of

    learner, label = learner_of(step), label_of_training(step)
    metric = metric_of(
        learner.task, step.value("classification_metric"), step.value("regression_metric")
    )
    made = write_trained(step, label)
    parts, _ = write_parts(step, learner, label, *write_labeled(step, label))
    shares, stratified = _shares(step.value("shares")), learner.task != "regression"
    step.write(
        f"{step.outputs[0]} = {step.helper(curve_of)}({parts}, {literal(label)}, "
        f"{literal(shares)}, {made.train}, {made.measure}, {literal(metric)}, "
        f"stratified={stratified}, seed={step.source('seed')})"
    )
    step.know("curve", TableFacts())


@module(
    "Learning Curve",
    outputs=("curve", "report"),
    keywords=("more data", "overfitting", "underfitting", "bias and variance", "training size"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def learning_curve(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class"), ValueOf("label_column")] = "",
    shares: Annotated[
        str, Numbers(), Field(title="Shares of the training rows")
    ] = "0.1, 0.2, 0.4, 0.6, 0.8, 1",
    classification_metric: ClassificationMetric = "Accuracy",
    regression_metric: RegressionMetric = "Root mean squared error",
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds")] = 5,
    seed: Seed = 0,
) -> tuple[DataTable, Report]:
    """Show how a metric improves with the number of training rows, and whether more would help.

    If the metric of the validation rows still improves at the right end, more rows will help. If
    both lines meet at a bad value, the learner is too simple, or columns are missing. If the
    training rows are predicted much better, the learner overfits.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner.
    dataset : DataTable
        All rows. A column with the fold role (from Partition and Sample) determines the folds.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    positive_class : str
        Of two classes, the one that precision and recall refer to. Empty for the second in
        sorted order, or in the order of a categorical label.
    shares : str
        Numbers above 0, at most 1, separated by commas: of the training rows of each fold.
    classification_metric : str
        What is shown for a classification learner.
    regression_metric : str
        What is shown for a regression learner.
    folds : int
        Number of folds that the metric is the mean of.
    seed : int
        Determines which row is in which fold, and which rows are used first.

    Returns
    -------
    curve : DataTable
        For each number of ``Training rows`` the mean and standard deviation of the metric, on
        the training rows and on the validation rows of the folds.
    report : Report
        The curve, and what it means.

    Notes
    -----
    As scikit-learn's ``learning_curve``. The rows of a smaller share are part of those of a larger
    one, and each share has about the same proportion of each class, at least one row of it.
    """
    from modules.learning.evaluation.validation import CrossValidation, metric_of
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.trials import warning_once

    wanted = _shares(shares)
    task = untrained_model.task
    metric = metric_of(task, classification_metric, regression_metric)
    label = label_to_predict(dataset, label_column)
    dataset.require([label], parameter="label_column")
    validation = CrossValidation(dataset, label, task, folds, seed)
    with warning_once():
        curve = curve_of(
            validation.frames(),
            label,
            wanted,
            validation.training(untrained_model, positive_class.strip()),
            validation.measured,
            metric,
            stratified=task != "regression",
            seed=seed,
        )
    return DataTable(curve), _report(curve, metric, untrained_model.title)


def curve_of(
    parts: Sequence[tuple[pd.DataFrame, pd.DataFrame]],
    label: str,
    shares: list[float],
    train: Callable[[pd.DataFrame], Any],
    measure: Callable[[Any, pd.DataFrame], dict[str, float]],
    metric: str,
    *,
    stratified: bool,
    seed: int,
) -> pd.DataFrame:
    """Return the mean and deviation of a metric for each share of the training rows.

    Parameters
    ----------
    parts : sequence of (pandas.DataFrame, pandas.DataFrame)
        For each fold the rows to train on, and those to evaluate on.
    train, measure : callable
        Return the model for rows, and its metrics for rows.
    stratified : bool
        A share has the same proportion of every class.
    """
    import numpy as np

    found = np.empty((2, len(shares), len(parts)))
    counts = np.empty((len(shares), len(parts)))
    step = 1 / (len(shares) * len(parts))
    for fold, (training, testing) in enumerate(parts):
        order, fewest = _order(training[label], stratified, seed)
        for index, share in enumerate(shares):
            used = np.sort(order[: max(round(share * len(order)), fewest)])
            rows = training.iloc[used].reset_index(drop=True)
            at, text = fold * len(shares) + index, f"{len(used):,} rows, fold {fold + 1}"
            with part_of_progress(at * step, (at + 1) * step, text):
                model = train(rows)
            counts[index, fold] = len(rows)
            for which, judged in enumerate((rows, testing)):
                found[which, index, fold] = measure(model, judged)[metric]
    return _curve(counts, found, metric)


def _shares(text: str) -> list[float]:
    from modules.learning.number_lists import numbers_in

    try:
        found = sorted(set(numbers_in(text)))
    except ValueError:
        found = []
    if not found or not 0 < found[0] <= found[-1] <= 1:
        raise ModuleError(
            "bad-shares",
            f"“{text}” isn't a list of numbers above 0, at most 1.",
            "Enter shares separated by commas, for example 0.1, 0.5, 1.",
            parameter="shares",
        )
    return found


def _order(label: pd.Series, stratified: bool, seed: int) -> tuple[np.ndarray, int]:
    """Return the order in which rows are used, and how many are needed.

    They are shuffled, with each class evenly from the start; a row of each is needed.
    """
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(label))
    if not stratified:
        return order, 2
    shuffled = label.iloc[order]
    groups = shuffled.groupby(shuffled, observed=True)
    position = groups.cumcount().to_numpy()
    size = groups.transform("size").to_numpy("float64")
    # The first row of each class comes first, so that no class is missing.
    rank = np.where(position == 0, 0.0, (position + 0.5) / size)
    return order[np.argsort(rank, kind="stable")], int((position == 0).sum())


def _curve(counts: np.ndarray, found: np.ndarray, metric: str) -> pd.DataFrame:
    import pandas as pd

    columns = {"Training rows": counts.mean(axis=1).round().astype("int64")}
    for name, values in zip(("training", "validation"), found, strict=True):
        columns[f"{metric} ({name})"] = values.mean(axis=1)
        columns[f"Standard deviation ({name})"] = values.std(axis=1, ddof=1)
    return pd.DataFrame(columns)


def _report(curve: pd.DataFrame, metric: str, title: str) -> Report:
    series = []
    for name in ("training", "validation"):
        mean, spread = curve[f"{metric} ({name})"], curve[f"Standard deviation ({name})"]
        label = f"{name.capitalize()} rows"
        series.append(Series(label, curve["Training rows"], mean, mean - spread, mean + spread))
    chart = Chart(
        "lines",
        f"Learning curve of {title}",
        "Training rows",
        metric,
        series,
        note="The bands are one standard deviation over the folds.",
    )
    section = Section("Learning curve", _meaning(curve, metric), Sheet.of(curve), chart)
    return Report(f"Learning curve of {title}", (section,))


def _meaning(curve: pd.DataFrame, metric: str) -> str:
    """Return what the right end of the curve means."""
    from modules.learning.evaluation.validation import ERRORS

    sign = -1.0 if metric in ERRORS else 1.0
    last, spread = curve.iloc[-1], float(curve["Standard deviation (validation)"].iloc[-1])
    ahead = sign * float(last[f"{metric} (training)"] - last[f"{metric} (validation)"])
    text = f"With all rows, the {metric[:1].lower()}{metric[1:]} of the validation rows is "
    if metric.startswith("AUC"):
        text = "With all rows, the AUC of the validation rows is "
    text += f"{float(last[f'{metric} (validation)']):.4g}."
    if len(curve) > 1:
        before = curve.iloc[-2]
        name = f"{metric} (validation)"
        gain = sign * float(last[name] - before[name])
        if gain > spread / 2:
            text += " It still improves: more rows are likely to help."
        else:
            text += " It hardly improves anymore: more rows are unlikely to help much."
    if ahead > 2 * spread:
        text += " Training rows are predicted much better: a simpler model may do as well."
    return text
