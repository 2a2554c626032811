"""The label of a training table: which column, its rows, its classes, the positive class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.columns import ColumnSelector
from modules.contract.context import warn
from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.messages import KIND_LABELS
from modules.contract.normalize_frame import set_columns
from modules.values.untrained_model import UntrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NAMED = 4
"""Maximum number of classes in a message."""


def label_to_predict(
    table: DataTable, chosen: ColumnSelector, parameter: str = "label_column"
) -> str:
    """Return the label column of a training table.

    Parameters
    ----------
    chosen : ColumnSelector
        The value of the parameter; empty for the column with the label role.
    parameter : str
        Its name, for errors.

    Raises
    ------
    ModuleError
        If none is selected and not exactly one column has the role.
    """
    if not chosen.is_empty:
        return chosen.resolve_one(table.columns, parameter=parameter)
    labels = table.having_role(Role.LABEL)
    if len(labels) == 1:
        return labels[0]
    if labels:
        names = " and ".join(f"“{name}”" for name in labels)
        raise ModuleError(
            "many-labels",
            f"{len(labels)} columns have the label role: {names}.",
            "Choose the column to predict. To clear the role of a column, use Edit Metadata.",
            parameter=parameter,
        )
    raise ModuleError(
        "no-label",
        "No label column is selected.",
        "Choose the column to predict.",
        parameter=parameter,
    )


def label_of(table: DataTable) -> str | None:
    """Return the column with the label role, or None."""
    labels = table.having_role(Role.LABEL)
    return labels[0] if labels else None


def labeled(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return the rows that have a label, with a warning about the others."""
    missing = frame[label].isna()
    count = int(missing.sum())
    if not count:
        return frame
    if count == len(frame):
        raise ModuleError(
            "label-missing",
            f"Every value of the label column “{label}” is missing.",
            "Choose another label column.",
            parameter="label_column",
            column=label,
        )
    warn(f"{count} of {len(frame)} rows don't have a value in “{label}” and were skipped.")
    return frame[~missing].reset_index(drop=True)


def target_of(column: pd.Series, task: str) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Return the numbers to predict, or the codes of classes and the classes."""
    import pandas as pd

    from modules.contract.data_table import kind_of
    from modules.learning.categories import scalar

    kind = kind_of(column.dtype)
    if task == "regression":
        if kind not in ("integer", "number", "boolean"):
            raise ModuleError(
                "label-not-numeric",
                f"Column “{column.name}” contains {KIND_LABELS[kind]}, "
                "but regression needs a numeric label.",
                "Choose another label column, or a classification learner.",
                parameter="label_column",
                column=str(column.name),
            )
        return column.to_numpy("float64"), ()
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
    codes, values = pd.factorize(column, sort=True)
    classes = tuple(scalar(value) for value in values)
    if len(classes) < 2:
        raise ModuleError(
            "one-class",
            f"Column “{column.name}” contains only one class, “{classes[0]}”.",
            "Add rows of another class, or choose another label column.",
            parameter="label_column",
            column=str(column.name),
        )
    if task == "two-class" and len(classes) > 2:
        raise ModuleError(
            "more-than-two-classes",
            f"Column “{column.name}” contains {len(classes)} classes"
            f"{_most_frequent(codes, classes)}; a two-class learner requires two.",
            "Check these values: one may represent a missing value or be a misspelling. "
            "If all are correct, choose a multiclass learner.",
            parameter="label_column",
            column=str(column.name),
        )
    if task == "multiclass" and kind == "number" and len(classes) > 1_000:
        raise ModuleError(
            "label-continuous",
            f"Column “{column.name}” contains {len(classes)} distinct numbers.",
            "Choose a regression learner, or group the values into bins.",
            parameter="label_column",
            column=str(column.name),
        )
    return codes, classes


def with_positive(
    table: DataTable, label: str, positive: str, learner: UntrainedModel
) -> DataTable:
    """Move the positive class to the end: the order of categories is that of a model's classes."""
    import pandas as pd

    if learner.task != "two-class":
        warn(f"{learner.title} doesn't have a positive class; “{positive}” was ignored.")
        return table
    column = table.frame[label]
    values = list(pd.unique(column.dropna()))
    chosen = next((value for value in values if positive in _writings(value)), None)
    if chosen is None:
        listed = ", ".join(f"“{value}”" for value in values[:8])
        raise ModuleError(
            "class-not-found",
            f"Column “{label}” doesn't contain the class “{positive}”.",
            f"Choose one of {listed}." if values else "Choose a label with two classes.",
            parameter="positive_class",
            column=label,
        )
    others = sorted((value for value in values if value != chosen), key=str)
    ordered = pd.Categorical(column, categories=[*others, chosen])
    return table.with_frame(set_columns(table.frame, {label: ordered}))


def _writings(value: Any) -> tuple[str, ...]:
    """Return the accepted spellings of a class."""
    if isinstance(value, float) and value.is_integer():
        return str(value), str(int(value))
    text = str(value)
    return text, text.lower() if text in ("True", "False") else text


def _most_frequent(codes: np.ndarray, classes: tuple[Any, ...]) -> str:
    """Return “: “No” in 70 rows, “Yes” in 29, “0” in 1”, the most frequent classes first."""
    import numpy as np

    counts = np.bincount(codes[codes >= 0], minlength=len(classes))
    first = np.argsort(-counts, kind="stable")[:_NAMED]
    labels = [f"“{classes[code]}” in {counts[code]:,}" for code in first]
    labels[0] += " rows"
    return f": {', '.join(labels)}{', …' if len(classes) > _NAMED else ''}"
