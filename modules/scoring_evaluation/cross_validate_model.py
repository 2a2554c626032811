"""Cross Validate Model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    PREDICTING,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    ValueOf,
    module,
)
from modules.contract.code import CodeStep
from modules.contract.context import part_of_progress
from modules.learning.evaluation.undefined import counted_metrics, warn_of_undefined_folds
from modules.learning.learner_parameters import Seed
from modules.scoring_evaluation._validation_code import write_cross_validation
from modules.values import UntrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOLD = "Fold Number"
COUNT = "Number of examples in fold"


def _code(step: CodeStep) -> None:
    write_cross_validation(step, by_fold=by_fold, in_order=in_order, counted=counted_metrics)


@module(
    "Cross Validate Model",
    outputs=("scored_results", "evaluation_results_by_fold"),
    keywords=("k-fold", "validation", "variance", "generalize", "test and score"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def cross_validate_model(
    untrained_model: Annotated[UntrainedModel, PREDICTING],
    dataset: DataTable,
    *,
    label_column: Annotated[
        ColumnSelector, Columns(of="dataset", single=True, role="label")
    ] = ColumnSelector(),
    positive_class: Annotated[str, Field(title="Positive class"), ValueOf("label_column")] = "",
    folds: Annotated[int, Field(ge=2, title="Number of folds")] = 10,
    seed: Seed = 0,
) -> tuple[DataTable, DataTable]:
    """Train and evaluate a learner several times, each time holding out different rows.

    Every row is scored once, by a model that wasn't trained on it. The variation of the
    metrics between folds shows how reliable they are.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A classification or regression learner and its parameters.
    dataset : DataTable
        All rows. If a column has the fold role (from Partition and Sample), it
        determines the folds.
    label_column : ColumnSelector
        The column to predict. By default the column with the label role.
    positive_class : str
        Of two classes, the one that probabilities, precision and recall refer to. Empty for
        the second in sorted order, or in the order of a categorical label.
    folds : int
        Number of folds if the dataset doesn't have a fold column.
    seed : int
        Determines which row is in which fold.

    Returns
    -------
    scored_results : DataTable
        The rows with their scores and ``Fold Number``.
    evaluation_results_by_fold : DataTable
        The metrics of Evaluate Model for each fold, then their mean and standard deviation. The
        means are shown in the run list.

    Notes
    -----
    Rows are shuffled; for classes each fold has about the same proportion of each class
    (scikit-learn's ``StratifiedKFold``, otherwise ``KFold``). The standard deviation is
    that of a sample, with the number of folds minus one in the denominator.

    A metric that is undefined in a fold counts as in scikit-learn: precision, recall and F1 score
    as 0, the coefficient of determination of equal labels as 0 (1 if the predictions are exact).
    Of others, AUC in a fold with a single class for example, no mean is computed.

    Unlike in Azure ML designer, the number of folds can be set, and 0 is a fixed seed.
    """
    from modules.learning.evaluation.folds import evaluated, folds_of, rows_with_label
    from modules.learning.labels import label_to_predict

    if untrained_model.task == "clustering":
        raise ModuleError(
            "wrong-learner",
            f"{untrained_model.title} doesn't predict a label, so it can't be cross-validated.",
            "Use a classification or regression learner.",
            port="untrained_model",
        )
    label = label_to_predict(dataset, label_column)
    table = rows_with_label(dataset, label)
    fold_of_row, numbers = folds_of(table, label, untrained_model.task, folds, seed)
    scored, rows, reports, metrics, results = [], [], [], [], []
    for index, number in enumerate(numbers):
        inside = fold_of_row == index
        training = table.with_frame(table.frame[~inside])
        text = f"Fold {index + 1} of {len(numbers)}"
        with part_of_progress(index / len(numbers), (index + 1) / len(numbers), text):
            model = untrained_model.fit(training, label, positive=positive_class.strip())
        scores, report = evaluated(model, table.with_frame(table.frame[inside]), label, "dataset")
        scored.append(scores)
        reports.append(report)
        rows.append(inside.nonzero()[0])
        count = int(inside.sum())
        metrics.append(counted_metrics(report.metrics, count))
        results.append({FOLD: str(number), COUNT: count, **metrics[-1]})
    warn_of_undefined_folds(reports, metrics)
    frame, means = by_fold(results)
    return _scored_results(table, label, scored, rows, numbers), DataTable(frame, metrics=means)


def _scored_results(
    table: DataTable,
    label: str,
    scored: list[DataTable],
    rows: list[np.ndarray],
    numbers: list[Any],
) -> DataTable:
    """Return the scores of all folds in the order of the rows."""
    import pandas as pd

    scorings = [part.scoring for part in scored if part.scoring]
    first = scorings[0]
    classes = {value for scoring in scorings for value in scoring.classes}
    known = max((scoring.classes for scoring in scorings), key=len)
    if classes - set(known):
        known = tuple(sorted(classes, key=lambda value: (isinstance(value, str), value)))
    names = first.probabilities
    if first.task == "multiclass":
        # A class that is absent from the training rows of a fold doesn't have a column there.
        by_class = {
            value: name
            for scoring in scorings
            for value, name in zip(scoring.classes, scoring.probabilities, strict=True)
        }
        names = tuple(by_class[value] for value in known)
    joined = in_order([part.frame for part in scored], rows, numbers)
    joined = joined[[first.scored, *names, FOLD]]
    kept = table.frame.drop(columns=[name for name in joined.columns if name in table.names])
    roles = {**table.roles, **dict.fromkeys(joined.columns, Role.SCORE), label: Role.LABEL}
    roles[FOLD] = Role.NONE if set(table.having_role(Role.FOLD)) - {FOLD} else Role.FOLD
    scoring = replace(first, label=label, classes=known, probabilities=names)
    return DataTable(pd.concat([kept, joined], axis=1), roles, scoring)


def in_order(parts: list[pd.DataFrame], rows: list[np.ndarray], numbers: list[Any]) -> pd.DataFrame:
    """Return the scores of all folds in the order of the rows, with the number of the fold.

    A class that a fold's training rows don't have has the probability 0 there.
    """
    import numpy as np
    import pandas as pd

    order = np.argsort(np.concatenate(rows), kind="stable")
    joined = pd.concat(parts, ignore_index=True).iloc[order].reset_index(drop=True)
    lacking = {name for part in parts for name in joined.columns if name not in part}
    joined = joined.fillna(dict.fromkeys(lacking, 0.0))
    joined[FOLD] = np.repeat(np.asarray(numbers), [len(part) for part in rows])[order]
    return joined


def by_fold(results: list[dict[str, Any]]) -> tuple[pd.DataFrame, dict[str, float]]:
    """Return the metrics of the folds with their mean and deviation, and the means alone."""
    import pandas as pd

    table = pd.DataFrame(results)
    numbers = table.drop(columns=FOLD)
    summary = pd.DataFrame([numbers.mean(skipna=False), numbers.std(skipna=False)])
    summary.insert(0, FOLD, ["Mean", "Standard deviation"])
    means = numbers.drop(columns=COUNT).mean(skipna=False).dropna()
    metrics = {f"{name} (mean)": float(value) for name, value in means.items()}
    return pd.concat([table, summary], ignore_index=True), metrics
