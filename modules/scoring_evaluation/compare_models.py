"""Compare Models."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    Role,
    Serving,
    ValueOf,
    module,
)
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.context import part_of_progress
from modules.contract.sheet import Sheet
from modules.learning.evaluation.validation import (
    ERRORS,
    ClassificationMetric,
    RegressionMetric,
)
from modules.learning.learner_parameters import Seed
from modules.values import UntrainedModel
from modules.values.report import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_Learner = Annotated[UntrainedModel, PREDICTING]
_Optional = Annotated[UntrainedModel | None, PREDICTING]

LEVEL = 0.05


def _code(step: CodeStep) -> None:
    from modules.learning.code import label_of_training
    from modules.learning.evaluation.trained_code import (
        learner_of,
        write_labeled,
        write_parts,
        write_trained,
    )
    from modules.learning.evaluation.validation import metric_of

    ports = [port for port in step.inputs if port != "dataset"]
    label, learner = label_of_training(step), learner_of(step, ports[0])
    metric = metric_of(
        learner.task, step.value("classification_metric"), step.value("regression_metric")
    )
    titles, functions = [], []
    measures: dict[bool, str] = {}
    for number, port in enumerate(ports, start=1):
        its = learner_of(step, port)
        quantiles = "quantiles" in its.parameters
        made = write_trained(step, label, port=port, measure=measures.get(quantiles, ""))
        measures[quantiles] = made.measure
        titles.append(f"{number}. {its.title}")
        functions.append(f"({made.train}, {made.measure})")
    labeled, folds = write_labeled(step, label)
    comparison, table, _ = step.outputs
    learners, rows = step.variable("learners"), step.variable("rows")
    table = step.variable("metrics_by_fold") if table == "_" else table
    listed = (f"{literal(title)}: {each}" for title, each in zip(titles, functions, strict=True))
    step.write(f"{learners} = {{{', '.join(listed)}}}")
    called = step.helper(metrics_of_parts)
    if folds or step.source("repeats") == "1":
        parts, numbers = write_parts(step, learner, label, labeled, folds)
        step.write(f"{rows} = {called}({parts}, {numbers}, 1, {learners}, {literal(metric)})")
    else:
        repeat = step.variable("repeat")
        step.write(f"{rows} = []", f"for {repeat} in range({step.source('repeats')}):")
        seed = f"({step.source('seed')} + {repeat}) % 2**32"
        with step.indented():
            parts, numbers = write_parts(step, learner, label, labeled, folds, seed)
            given = f"{parts}, {numbers}, {repeat} + 1, {learners}, {literal(metric)}"
            step.write(f"{rows} += {called}({given})")
    step.write(f"{table} = {step.module('pandas', 'pd')}.DataFrame({rows})")
    if comparison != "_":
        given = f"{table}, list({learners}), {literal(metric)}, len({parts})"
        step.write(f"{comparison} = {step.helper(comparison_of)}({given})")
    step.know("comparison", TableFacts(are_metrics=True))
    step.know("metrics_by_fold", TableFacts())


@module(
    "Compare Models",
    outputs=("comparison", "metrics_by_fold", "report"),
    keywords=("significance", "t-test", "friedman", "benchmark", "which model is best", "p-value"),
    requires=("numpy", "pandas", "scipy", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def compare_models(
    dataset: DataTable,
    model_1: _Learner,
    model_2: _Learner,
    model_3: _Optional = None,
    model_4: _Optional = None,
    model_5: _Optional = None,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class"), ValueOf("label_column")] = "",
    classification_metric: ClassificationMetric = "Accuracy",
    regression_metric: RegressionMetric = "Root mean squared error",
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds")] = 10,
    repeats: Annotated[int, Field(ge=1, le=50, title="Number of repetitions")] = 1,
    seed: Seed = 0,
) -> tuple[DataTable, DataTable, Report]:
    """Cross-validate several learners on the same folds and test whether they differ.

    The best mean may be luck. A small p-value means that a difference is unlikely to come from the
    choice of the rows alone.

    Parameters
    ----------
    dataset : DataTable
        All rows. A column with the fold role (from Partition and Sample) determines the folds.
    model_1 : UntrainedModel
        A classification or regression learner.
    model_2 : UntrainedModel
        Another learner of the same kind, two-class for example.
    model_3 : UntrainedModel, optional
        A third one.
    model_4 : UntrainedModel, optional
        A fourth one.
    model_5 : UntrainedModel, optional
        A fifth one.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    positive_class : str
        Of two classes, the one that precision and recall refer to. Empty for the second in
        sorted order, or in the order of a categorical label.
    classification_metric : str
        By what classification learners are compared.
    regression_metric : str
        By what regression learners are compared.
    folds : int
        Number of folds.
    repeats : int
        How often the rows are divided into folds again. Differences become clearer. A fold column
        can't be repeated.
    seed : int
        Determines which row is in which fold.

    Returns
    -------
    comparison : DataTable
        The learners, the best first: mean and standard deviation of the metric, the ``Mean rank``
        over the folds, and the difference to the best learner with its ``p-value``.
    metrics_by_fold : DataTable
        The metric of each learner in each fold.
    report : Report
        Both, with a chart, the p-values of all pairs, and what they mean.

    Notes
    -----
    Folds share training rows, so that an ordinary paired t-test finds differences too often. The
    corrected one of Nadeau and Bengio (2003) divides the mean difference by ``sqrt((1 / J + 1 /
    (k - 1)) s²)`` with J differences of variance s² in k folds, and has J - 1 degrees of freedom.
    P-values of several learners are adjusted by Holm (1979). Of three or more learners, Friedman's
    test (1937) of their ranks in the folds tests whether any differ at all; it treats folds as
    independent.
    """
    import numpy as np

    from modules.learning.ensembles.parts import connected, task_of
    from modules.learning.evaluation.validation import metric_of

    given = connected(model_1, model_2, model_3, model_4, model_5)
    task = task_of(given)
    learners = tuple(given.values())
    metric = metric_of(task, classification_metric, regression_metric)
    table, count = _metrics_by_fold(
        learners, dataset, label_column, positive_class.strip(), metric, folds, repeats, seed
    )
    names = _names(learners)
    values = table[names].to_numpy("float64")
    lower = metric in ERRORS
    pairs = _pairs(values, names, count)
    comparison = comparison_of(table, names, metric, count)
    best = str(comparison["Learner"].iloc[0])
    metrics = {f"{metric}: {name}": float(np.mean(table[name])) for name in names}
    report = _report(comparison, table, pairs, metric, lower, best)
    return DataTable(comparison, metrics=metrics), DataTable(table), report


def _metrics_by_fold(
    learners: tuple[UntrainedModel, ...],
    dataset: DataTable,
    label_column: ColumnSelector,
    positive: str,
    metric: str,
    folds: int,
    repeats: int,
    seed: int,
) -> tuple[pd.DataFrame, int]:
    """Return the metric of each learner in each fold, and the number of folds."""
    import pandas as pd

    from modules.learning.evaluation.validation import CrossValidation
    from modules.learning.labels import label_to_predict
    from modules.learning.tuning.trials import warning_once

    label = label_to_predict(dataset, label_column)
    dataset.require([label], parameter="label_column")
    if dataset.having_role(Role.FOLD):
        repeats = 1
    names = _names(learners)
    rows: list[dict[str, Any]] = []
    count = folds
    with warning_once():
        for repeat in range(repeats):
            validation = CrossValidation(
                dataset, label, learners[0].task, folds, (seed + repeat) % 2**32
            )
            count = len(validation)
            trained = {
                name: (validation.training(learner, positive), validation.measured)
                for name, learner in zip(names, learners, strict=True)
            }
            text = f"Repetition {repeat + 1} of {repeats}"
            with part_of_progress(repeat / repeats, (repeat + 1) / repeats, text):
                rows += metrics_of_parts(
                    validation.frames(), validation.numbers, repeat + 1, trained, metric
                )
    return pd.DataFrame(rows), count


def metrics_of_parts(
    parts: Sequence[tuple[pd.DataFrame, pd.DataFrame]],
    numbers: Sequence[Any],
    repetition: int,
    learners: Mapping[str, tuple[Callable[..., Any], Callable[..., dict[str, float]]]],
    metric: str,
) -> list[dict[str, Any]]:
    """Return a row for each part, with the metric of each learner.

    Parameters
    ----------
    parts : sequence of (pandas.DataFrame, pandas.DataFrame)
        For each fold the rows to train on, and those to evaluate on.
    numbers : sequence
        Of the folds.
    learners : mapping of str to (callable, callable)
        By name: what trains a learner on rows, and what measures that on others.
    """
    columns: dict[str, list[float]] = {}
    for index, (name, (train, measure)) in enumerate(learners.items()):
        with part_of_progress(index / len(learners), (index + 1) / len(learners), name):
            columns[name] = []
            for training, testing in parts:
                found = measure(train(training), testing)
                columns[name].append(found.get(metric, math.nan))
    return [
        {"Repetition": repetition, "Fold": str(number)}
        | {name: column[at] for name, column in columns.items()}
        for at, number in enumerate(numbers)
    ]


def _names(learners: tuple[UntrainedModel, ...]) -> list[str]:
    return [f"{number}. {learner.title}" for number, learner in enumerate(learners, start=1)]


def corrected_t_test(differences: np.ndarray, folds: int) -> float:
    """Return the p-value of Nadeau and Bengio's corrected resampled t-test, two-sided.

    Parameters
    ----------
    differences : numpy.ndarray, shape (folds times repetitions,)
        Of a metric of two learners in the same folds.
    folds : int
        Number of folds of each repetition.
    """
    import numpy as np
    from scipy import stats

    count = len(differences)
    variance = float(np.var(differences, ddof=1))
    mean = float(np.mean(differences))
    if variance == 0 or not np.isfinite(variance):
        return 1.0 if mean == 0 else (0.0 if np.isfinite(mean) else float("nan"))
    statistic = mean / np.sqrt((1 / count + 1 / (folds - 1)) * variance)
    return float(2 * stats.t.sf(abs(statistic), count - 1))


def _pairs(values: np.ndarray, names: list[str], folds: int) -> dict[tuple[str, str], float]:
    """Return the p-value of each pair, adjusted by Holm's method."""
    import numpy as np

    keys = list(itertools.combinations(range(len(names)), 2))
    found = np.array([corrected_t_test(values[:, a] - values[:, b], folds) for a, b in keys])
    adjusted = np.empty(len(found))
    highest = 0.0
    for rank, index in enumerate(np.argsort(found, kind="stable")):
        highest = max(highest, min(1.0, found[index] * (len(found) - rank)))
        adjusted[index] = highest if np.isfinite(found[index]) else np.nan
    return {
        (names[a], names[b]): float(value) for (a, b), value in zip(keys, adjusted, strict=True)
    }


