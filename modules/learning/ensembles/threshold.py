"""A model of two classes that predicts the positive one from another probability on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.contract.data_table import DataTable
from modules.contract.sheet import Sheet
from modules.learning.compiled.ensembles import Threshold
from modules.learning.ensembles.parts import ModelOfModels, predictions, scores_of
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
class ThresholdModel(ModelOfModels):
    """A trained model of two classes with a threshold.

    Parameters
    ----------
    threshold : float
        Probability from which on a row is scored as the positive class.
    """

    threshold: float

    def score(self, table: DataTable) -> DataTable:
        """Return the probabilities, and the classes; see :meth:`TrainedModel.score`."""
        found = predictions(self.models[0], table, self.classes)
        return scores_of(self, table, found, self.threshold)

    def compile(self) -> CompiledModel | None:
        """Return the compiled form of the model with its threshold; None if it has none."""
        part = self.models[0].compile()
        return None if part is None else Threshold().compile(part, self.classes, self.threshold)

    def sheets(self) -> dict[str, Sheet]:
        """Return the threshold, and the tables of the model."""
        row = (f"Predict “{self.positive}” from this probability on", self.threshold)
        return {"Threshold": Sheet(("", ""), (row,)), **self.models[0].sheets()}


def candidates(table: pd.DataFrame) -> np.ndarray:
    """Return a threshold between each two distinct probabilities, descending, and both ends.

    Parameters
    ----------
    table : pandas.DataFrame
        From :func:`modules.learning.evaluation.thresholds.threshold_table`.

    Returns
    -------
    numpy.ndarray, shape (rows of the table,)
        The first is above every probability; the last is 0.
    """
    import numpy as np

    scores = table["threshold"].to_numpy("float64")[1:]
    between = (scores[:-1] + scores[1:]) / 2
    # Rounding may lead to the lower one, which doesn't separate them.
    between = np.where(between > scores[1:], between, scores[:-1])
    # A probability of 1 is below it too.
    top = 1.0 if scores[0] < 1 else np.nextafter(1.0, 2.0)
    return np.concatenate(([top], between, [0.0]))
