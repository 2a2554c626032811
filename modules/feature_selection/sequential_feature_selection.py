"""Sequential Feature Selection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
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
from modules.learning.evaluation.validation import (
    ERRORS,
    ClassificationMetric,
    RegressionMetric,
    worth,
)
from modules.learning.learner_parameters import Seed
from modules.values import Transformation, UntrainedModel

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = "a number"
MOST_FEATURES = 200


def _code(step: CodeStep) -> None:
    _, metric, made, _, parts = write_search(step)
    _, candidates = write_candidates(step)
    judged, kept = step.variable("judged"), step.variable("kept")
    with step.local():
        names = step.variable("names")
        measured = f"{made.measure}({made.train}(rows, {names}), held_out)"
        step.write("", f"def {judged}({names}):")
        with step.indented():
            step.write(
                '"""Return how well the learner predicts with some columns."""',
                f"return {step.helper(worth)}([{measured} for rows, held_out in {parts}], "
                f"{literal(metric)})",
                "",
            )
    number = improvement = "None"
    if step.value("keep") == _NUMBER:
        number = step.source("number_of_features")
    else:
        improvement = step.source("improvement")
    steps = step.outputs[1] if step.outputs[1] != "_" else step.variable("steps")
    step.write(
        f"{kept}, {steps} = {step.helper(selected_in_steps)}({candidates}, {judged}, "
        f"{literal(metric)}, forward={step.value('direction') == 'forward'}, number={number}, "
        f"improvement={improvement})"
    )
    write_selection(step, step.inputs["dataset"], candidates, kept)
    step.know("steps", TableFacts(are_metrics=True))


@module(
    "Sequential Feature Selection",
    outputs=("filtered_dataset", "steps", "selection_transformation"),
    keywords=("forward selection", "backward", "stepwise", "wrapper", "greedy", "relevance"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def sequential_feature_selection(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    direction: Literal["forward", "backward"] = "forward",
    keep: Annotated[
        Literal["until it doesn't improve", "a number"], Field(title="Features to keep")
    ] = "until it doesn't improve",
    number_of_features: Annotated[
        int, Field(ge=1, title="Number of features"), When(keep=_NUMBER)
    ] = 5,
    improvement: Annotated[
        float, Field(title="Least improvement"), When(keep="until it doesn't improve")
    ] = 0.0001,
    classification_metric: ClassificationMetric = "Accuracy",
    regression_metric: RegressionMetric = "Root mean squared error",
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds")] = 5,
    seed: Seed = 0,
) -> tuple[DataTable, DataTable, Transformation]:
    """Add the column that improves a model most, then the next one, or remove them one by one.

    It works with every learner and takes longest: the learner is trained for each candidate, in
    each step, for each fold. For at most 200 features.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner.
    dataset : DataTable
        Training rows. Rows without a label are skipped. A column with the fold role (from
        Partition and Sample) determines the folds.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    direction : str
        Add columns to none, or remove them from all.
    keep : str
        Stop as soon as the metric doesn't improve enough, or at a number of features.
    number_of_features : int
        How many.
    improvement : float
        By how much a step must improve the metric. Backward, it may be negative, to accept a
        slightly worse metric for fewer columns.
    classification_metric : str
        What is to be improved for a classification learner.
    regression_metric : str
        What is to be improved for a regression learner.
    folds : int
        Number of folds that the metric is the mean of.
    seed : int
        Determines which row is in which fold.

    Returns
    -------
    filtered_dataset : DataTable
        The kept columns, the label, and columns that aren't features.
    steps : DataTable
        ``Step``, the ``Feature`` that was added or removed, the number of ``Features``, and the
        metric with them. Backward, the first row has all features.
    selection_transformation : Transformation
        Keeps the same columns of new data.

    Notes
    -----
    As scikit-learn's ``SequentialFeatureSelector``, but for columns: text isn't divided into its
    values. Every set of columns is evaluated on the same folds. Of equally good columns the first
    in the dataset is chosen.
    """
    from modules.learning.evaluation.validation import CrossValidation, metric_of
    from modules.learning.tuning.trials import warning_once

    task = untrained_model.task
    label, candidates = label_and_candidates(untrained_model, dataset, label_column)
    metric = metric_of(task, classification_metric, regression_metric)
    if keep == _NUMBER:
        check_count(number_of_features, candidates, "number_of_features")
    if len(candidates) > MOST_FEATURES:
        raise ModuleError(
            "too-many-features",
            f"The dataset has {len(candidates):,} features; the learner would be trained for each "
            f"of them, {folds} times, in every step. The limit is {MOST_FEATURES}.",
            "Select some first, with Filter Based Feature Selection for example.",
            port="dataset",
        )
    validation = CrossValidation(dataset, label, task, folds, seed)
    with warning_once():
        kept, table = selected_in_steps(
            candidates,
            lambda names: worth(validation.metrics(untrained_model, names), metric),
            metric,
            forward=direction == "forward",
            number=number_of_features if keep == _NUMBER else None,
            improvement=None if keep == _NUMBER else improvement,
        )
    filtered, made = selection(dataset, label, kept)
    metrics = {f"{metric} (reached)": float(table[metric].iloc[-1])} if len(table) else {}
    return filtered, DataTable(table, metrics=metrics), made


def selected_in_steps(
    candidates: list[str],
    judged: Callable[[list[str]], float],
    metric: str,
    *,
    forward: bool,
    number: int | None,
    improvement: float | None,
) -> tuple[list[str], pd.DataFrame]:
    """Return the features that are kept, and the steps to them.

    Parameters
    ----------
    judged : callable
        Returns how good the learner is with some features; higher is better.
    forward : bool
        Add features to none, or remove them from all.
    number : int, optional
        Features to keep.
    improvement : float, optional
        By how much a step must improve; None to continue until there are so many.
    """
    import pandas as pd

    kept: list[str] = [] if forward else list(candidates)
    rows: list[tuple[int, str | None, int, float]] = []
    goal = number or (len(candidates) if forward else 1)
    sign = -1.0 if metric in ERRORS else 1.0
    reached = -float("inf")
    if not forward:
        reached = judged(kept)
        rows.append((0, None, len(kept), sign * reached))
    steps = abs(goal - len(kept))
    for turn in range(steps):
        options = [name for name in candidates if (name not in kept) == forward]
        found = []
        for index, name in enumerate(options):
            start = (turn + index / len(options)) / steps
            end = (turn + (index + 1) / len(options)) / steps
            text = f"Step {turn + 1}, column {index + 1} of {len(options)}"
            with part_of_progress(start, end, text):
                rest = {*kept, name} if forward else set(kept) - {name}
                found.append(judged([each for each in candidates if each in rest]))
        best = max(range(len(options)), key=found.__getitem__)
        if improvement is not None and not found[best] - reached >= improvement and rows:
            break
        name, reached = options[best], found[best]
        chosen = {*kept, name} if forward else set(kept) - {name}
        kept = [each for each in candidates if each in chosen]
        rows.append((turn + 1, name, len(kept), sign * reached))
    table = pd.DataFrame(rows, columns=["Step", "Feature", "Features", metric])
    table["Feature"] = table["Feature"].astype("str").where(table["Feature"].notna())
    return kept, table
