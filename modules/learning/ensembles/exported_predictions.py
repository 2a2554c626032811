"""What learners of learners predict with, in scripts without this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def is_classifier(model: Any) -> bool:
    """Return whether a trained model knows classes."""
    return hasattr(model, "classes_")


def predictions(model: Any, features: pd.DataFrame, count: int) -> np.ndarray:
    """Return what a model predicts: numbers, or probabilities of ``count`` classes.

    Of two classes only the probability of the second; a class that the model doesn't know has 0.
    """
    import numpy as np

    if not count:
        return np.asarray(model.predict(features), dtype="float64")[:, None]
    shares = np.zeros((len(features), count))
    shares[:, model.classes_] = model.predict_proba(features)
    return shares[:, 1:] if count == 2 else shares


def shares_of(found: np.ndarray) -> np.ndarray:
    """Return the probabilities of all classes from those of :func:`predictions`."""
    import numpy as np

    return np.column_stack([1 - found, found]) if found.shape[1] == 1 else found


def part_of(values: Any, rows: np.ndarray) -> Any:
    """Return some of the values of rows; None stays None."""
    import numpy as np

    return None if values is None else np.asarray(values)[rows]


def out_of_fold(
    learner: Any,
    features: pd.DataFrame,
    target: Any,
    folds: int,
    seed: int,
    sample_weight: Any,
    groups: Any,
    count: int,
) -> np.ndarray:
    """Return the predictions for each row by a model that wasn't trained on its fold.

    Parameters
    ----------
    groups : array_like, optional
        The fold of each row; by default they are drawn.
    count : int
        Number of classes; 0 for numbers.
    """
    import numpy as np
    from sklearn.base import clone
    from sklearn.model_selection import KFold, LeaveOneGroupOut, StratifiedKFold

    target = np.asarray(target)
    if groups is not None:
        splits = LeaveOneGroupOut().split(features, groups=groups)
    elif count:
        splits = StratifiedKFold(folds, shuffle=True, random_state=seed).split(features, target)
    else:
        splits = KFold(folds, shuffle=True, random_state=seed).split(features)
    found: Any = None
    for training, testing in splits:
        its = [part_of(each, training) for each in (sample_weight, groups)]
        model = clone(learner).fit(features.iloc[training], target[training], *its)
        part = predictions(model, features.iloc[testing], count)
        if found is None:
            found = np.zeros((len(features), part.shape[1]))
        found[testing] = part
    return np.asarray(found)
