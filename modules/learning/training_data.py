"""What training asks of a table: labels, features with values, no identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from modules.contract.context import warn
from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.messages import KIND_WORDS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_NAMED = 4
"""Classes that a sentence names."""

_ID_LIKE_SHARE, _ID_LIKE_COUNT = 0.97, 1_000


def feature_names(table: DataTable, label: str | None, features: list[str] | None) -> list[str]:
    """Return the columns to learn from: the chosen ones, or all with that role."""
    if features is None:
        features = table.having_role(Role.FEATURE)
    names = [name for name in features if name != label]
    if not names:
        raise ModuleError(
            "no-features",
            "There is no column left to learn from.",
            "Give the dataset at least one column besides the label.",
            port="dataset",
        )
    return names


def labelled(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return the rows that have a label; what is left out is told."""
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
    warn(f"{count} of {len(frame)} rows have no “{label}” and are left out.")
    return frame[~missing].reset_index(drop=True)


def target_of(column: pd.Series, task: str) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Return the numbers to predict, or the codes of classes and the classes."""
    import pandas as pd

    from modules.contract.data_table import kind_of
    from modules.learning.features import scalar

    kind = kind_of(column.dtype)
    if task == "regression":
        if kind not in ("integer", "number", "boolean"):
            raise ModuleError(
                "label-not-numeric",
                f"Column “{column.name}” holds {KIND_WORDS[kind]}; a regression predicts numbers.",
                "Choose a numeric label, or a classification learner.",
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
            f"Column “{column.name}” holds only one class, “{classes[0]}”.",
            "Bring rows of at least two classes, or choose another label column.",
            parameter="label_column",
            column=str(column.name),
        )
    if task == "two-class" and len(classes) > 2:
        raise ModuleError(
            "more-than-two-classes",
            f"Column “{column.name}” holds {len(classes)} classes{_most_frequent(codes, classes)}; "
            "a two-class learner takes two.",
            "Look at these values: one may stand in for a missing one, or be another spelling. If "
            "all are meant, choose a multiclass learner.",
            parameter="label_column",
            column=str(column.name),
        )
    if task == "multiclass" and kind == "number" and len(classes) > 1_000:
        raise ModuleError(
            "label-continuous",
            f"Column “{column.name}” holds {len(classes)} different numbers.",
            "Choose a regression learner, or group the values into bins.",
            parameter="label_column",
            column=str(column.name),
        )
    return codes, classes


def with_values(frame: pd.DataFrame, names: list[str]) -> list[str]:
    """Leave out columns without any value: nothing can be learnt, and boosted trees fail."""
    kept = [name for name in names if frame[name].notna().any()]
    for name in names:
        if name not in kept:
            warn(f"Column “{name}” has no values and is left out.")
    if not kept:
        raise ModuleError(
            "no-features",
            "No column to learn from has any value.",
            "Look at the data that comes in.",
            port="dataset",
        )
    return kept


def refuse_ids(frame: pd.DataFrame, names: list[str]) -> None:
    """Refuse a text column that is different in nearly every row, as the original does."""
    from modules.contract.data_table import kind_of

    for name in names:
        if kind_of(frame[name].dtype) not in ("string", "categorical"):
            continue
        distinct = frame[name].nunique()
        if distinct > _ID_LIKE_COUNT and distinct > _ID_LIKE_SHARE * len(frame):
            raise ModuleError(
                "too-many-unique-values",
                f"Column “{name}” has {distinct:,} different texts in {len(frame):,} rows; "
                "nothing can be learnt from it.",
                "Leave it out with Select Columns in Dataset, or clear its feature role.",
                port="dataset",
                column=name,
            )


def explained(error: ValueError, inputs: pd.DataFrame, title: str) -> ModuleError:
    """Return a learner's error in words that name the column where that can be found."""
    import numpy as np

    if "infinity" in str(error).lower():
        for name in inputs.select_dtypes("number"):
            if np.isinf(inputs[name].to_numpy("float64")).any():
                return ModuleError(
                    "infinite-value",
                    f"Column “{name}” holds infinite values.",
                    "Clip the values or clean them before training.",
                    port="dataset",
                    column=str(name),
                )
    return ModuleError(
        "training-failed",
        f"{title} can't be trained: {error}",
        "Look at the data that comes in, and at the settings of the learner.",
        port="dataset",
    )


def _most_frequent(codes: np.ndarray, classes: tuple[Any, ...]) -> str:
    """Return “: “No” in 70 rows, “Yes” in 29, “0” in 1”, the most frequent classes first."""
    import numpy as np

    counts = np.bincount(codes[codes >= 0], minlength=len(classes))
    first = np.argsort(-counts, kind="stable")[:_NAMED]
    words = [f"“{classes[code]}” in {counts[code]:,}" for code in first]
    words[0] += " rows"
    return f": {', '.join(words)}{', …' if len(classes) > _NAMED else ''}"