def comparison_of(table: pd.DataFrame, names: list[str], metric: str, folds: int) -> pd.DataFrame:
    """Return a row for each learner, the best first.

    Parameters
    ----------
    table : pandas.DataFrame
        The metric of each learner in each fold.
    """
    import numpy as np
    import pandas as pd
    from scipy import stats

    values, lower = table[names].to_numpy("float64"), metric in ERRORS
    pairs = _pairs(values, names, folds)
    means = values.mean(axis=0)
    order = np.argsort(means if lower else -means, kind="stable")
    ranks = stats.rankdata(values if lower else -values, axis=1).mean(axis=0)
    best = int(order[0])

    def p_value(index: int) -> float:
        first, second = sorted((index, best))
        return np.nan if index == best else pairs[names[first], names[second]]

    return pd.DataFrame(
        {
            "Learner": pd.Series([names[index] for index in order], dtype="str"),
            metric: means[order],
            "Standard deviation": values.std(axis=0, ddof=1)[order],
            "Mean rank": ranks[order],
            "Difference to the best": means[order] - means[best],
            "p-value": [p_value(int(index)) for index in order],
        }
    )


def _report(
    comparison: pd.DataFrame,
    table: pd.DataFrame,
    pairs: dict[tuple[str, str], float],
    metric: str,
    lower: bool,
    best: str,
) -> Report:
    import numpy as np
    from scipy import stats

    names = list(comparison["Learner"])
    boxes = []
    for name in names:
        column = table[name].dropna().to_numpy("float64")
        if not len(column):
            continue
        low, middle, high = np.quantile(column, [0.25, 0.5, 0.75])
        inside = column[
            (column >= low - 1.5 * (high - low)) & (column <= high + 1.5 * (high - low))
        ]
        outside = column[~np.isin(column, inside)]
        boxes.append(Series(name, outside, (inside.min(), low, middle, high, inside.max())))
    chart = Chart("boxes", f"{metric} in {len(table)} folds", metric, "Learner", boxes)
    equal = [name for name, p in zip(names, comparison["p-value"], strict=True) if p > LEVEL]
    text = f"{best} has the best mean."
    if equal:
        text += f" At a level of {LEVEL:g}, it doesn't differ from {', '.join(equal)}."
        text += " Choose among them by other properties, speed or simplicity for example."
    else:
        text += f" At a level of {LEVEL:g}, it's better than all others."
    if len(names) > 2:
        values = table[names].to_numpy("float64")
        if (values == values[:, :1]).all():
            p = 1.0
        else:
            p = float(stats.friedmanchisquare(*values.T).pvalue)
        text += f"\n\nFriedman's test that all learners are equally good: p = {p:.3g}."
    rows = tuple((*pair, value) for pair, value in pairs.items())
    note = "Corrected resampled t-test, adjusted by Holm's method."
    direction = "lower is better" if lower else "higher is better"
    return Report(
        "Comparison of models",
        (
            Section("Result", text, Sheet.of(comparison, f"{metric}: {direction}."), chart),
            Section("All pairs", sheet=Sheet(("Learner", "Other learner", "p-value"), rows, note)),
        ),
    )
