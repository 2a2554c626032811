"""Rows that are held out to evaluate a learner."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Role, Scoring, warn
from modules.learning.evaluation.reports import report_on
from modules.values import EvaluationReport, TrainedModel

if TYPE_CHECKING:
    import numpy as np


def rows_with_label(dataset: DataTable, label: str) -> DataTable:
    """Return the rows that have a label, and a fold if there is a fold column.

    The number of others is shown in a warning.
    """
    needed = [label, *dataset.having_role(Role.FOLD)[:1]]
    missing = dataset.frame[needed].isna().any(axis=1)
    count = int(missing.sum())
    if not count:
        return dataset
    warn(
        f"{count} of {len(dataset)} rows don't have a value in “{'” or “'.join(needed)}” "
        "and were skipped."
    )
    return dataset.with_frame(dataset.frame[~missing])


def folds_of(
    table: DataTable, label: str, task: str, folds: int, seed: int
) -> tuple[np.ndarray, list[Any]]:
    """Return the index of each row's fold and the numbers of the folds.

    Parameters
    ----------
    table : DataTable
        From :func:`rows_with_label`. Its column with the fold role, if there is one, determines
        the folds.
    task : str
        Of the learner; classes are spread evenly over the folds.
    folds : int
        Number of folds without such a column.
    seed : int
        Determines how the rows are shuffled.

    Raises
    ------
    ModuleError
        If a fold would have no rows to train on or to score.

    Notes
    -----
    scikit-learn's ``StratifiedKFold`` for classes, otherwise ``KFold``.
    """
    import numpy as np
    import pandas as pd
    from sklearn.model_selection import KFold, StratifiedKFold

    columns = table.having_role(Role.FOLD)
    if columns:
        fold_of_row, values = pd.factorize(table.frame[columns[0]], sort=True)
        if len(values) < 2:
            raise ModuleError(
                "one-fold",
                f"Column “{columns[0]}” assigns every row to the same fold.",
                "Assign the rows to at least two folds, or clear the role of the column.",
                port="dataset",
                column=columns[0],
            )
        return fold_of_row, [_integral(value) for value in values]
    table.require_rows(folds, port="dataset")
    fold_of_row = np.empty(len(table), np.int64)
    if task == "regression":
        parts = list(KFold(folds, shuffle=True, random_state=seed).split(fold_of_row))
    else:
        codes, classes = pd.factorize(table.frame[label], sort=True)
        _check_classes(codes, classes, label, folds, task)
        with warnings.catch_warnings():
            # Already reported by our own warning.
            warnings.filterwarnings("ignore", message="The least populated class")
            splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
            parts = list(splitter.split(fold_of_row, codes))
    for number, (_, inside) in enumerate(parts):
        fold_of_row[inside] = number
    return fold_of_row, list(range(folds))


def evaluated(
    model: TrainedModel, table: DataTable, label: str, port: str
) -> tuple[DataTable, EvaluationReport]:
    """Return the scores of rows with a label, and how good they are.

    Parameters
    ----------
    port : str
        The input that the rows came from, for errors.

    Raises
    ------
    ModuleError
        If the rows can't be scored, or the scores can't be compared with the label.
    """
    import pandas as pd

    scores = model.score(table)
    joined = pd.concat([table.frame[[label]], scores.frame], axis=1)
    scoring = replace(scores.scoring or Scoring("", ""), label=label)
    return scores, report_on(DataTable(joined), scoring, "", port)


def _integral(value: Any) -> Any:
    """Return an integral float as an integer: columns that had missing values contain floats."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_classes(codes: np.ndarray, classes: Any, label: str, folds: int, task: str) -> None:
    import numpy as np

    sizes = np.bincount(codes)
    if sizes.max() == 1:
        raise ModuleError(
            "too-few-rows",
            f"Every class of “{label}” has only 1 row.",
            "Choose another label column, or replace its values by fewer classes.",
            port="dataset",
            column=label,
        )
    if sizes.max() < folds:
        raise ModuleError(
            "too-few-rows",
            f"The largest class of “{label}” has only {sizes.max()} rows.",
            f"Use fewer than {folds} folds.",
            parameter="folds",
        )
    if sizes.min() < folds:
        rarest = classes[int(sizes.argmin())]
        count = f"{sizes.min()} row{'' if sizes.min() == 1 else 's'}"
        if task == "two-class" and 1 == sizes.min() < len(codes) - 1:
            raise ModuleError(
                "too-few-rows",
                f"“{label}” is “{rarest}” in only 1 row; the model that scores it would "
                "be trained on a single class.",
                "Add rows of that class.",
                port="dataset",
                column=label,
            )
        warn(f"“{label}” is “{rarest}” in only {count}; some folds don't contain it.")
