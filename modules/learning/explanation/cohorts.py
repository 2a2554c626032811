"""Groups of rows that a shallow tree finds, each described by its conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import kind_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_CATEGORIES = 30
"""Values of a text column that can be a condition; the others are one more value."""


@dataclass(frozen=True)
class Cohort:
    """A leaf of the tree: rows that have conditions in common."""

    text: str
    rows: np.ndarray


def find_cohorts(
    frame: pd.DataFrame, names: list[str], error: np.ndarray, depth: int, least: int
) -> list[Cohort]:
    """Return the leaves of a regression tree on the errors.

    Parameters
    ----------
    names : list of str
        The columns whose values may be conditions.
    depth, least : int
        Conditions on the way to a leaf at most, and rows in a leaf at least.
    """
    import numpy as np
    from sklearn.tree import DecisionTreeRegressor

    matrix, questions = _matrix(frame, names)
    if not questions:
        return [Cohort("All rows", np.arange(len(frame)))]
    tree = DecisionTreeRegressor(
        max_depth=depth, min_samples_leaf=min(least, len(frame)), random_state=0
    ).fit(matrix, error)
    leaves = tree.apply(matrix)
    # Where none is missing, the tree's side for missing values means nothing.
    texts = _texts(tree.tree_, questions, np.isnan(matrix).any(axis=0))
    found = [Cohort(texts[leaf], np.flatnonzero(leaves == leaf)) for leaf in np.unique(leaves)]
    return sorted(found, key=lambda each: -float(error[each.rows].mean()))


@dataclass(frozen=True)
class _Question:
    """What a column of the tree's matrix contains.

    Parameters
    ----------
    value : object
        1 means that the column has this value, None that it's missing; else 0.
    known : pandas.Index or None
        The different values of numbers and times, of which the matrix has the positions: as equal
        to the tree as the values, and exact where the tree's short numbers aren't.
    """

    name: str
    value: Any = None
    known: pd.Index | None = None


def _matrix(frame: pd.DataFrame, names: list[str]) -> tuple[np.ndarray, list[_Question]]:
    """Return positions of numbers and times, missing ones NaN, and a column for frequent values."""
    import numpy as np
    import pandas as pd

    columns: list[np.ndarray] = []
    questions: list[_Question] = []
    for name in names:
        column = frame[name]
        kind = kind_of(column.dtype)
        if kind in ("integer", "number", "datetime"):
            if kind != "datetime":
                numbers = column.to_numpy("float64", na_value=np.nan)
                column = pd.Series(np.where(np.isfinite(numbers), numbers, np.nan))
            codes, known = pd.factorize(column, sort=True)
            columns.append(np.where(codes < 0, np.nan, codes.astype(float)))
            questions.append(_Question(name, known=pd.Index(known)))
            continue
        counts = column.value_counts()
        for value in counts[counts > 0].index[:MOST_CATEGORIES]:
            columns.append((column == value).fillna(False).to_numpy(float))
            questions.append(_Question(name, value))
        if column.isna().any():
            columns.append(column.isna().to_numpy(float))
            questions.append(_Question(name))
    return (np.column_stack(columns) if columns else np.zeros((len(frame), 0))), questions


def _texts(tree: Any, questions: list[_Question], has_missing: np.ndarray) -> dict[int, str]:
    """Return the conditions of each leaf, as few as they can be."""
    found: dict[int, str] = {}
    pending: list[tuple[int, list[tuple[int, bool, float, bool]]]] = [(0, [])]
    while pending:
        node, path = pending.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left < 0:
            found[node] = _conditions(path, questions)
            continue
        missing_left = bool(tree.missing_go_to_left[node])
        feature, limit = int(tree.feature[node]), float(tree.threshold[node])
        known = not has_missing[feature]
        pending.append((right, [*path, (feature, False, limit, not (missing_left or known))]))
        pending.append((left, [*path, (feature, True, limit, missing_left and not known)]))
    return found


def _conditions(path: list[tuple[int, bool, float, bool]], questions: list[_Question]) -> str:
    bounds: dict[int, tuple[float, float, bool]] = {}
    for feature, below, limit, missing in path:
        low, high, open_ = bounds.get(feature, (-math.inf, math.inf, True))
        bounds[feature] = (
            low if below else max(low, limit),
            min(high, limit) if below else high,
            open_ and missing,
        )
    texts = [_condition(questions[feature], *ends) for feature, ends in bounds.items()]
    return " and ".join(texts) or "All rows"


def _condition(question: _Question, low: float, high: float, missing: bool) -> str:
    name, value, known = question.name, question.value, question.known
    if known is None:
        if value is None:
            return f"{name} is missing" if low > -math.inf else f"{name} isn't missing"
        return f"{name} is {value}" if low > -math.inf else f"{name} isn't {value}"
    # The tree separates all that is known from what is missing by an infinite limit.
    if low == math.inf:
        return f"{name} is missing"
    if low > -math.inf and high < math.inf:
        text = f"{name} above {_limit(known, low)} up to {_limit(known, high)}"
    elif low > -math.inf:
        text = f"{name} above {_limit(known, low)}"
    elif high < math.inf:
        text = f"{name} up to {_limit(known, high)}"
    else:
        return f"{name} isn't missing"
    return text if not missing else f"{text} or missing"


def _limit(known: pd.Index, between: float) -> str:
    """Return the shortest text of a limit between two neighboring values, or of the lower one."""
    import pandas as pd

    lower, upper = known[math.floor(between)], known[math.floor(between) + 1]
    if isinstance(lower, pd.Timestamp):
        for unit, form in (("D", "%Y-%m-%d"), ("min", "%Y-%m-%d %H:%M"), ("s", "%Y-%m-%d %X")):
            if lower.ceil(unit) < upper:
                return str(lower.ceil(unit).strftime(form))
        return str(lower)
    middle = lower + (upper - lower) / 2
    for digits in (6, 9, 13):
        text = f"{middle:.{digits}g}"
        if lower <= float(text) < upper:
            return text
    return f"{lower:.17g}"
