"""Recursive Feature Elimination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    Serving,
    When,
    module,
)
from modules.contract.code import CodeStep, TableFacts, literal
from modules.contract.context import part_of_progress
from modules.feature_selection._selecting import (
    check_count,
    label_and_candidates,
    selection,
    write_candidates,
    write_search,
    write_selection,
)
from modules.learning.evaluation.validation import ClassificationMetric, RegressionMetric, worth
from modules.learning.learner_parameters import Seed
from modules.values import Transformation, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_BEST = "best in cross-validation"


def _code(step: CodeStep) -> None:
    from modules.learning.exported import column_importances

    _, features, numbers, _ = step.outputs
    metric, made, labeled, parts = write_search(step)[1:]
    _, candidates = write_candidates(step)
    used, found, kept = map(step.variable, ("used", "found", "kept"))
    with step.local():
        model, rows = step.variable("model"), step.variable("rows")
        fitted = f"{model}[0]" if made.facts.classes else model
        step.write("", f"def {used}({model}, {rows}):")
        with step.indented():
            step.write(
                '"""Return how much a model uses each column."""',
                f"return {step.helper(column_importances)}({fitted}, {rows})",
                "",
            )
    number = step.source("number_of_features") if step.value("keep") != _BEST else "None"
    step.write(
        f"{found} = {step.helper(eliminated)}({parts}, {labeled}, {candidates}, {made.train}, "
        f"{made.measure}, {used}, {literal(metric)}, {number}, {step.source('step')})",
        f"{kept} = {found}.kept",
    )
    write_selection(step, step.inputs["dataset"], candidates, kept)
    if features != "_":
        step.write(f"{features} = {found}.features")
    if numbers != "_":
        step.write(f"{numbers} = {found}.numbers")
    step.know("features", TableFacts())
    step.know("numbers_of_features", TableFacts(are_metrics=True))


@module(
    "Recursive Feature Elimination",
    outputs=("filtered_dataset", "features", "numbers_of_features", "selection_transformation"),
    keywords=("rfe", "rfecv", "backward elimination", "wrapper", "importance", "relevance"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def recursive_feature_elimination(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    keep: Annotated[
        Literal["best in cross-validation", "a number"], Field(title="Features to keep")
    ] = "best in cross-validation",
    number_of_features: Annotated[
        int, Field(ge=1, title="Number of features"), When(keep="a number")
    ] = 5,
    step: Annotated[int, Field(ge=0, title="Features to remove at a time")] = 0,
    classification_metric: ClassificationMetric = "Accuracy",
    regression_metric: RegressionMetric = "Root mean squared error",
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds")] = 5,
    seed: Seed = 0,
) -> tuple[DataTable, DataTable, DataTable, Transformation]:
    """Remove the column that a model uses least, train again, and so on; keep the best number.

    Unlike Model-Based Feature Selection it notices that a column becomes important when another
    one with the same information is gone.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A linear learner, or one with trees.
    dataset : DataTable
        Training rows. Rows without a label are skipped. A column with the fold role (from
        Partition and Sample) determines the folds.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    keep : str
        The number of features with the best metric on rows that weren't trained on, or a number.
    number_of_features : int
        How many.
    step : int
        Larger numbers are faster with many columns. 0 for a tenth of those that are left, at
        least one.
    classification_metric : str
        Decides which number of features is the best for a classification learner.
    regression_metric : str
        Decides which number of features is the best for a regression learner.
    folds : int
        In how many parts the rows are divided. For each, columns are removed without its rows.
    seed : int
        Determines which row is in which fold.

    Returns
    -------
    filtered_dataset : DataTable
        The kept columns, the label, and columns that aren't features.
    features : DataTable
        ``Feature``, its ``Rank``, 1 for those that are kept, then in the opposite order of
        their removal, and whether it was ``Selected``.
    numbers_of_features : DataTable
        The metric by ``Number of features``: its mean and standard deviation over the folds.
    selection_transformation : Transformation
        Keeps the same columns of new data.

    Notes
    -----
    Guyon et al. (2002), as scikit-learn's ``RFECV``, but for columns: the importance of a column
    with text is that of all its values. Of equally good numbers the smallest is kept. Of a linear
    model, the importance is the root of the sum of the squared weights in standardized features;
    of trees, the share of the total gain.
    """
    from modules.learning.evaluation.validation import CrossValidation, metric_of
    from modules.learning.importances import column_importances
    from modules.learning.tuning.trials import warning_once

    task = untrained_model.task
    label, candidates = label_and_candidates(untrained_model, dataset, label_column)
    metric = metric_of(task, classification_metric, regression_metric)
    if keep == "a number":
        check_count(number_of_features, candidates, "number_of_features")
    validation = CrossValidation(dataset, label, task, folds, seed)
    table = validation.table
    with warning_once():
        found = eliminated(
            validation.frames(),
            table.frame,
            candidates,
            validation.training(untrained_model),
            validation.measured,
            lambda model, rows: column_importances(model, table.with_frame(rows)),
            metric,
            None if keep == _BEST else number_of_features,
            step,
        )
    filtered, made = selection(dataset, label, found.kept)
    metrics = {f"{metric} (best)": found.best}
    return filtered, DataTable(found.features), DataTable(found.numbers, metrics=metrics), made


@dataclass(frozen=True)
class Elimination:
    """What was found by removing features.

    Parameters
    ----------
    kept : list of str
    features : pandas.DataFrame
        Their ranks.
    numbers : pandas.DataFrame
        The metric by number of features.
    best : float
        The metric of those that are kept.
    """

    kept: list[str]
    features: pd.DataFrame
    numbers: pd.DataFrame
    best: float


def eliminated(
    parts: Sequence[tuple[pd.DataFrame, pd.DataFrame]],
    rows: pd.DataFrame,
    candidates: list[str],
    train: Callable[[pd.DataFrame, list[str]], Any],
    measure: Callable[[Any, pd.DataFrame], dict[str, float]],
    use: Callable[[Any, pd.DataFrame], dict[str, float]],
    metric: str,
    number: int | None,
    step: int,
) -> Elimination:
    """Remove the features that a model uses least.

    Parameters
    ----------
    parts : sequence of (pandas.DataFrame, pandas.DataFrame)
        For each fold the rows to train on, and those to evaluate on.
    rows : pandas.DataFrame
        All of them.
    train, measure, use : callable
        Return the model for rows and features, its metrics for rows, and how much it uses each
        feature.
    number : int, optional
        Features to keep; by default the number with the best metric.
    step : int
        Features to remove at a time; 0 for a tenth.
    """
    import numpy as np
    import pandas as pd

    sizes = _sizes(len(candidates), number or 1, step)
    by_size: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    share = 1 / (len(parts) + 1)
    for index, (training, testing) in enumerate(parts):
        text = f"Fold {index + 1} of {len(parts)}"
        with part_of_progress(index * share, (index + 1) * share, text):
            for left in _remaining(training, candidates, sizes, train, use):
                by_size[len(left)].append(measure(train(training, left), testing))
    best = sizes[-1]
    if number is None:
        best = max(sorted(sizes), key=lambda size: worth(by_size[size], metric))
    with part_of_progress(1 - share, 1.0, "All rows"):
        rest = [size for size in sizes if size >= best]
        lists = _remaining(rows, candidates, rest, train, use)
    ranks = dict.fromkeys(candidates, len(lists))
    for number, left in enumerate(lists):
        ranks |= dict.fromkeys(left, len(lists) - number)
    kept = lists[-1]
    order = sorted(candidates, key=lambda name: ranks[name])
    values = {size: np.array([each[metric] for each in found]) for size, found in by_size.items()}
    increasing = sorted(sizes)
    numbers = pd.DataFrame(
        {
            "Number of features": increasing,
            metric: [float(values[size].mean()) for size in increasing],
            "Standard deviation": [float(values[size].std(ddof=1)) for size in increasing],
        }
    )
    features = pd.DataFrame(
        {
            "Feature": pd.Series(order, dtype="str"),
            "Rank": [ranks[name] for name in order],
            "Selected": [name in kept for name in order],
        }
    )
    return Elimination(kept, features, numbers, float(values[best].mean()))


def _sizes(most: int, fewest: int, step: int) -> list[int]:
    """Return the numbers of features to try, descending; the last step may be smaller."""
    found = [most]
    while found[-1] > fewest:
        found.append(max(found[-1] - (step or max(found[-1] // 10, 1)), fewest))
    return found


def _remaining(
    rows: pd.DataFrame,
    candidates: list[str],
    sizes: list[int],
    train: Callable[[pd.DataFrame, list[str]], Any],
    use: Callable[[Any, pd.DataFrame], dict[str, float]],
) -> list[list[str]]:
    """Return the columns that are left for each number of features."""
    left, found = candidates, [candidates]
    for index, size in enumerate(sizes[1:]):
        with part_of_progress(index / len(sizes), (index + 1) / len(sizes)):
            values = {**dict.fromkeys(left, 0.0), **use(train(rows, left), rows)}
        # Of equally important columns the first one is removed, as by scikit-learn.
        removed = set(sorted(left, key=lambda name: values[name])[: len(left) - size])
        left = [name for name in left if name not in removed]
        found.append(left)
    return found
