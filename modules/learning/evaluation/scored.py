"""Interpret a scored dataset: its task, columns, and classes, with validation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Role, Scoring, warn
from modules.learning.categories import scalar
from modules.values.score_columns import (
    ASSIGNMENTS,
    DISTANCE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOREIGN_LABEL = "Labels"
"""Name of the column with the true values, if no column has the label role."""


def recognize(table: DataTable, port: str) -> Scoring:
    """Return how a dataset was scored: from its metadata, or from its column names.

    Raises
    ------
    ModuleError
        If there isn't a column with scores, or with the true values.
    """
    scoring = table.scoring or _by_names(table, port)
    if scoring.task == "clustering":
        return scoring
    label = scoring.label or _label(table)
    if label is None:
        raise ModuleError(
            "no-label",
            "The scored dataset doesn't have a label to compare the scores with.",
            "Score rows that have a label, or set its role with Edit Metadata.",
            port=port,
        )
    return replace(scoring, label=label)


def complete_rows(table: DataTable, names: list[str], port: str) -> pd.DataFrame:
    """Return the rows that have a label and every score; warn about the others.

    Raises
    ------
    ModuleError
        If there are none.
    """
    table.require_rows(1, port=port)
    frame = table.frame[names]
    missing = frame.isna().any(axis=1).to_numpy()
    count = int(missing.sum())
    if count == len(frame):
        raise ModuleError(
            "no-scored-rows",
            "No row has both a label and a score.",
            "Check the scored dataset: the label or the scores are missing in every row.",
            port=port,
        )
    if count:
        warn(f"{count} of {len(frame)} rows don't have a label or a score and were skipped.")
        frame = frame[~missing]
    return frame


def distinct(*columns: pd.Series) -> tuple[Any, ...]:
    """Return the distinct values of columns as JSON scalars, sorted, numbers first."""
    found = {scalar(value) for column in columns for value in column.dropna().unique()}
    return tuple(sorted(found, key=lambda value: (isinstance(value, str), value)))


def class_codes(column: pd.Series, classes: tuple[Any, ...]) -> np.ndarray:
    """Return the index of each value among the classes, -1 if it isn't one of them.

    Uses the few distinct values, so that a million rows need only one pass.
    """
    import numpy as np
    import pandas as pd

    indices = {value: index for index, value in enumerate(classes)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, values = pd.factorize(column)
    lookup = np.asarray([indices.get(scalar(value), -1) for value in values] + [-1], np.int64)
    return lookup[codes]


def two_classes(label: pd.Series, scored: pd.Series, port: str) -> tuple[Any, ...]:
    """Return the classes of scores without metadata; the second is the positive one."""
    classes = distinct(label, scored)
    if len(classes) == 4 and len({str(value) for value in classes}) == 2:
        raise ModuleError(
            "types-differ",
            f"“{label.name}” and “{scored.name}” contain the same classes, "
            "one as text and the other as numbers.",
            "Convert both to the same type with Edit Metadata.",
            port=port,
            column=str(scored.name),
        )
    if len(classes) == 1 and classes[0] in (0, 1):
        return (False, True) if isinstance(classes[0], bool) else (0, 1)
    if len(classes) != 2:
        shown = f"{len(classes)} classes" if len(classes) > 1 else "only one class"
        raise ModuleError(
            "not-two-classes",
            f"Label and scores contain {shown}; a two-class evaluation requires two.",
            "For more classes, rename the scores to “Multi Class Scored Labels”.",
            port=port,
        )
    return classes


def reject_unknown_classes(
    codes: np.ndarray, column: pd.Series, classes: tuple[Any, ...], port: str
) -> None:
    """Raise a ModuleError for a value that isn't one of the two classes."""
    import numpy as np

    unknown = np.flatnonzero(codes < 0)
    if len(unknown):
        value = column.iloc[int(unknown[0])]
        raise ModuleError(
            "unknown-class",
            f"Column “{column.name}” contains “{value}”; "
            f"the model was trained on “{classes[0]}” and “{classes[1]}”.",
            "Use a label with the same two values as in training.",
            port=port,
            column=str(column.name),
        )


def numbers(column: pd.Series, port: str) -> np.ndarray:
    """Return a column as numbers; a ModuleError if it isn't numeric."""
    if getattr(column.dtype, "kind", "O") not in "iufb":
        raise ModuleError(
            "not-numeric",
            f"Column “{column.name}” isn't numeric.",
            "Convert the label or score column to numbers.",
            port=port,
            column=str(column.name),
        )
    return column.to_numpy("float64")


def reject_infinite(values: np.ndarray, name: str, port: str) -> None:
    """Raise a ModuleError for infinite true values."""
    import numpy as np

    if np.isinf(values).any():
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” contains infinite values, so errors can't be computed.",
            "Limit them with Clip Values, or remove the rows.",
            port=port,
            column=name,
        )


def reject_non_probabilities(values: np.ndarray, name: str, port: str) -> None:
    """Raise a ModuleError for scores outside of 0 to 1."""
    outside = values[(values < 0) | (values > 1)]
    if len(outside):
        raise ModuleError(
            "not-a-probability",
            f"Column “{name}” contains {outside[0]:g}, but a probability is between 0 and 1.",
            "Scale the scores to this range, for example with Normalize Data.",
            port=port,
            column=name,
        )


def _label(table: DataTable) -> str | None:
    labels = table.having_role(Role.LABEL)
    return labels[0] if labels else (FOREIGN_LABEL if FOREIGN_LABEL in table.names else None)


def _by_names(table: DataTable, port: str) -> Scoring:
    names = set(table.names)
    if "Regression Scored Labels" in names:
        return Scoring("regression", "Regression Scored Labels")
    if "Binary Class Scored Labels" in names:
        probability = "Binary Class Scored Probabilities"
        given = (probability,) if probability in names else ()
        return Scoring("two-class", "Binary Class Scored Labels", probabilities=given)
    if "Multi Class Scored Labels" in names:
        return Scoring("multiclass", "Multi Class Scored Labels")
    distances = tuple(name for name in table.names if name.startswith(DISTANCE))
    if ASSIGNMENTS in names and distances:
        return Scoring("clustering", ASSIGNMENTS, probabilities=distances)
    if SCORED_LABELS in names:
        return _by_score_columns(table)
    raise ModuleError(
        "no-score-column",
        "The dataset doesn't have a score column.",
        "Connect the output of Score Model, or rename the columns as described in the help.",
        port=port,
    )


def _by_score_columns(table: DataTable) -> Scoring:
    """Infer the task from columns named by Score Model whose metadata was lost."""
    if SCORED_PROBABILITIES in table.names:
        return Scoring("two-class", SCORED_LABELS, probabilities=(SCORED_PROBABILITIES,))
    kinds = {column.name: column.kind for column in table.columns}
    if any(name.startswith(f"{SCORED_PROBABILITIES}_") for name in table.names):
        return Scoring("multiclass", SCORED_LABELS)
    return Scoring(
        "regression" if kinds[SCORED_LABELS] == "number" else "multiclass", SCORED_LABELS
    )
