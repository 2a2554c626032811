"""Check what the method ``predict`` of a user's model returns."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from modules.contract import ModuleError
from modules.contract.normalize_frame import normalize_frame, set_columns

if TYPE_CHECKING:
    import pandas as pd

SCORED_LABELS = "Scored Labels"
SCORED_PROBABILITIES = "Scored Probabilities"

_SHORT_NAME = "probabilities"
"""Of the column with the probability of one of two classes, in examples for Azure ML designer."""

_HINT = f"Return a DataFrame with the column “{SCORED_LABELS}”, one row for each row of df."


def checked_scores(returned: Any, model: Any, features: Collection[str], rows: int) -> pd.DataFrame:
    """Return the predictions as a frame with unique column names.

    Parameters
    ----------
    returned : object
        What ``predict`` returned: a frame, or the labels alone as a column or an array.
    model : PythonModel
        Has the attributes ``task``, ``label``, ``classes``, and ``positive``.
    features : collection of str
        The columns of the rows that were scored.
    rows : int
        Their number.

    Raises
    ------
    ModuleError
        If it is something else, has another number of rows, no labels, or a column with a name
        of the input, and if the labels of a regression aren't numbers.
    """
    import numpy as np
    import pandas as pd

    if isinstance(returned, pd.Series) or (isinstance(returned, np.ndarray) and returned.ndim == 1):
        returned = pd.DataFrame({SCORED_LABELS: np.asarray(returned)})
    if not isinstance(returned, pd.DataFrame):
        raise _wrong(f"predict returned a {type(returned).__name__}, not a DataFrame.")
    if len(returned) != rows:
        raise _wrong(f"predict returned {len(returned):,} rows for {rows:,}.")
    frame = normalize_frame(returned.reset_index(drop=True))
    if model.task == "two-class" and SCORED_PROBABILITIES not in frame.columns:
        frame = frame.rename(columns={_SHORT_NAME: SCORED_PROBABILITIES})
    if SCORED_LABELS not in frame.columns:
        names = ", ".join(f"“{name}”" for name in frame.columns[:8])
        raise _wrong(f"predict returned no column “{SCORED_LABELS}”, only {names or 'nothing'}.")
    repeated = [name for name in frame.columns if name in features or name == model.label]
    if repeated:
        raise _wrong(
            f"predict returned the column “{repeated[0]}”, which the dataset has already.",
            "Return only columns with scores, under other names.",
        )
    return _of_positive(_of_task(frame, model), model)


def probabilities_of(frame: pd.DataFrame, model: Any) -> tuple[str, ...]:
    """Return the columns with probabilities: of the positive class, or of each of several."""
    if model.task == "two-class":
        return (SCORED_PROBABILITIES,) if SCORED_PROBABILITIES in frame.columns else ()
    names = tuple(f"{SCORED_PROBABILITIES}_{value}" for value in model.classes)
    return names if model.task == "multiclass" and set(names) <= set(frame.columns) else ()


def _of_task(frame: pd.DataFrame, model: Any) -> pd.DataFrame:
    """Return the frame with labels of the type that the task has."""
    import pandas as pd

    if model.task != "regression":
        return frame
    try:
        labels = pd.to_numeric(frame[SCORED_LABELS]).astype("float64")
    except (ValueError, TypeError):
        raise _wrong(
            f"The column “{SCORED_LABELS}” isn't numeric, as regression requires.",
            "Return numbers, or choose another task.",
        ) from None
    return frame.assign(**{SCORED_LABELS: labels})


def _of_positive(frame: pd.DataFrame, model: Any) -> pd.DataFrame:
    """Return the frame with the probability of the positive class.

    ``predict_proba(…)[:, 1]`` is that of the class that is last in sorted order, which may not be
    the one that was chosen as the positive one.
    """
    for name in probabilities_of(frame, model) if model.task == "two-class" else ():
        last = max(model.classes, key=lambda value: (isinstance(value, str), value))
        if model.positive != last:
            return set_columns(frame, {name: 1 - frame[name]})
    return frame


def _wrong(message: str, hint: str = _HINT) -> ModuleError:
    return ModuleError("wrong-prediction", message, hint, port="trained_model")
