"""Reading a scored dataset: which task, which columns, which classes, and whether they can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from modules.contract import DataTable, ModuleError, Role, Scoring, warn
from modules.learning.features import scalar
from modules.learning.score_columns import (
    ASSIGNMENTS,
    DISTANCE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
)

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FOREIGN_LABEL = "Labels"
"""Name that says which column holds the true values, where no role does."""


def recognise(table: DataTable, port: str) -> Scoring:
    """Return how a dataset was scored: as it says itself, or by the names of its columns.

    Raises
    ------
    ModuleError
        If no column holds scores, or none the true values.
    """
    scoring = table.scoring or _by_names(table, port)
    if scoring.task == "clustering":
        return scoring
    label = scoring.label or _label(table)
    if label is None:
        raise ModuleError(
            "no-label",
            "The scored dataset has no label, so there is nothing to compare the scores with.",
            "Score rows that have the label, or set its role with Edit Metadata.",
            port=port,
        )
    return replace(scoring, label=label)


def complete_rows(table: DataTable, names: list[str], port: str) -> pd.DataFrame:
    """Return the rows that have a label and every score; say how many were left out.

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
            "Look at the scored dataset: the label or the scores are missing in every row.",
            port=port,
        )
    if count:
        warn(f"{count} of {len(frame)} rows lack a label or a score and are left out.")
        frame = frame[~missing]
    return frame


def distinct(*columns: pd.Series) -> tuple[Any, ...]:
    """Return the different values of columns as JSON scalars, sorted, numbers first."""
    found = {scalar(value) for column in columns for value in column.dropna().unique()}
    return tuple(sorted(found, key=lambda value: (isinstance(value, str), value)))


def class_codes(column: pd.Series, classes: tuple[Any, ...]) -> np.ndarray:
    """Return the place of each value among the classes, -1 where it is none of them.

    Works on the few distinct values, so that a million rows cost one pass.
    """
    import numpy as np
    import pandas as pd

    places = {value: place for place, value in enumerate(classes)}
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, values = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, values = pd.factorize(column)
    lookup = np.asarray([places.get(scalar(value), -1) for value in values] + [-1], np.int64)
    return lookup[codes]


def two_classes(label: pd.Series, scored: pd.Series, port: str) -> tuple[Any, ...]:
    """Return the classes of scores that come without them; the second is the positive one."""
    classes = distinct(label, scored)
    if len(classes) == 4 and len({str(value) for value in classes}) == 2:
        raise ModuleError(
            "types-differ",
            f"“{label.name}” and “{scored.name}” hold the same classes, one as text and the other "
            "as numbers.",
            "Give both the same type with Edit Metadata.",
            port=port,
            column=str(scored.name),
        )
    if len(classes) == 1 and classes[0] in (0, 1):
        return (False, True) if isinstance(classes[0], bool) else (0, 1)
    if len(classes) != 2:
        shown = f"{len(classes)} classes" if len(classes) > 1 else "only one class"
        raise ModuleError(
            "not-two-classes",
            f"Label and scores hold {shown}; a two-class evaluation needs two.",
            "Name the scores “Multi Class Scored Labels” if there are more.",
            port=port,
        )
    return classes


def refuse_strangers(
    codes: np.ndarray, column: pd.Series, classes: tuple[Any, ...], port: str
) -> None:
    """Raise a ModuleError for a value that is none of the two classes."""
    import numpy as np

    strangers = np.flatnonzero(codes < 0)
    if len(strangers):
        value = column.iloc[int(strangers[0])]
        raise ModuleError(
            "unknown-class",
            f"Column “{column.name}” holds “{value}”; "
            f"the model knows “{classes[0]}” and “{classes[1]}”.",
            "Give the label the same two values as in training.",
            port=port,
            column=str(column.name),
        )


def numbers(column: pd.Series, port: str) -> np.ndarray:
    """Return a column as numbers; a ModuleError if it holds something else."""
    if getattr(column.dtype, "kind", "O") not in "iufb":
        raise ModuleError(
            "not-numeric",
            f"Column “{column.name}” holds no numbers.",
            "Give the column with the label or score as numbers.",
            port=port,
            column=str(column.name),
        )
    return column.to_numpy("float64")


def refuse_infinite(values: np.ndarray, name: str, port: str) -> None:
    """Raise a ModuleError for true values that nothing can be measured against."""
    import numpy as np

    if np.isinf(values).any():
        raise ModuleError(
            "infinite-value",
            f"Column “{name}” holds infinite values; no error can be measured against them.",
            "Limit them with Clip Values, or remove the rows.",
            port=port,
            column=name,
        )


def refuse_no_probability(values: np.ndarray, name: str, port: str) -> None:
    """Raise a ModuleError for scores outside of 0 to 1."""
    outside = values[(values < 0) | (values > 1)]
    if len(outside):
        raise ModuleError(
            "not-a-probability",
            f"Column “{name}” holds {outside[0]:g}; a probability lies between 0 and 1.",
            "Bring the scores into that range, with Normalize Data for example.",
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
        return _by_own_names(table)
    raise ModuleError(
        "no-score-column",
        "The dataset has no column with scores.",
        "Connect the output of Score Model, or name the columns as the help says.",
        port=port,
    )


def _by_own_names(table: DataTable) -> Scoring:
    """Tell the task of columns that Score Model named and that lost their meaning since."""
    if SCORED_PROBABILITIES in table.names:
        return Scoring("two-class", SCORED_LABELS, probabilities=(SCORED_PROBABILITIES,))
    kinds = {column.name: column.kind for column in table.columns}
    if any(name.startswith(f"{SCORED_PROBABILITIES}_") for name in table.names):
        return Scoring("multiclass", SCORED_LABELS)
    return Scoring(
        "regression" if kinds[SCORED_LABELS] == "number" else "multiclass", SCORED_LABELS
    )
