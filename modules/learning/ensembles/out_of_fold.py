"""Predictions for rows that a model wasn't trained on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.learning.ensembles.parts import predictions
from modules.learning.evaluation.folds import folds_of

if TYPE_CHECKING:
    import numpy as np

    from modules.values.untrained_model import UntrainedModel


def out_of_fold(
    learner: UntrainedModel,
    rows: DataTable,
    label: str,
    folds: int,
    seed: int,
    *,
    classes: tuple[Any, ...],
    features: list[str] | None,
    positive: str,
) -> np.ndarray:
    """Return the prediction for each row by a model that wasn't trained on it.

    Parameters
    ----------
    rows : DataTable
        From :func:`modules.learning.evaluation.folds.rows_with_label`.

    Returns
    -------
    numpy.ndarray, shape (rows, columns)
        As from :func:`modules.learning.ensembles.parts.predictions`.
    """
    import numpy as np

    with _inside_learner():
        fold_of_row, numbers = folds_of(rows, label, learner.task, folds, seed)
    found: np.ndarray | None = None
    for index in range(len(numbers)):
        inside = fold_of_row == index
        training = rows.with_frame(rows.frame[~inside])
        with part_of_progress(index / len(numbers), (index + 1) / len(numbers)):
            model = learner.fit(training, label, features=features, positive=positive)
        part = predictions(model, rows.with_frame(rows.frame[inside]), classes)
        if found is None:
            found = np.zeros((len(rows), part.shape[1]))
        found[inside] = part
    assert found is not None
    return found


@contextmanager
def _inside_learner() -> Iterator[None]:
    """Show an error about a parameter of a learner at the port that it came through."""
    try:
        yield
    except ModuleError as error:
        if error.parameter == "folds":
            error.parameter, error.port = None, "untrained_model"
        raise
