"""What each column contributes to the predictions of a trained model, row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.context import report_progress
from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.learning.explanation.matrices import (
    by_column,
    in_dense_parts,
    keeps_features,
    lightgbm,
    linear,
    outputs_of,
    rescaled,
    too_large,
    unit_of,
    widths,
)
from modules.learning.explanation.tree_models import Trees, trees_of
from modules.learning.fitted_estimator import FittedEstimator
from modules.values.trained_model import TrainedModel

if TYPE_CHECKING:
    import numpy as np

PERMUTATIONS = 32


@dataclass(frozen=True, eq=False)
class Contributions:
    """Shapley values: the base and a row's contributions add up to its output.

    Parameters
    ----------
    columns : tuple of str
        The columns that the model reads; what an encoder makes of one is added up.
    outputs : tuple
        The classes that are explained: of a two-class model the positive one; empty for a
        regression.
    unit : str
        Of base and contributions: ``probability``, ``log-odds``, ``margin`` (of several
        classes, or of a classifier without probabilities of its own), ``prediction`` or
        ``logarithm of the prediction``.
    method : str
        ``TreeSHAP``, ``linear``, ``all coalitions`` or ``permutation sampling``.
    base : numpy.ndarray, shape (outputs,)
        The output for an average row, or on average over the training rows (TreeSHAP).
    values : numpy.ndarray, shape (rows, columns, outputs)
    """

    columns: tuple[str, ...]
    outputs: tuple[Any, ...]
    unit: str
    method: str
    base: np.ndarray
    values: np.ndarray

    @property
    def sums(self) -> np.ndarray:
        """The explained outputs, of shape (rows, outputs)."""
        found: np.ndarray = self.base + self.values.sum(axis=1)
        return found


class Explainer:
    """Explains the predictions of a model; keeps what it prepared for the next rows.

    Parameters
    ----------
    model : TrainedModel
        Of classification or regression.
    permutations : int
        For models without an exact way, if they read more than eight columns.
    seed : int

    Raises
    ------
    ModuleError
        If the model doesn't predict a label, or records no average row to compare with.
    """

    def __init__(
        self, model: TrainedModel, *, permutations: int = PERMUTATIONS, seed: int = 0
    ) -> None:
        if model.task not in ("two-class", "multiclass", "regression"):
            raise ModuleError(
                "wrong-model",
                f"{model.title} doesn't predict a label, so there is nothing to explain.",
                "Use a classification or regression model.",
                port="trained_model",
            )
        self.model = model
        self._permutations, self._seed = permutations, seed
        self._trees: Trees | None = None
        self._unit = ""
        self._exact = isinstance(model, FittedEstimator) and keeps_features(model)

    def explain(self, table: DataTable) -> Contributions:
        """Return the contributions of the columns to the prediction of each row.

        Raises
        ------
        ModuleError
            If a column is missing or can't be read.
        """
        model = self.model
        names = [column.name for column in model.features]
        table.require(names, port="dataset")
        if not isinstance(model, FittedEstimator):
            return self._sampled_scores(table.select(names))
        matrix = model.encoder.transform(table.frame[names])
        if matrix.shape[0] == 0:
            return self._empty()
        if too_large(matrix):
            # The errors are those of scoring.
            model.score(table.select(names))
        found = self._exactly(model, matrix) if self._exact else None
        return found or self._sampled_matrix(model, matrix)

    def _exactly(self, model: FittedEstimator, matrix: Any) -> Contributions | None:
        """Return exact contributions; None if there is no exact way that adds up."""
        import numpy as np

        final = model.final_estimator
        if hasattr(final, "booster"):
            method, (base, values) = "TreeSHAP", lightgbm(model, matrix)
        elif hasattr(final, "coef_"):
            method, (base, values) = "linear", linear(model, matrix)
        else:
            width = matrix.shape[1]
            if self._trees is None:
                self._trees = trees_of(final, width)
            if self._trees is None:
                self._exact = False
                return None
            dense, scalers = in_dense_parts(matrix), model.scalers
            parts = [self._trees.contributions(rescaled(part, scalers), _quiet) for part in dense]
            method, base = "TreeSHAP", parts[0][0]
            values = np.concatenate([by_column(model, each) for _, each in parts])
        if not self._unit:
            self._unit = unit_of(model, matrix, base + values.sum(axis=1))
        if not self._unit:
            self._exact = False
            return None
        return self._finished(base, values, self._unit, method)

    def _sampled_matrix(self, model: FittedEstimator, matrix: Any) -> Contributions:
        """Compare each row with the average training row, in the matrix of the learner."""
        import numpy as np

        reference = model.encoder.average_
        owner = np.repeat(np.arange(len(model.features)), widths(model))
        predict = outputs_of(model)

        def play(row: np.ndarray, chosen: np.ndarray) -> np.ndarray:
            found: np.ndarray = predict(np.where(chosen[:, owner], row, reference))
            return found

        rows = (row for part in in_dense_parts(matrix) for row in part)
        unit = "prediction" if model.task == "regression" else "probability"
        base = predict(reference[None, :])[0]
        return self._finished(base, self._played(rows, matrix.shape[0], play), unit, self._method)

    def _sampled_scores(self, table: DataTable) -> Contributions:
        """Compare each row with the average training row, by what the model scores."""
        import numpy as np
        import pandas as pd

        average = self.model.average_row
        if average is None:
            raise ModuleError(
                "no-average-row",
                f"{self.model.title} doesn't record what its training rows were like, so its "
                "predictions can't be explained.",
                "Use another learner.",
                port="trained_model",
            )
        if len(table.frame) == 0:
            return self._empty()
        predict = self._scored

        def play(row: Mapping[str, Any], chosen: np.ndarray) -> np.ndarray:
            mixed = {
                name: _mixed(average.get(name), value, kinds[name], chosen[:, index])
                for index, (name, value) in enumerate(row.items())
            }
            return predict(DataTable(pd.DataFrame(mixed)))

        kinds = {column.name: column.kind for column in table.columns}
        rows: list[Mapping[str, Any]] = table.frame.to_dict("records")  # type: ignore[assignment]
        unit = "prediction" if self.model.task == "regression" else "probability"
        base = play(rows[0], np.zeros((1, len(kinds)), bool))[0]
        return self._finished(base, self._played(rows, len(rows), play), unit, self._method)

    def _scored(self, table: DataTable) -> np.ndarray:
        scored = self.model.score(table)
        assert scored.scoring is not None
        regression = self.model.task == "regression"
        names = [scored.scoring.scored] if regression else list(scored.scoring.probabilities)
        found: np.ndarray = scored.frame[names].to_numpy("float64")
        return found

    @property
    def _method(self) -> str:
        from modules.learning.explanation.shapley import EXACT_UP_TO

        few = len(self.model.features) <= EXACT_UP_TO
        return "all coalitions" if few else "permutation sampling"

    def _played(
        self,
        rows: Any,
        count: int,
        play: Callable[[Any, np.ndarray], np.ndarray],
    ) -> np.ndarray:
        import numpy as np

        from modules.learning.explanation.shapley import coalitions, shapley

        columns = len(self.model.features)
        chosen = coalitions(columns, self._permutations, self._seed)
        found = []
        for number, row in enumerate(rows, start=1):
            outputs = play(row, chosen)
            found.append(shapley(outputs, columns, self._permutations, self._seed))
            report_progress(number / count, f"row {number:,} of {count:,}")
        return np.array(found)

    def _finished(
        self, base: np.ndarray, values: np.ndarray, unit: str, method: str
    ) -> Contributions:
        model = self.model
        if model.task == "two-class":
            # One output for both classes: the last, which is the second class.
            sign = 1.0 if model.classes[-1] == model.positive else -1.0
            base, values = base[-1:], values[:, :, -1:]
            if sign < 0:
                base = 1 - base if unit == "probability" else -base
                values = -values
        outputs: Sequence[Any] = () if model.task == "regression" else model.classes
        if model.task == "two-class":
            outputs = (model.positive,)
        columns = tuple(column.name for column in model.features)
        return Contributions(columns, tuple(outputs), unit, method, base, values)

    def _empty(self) -> Contributions:
        import numpy as np

        count = len(self.model.classes) if self.model.task == "multiclass" else 1
        shape = (0, len(self.model.features), count)
        return self._finished(np.zeros(count), np.zeros(shape), "prediction", self._method)


def _quiet(_: float) -> None:
    """Don't report progress: a part of the rows is quick."""


def _mixed(average: Any, value: Any, kind: str, chosen: np.ndarray) -> Any:
    """Return a column that has a row's value where chosen, and the average elsewhere."""
    import numpy as np
    import pandas as pd

    missing = value is None or value != value
    if kind in ("integer", "number", "boolean"):
        return np.where(chosen, np.nan if missing else float(value), average)
    if kind == "datetime":
        days = pd.Timestamp(1970, 1, 1) + pd.Timedelta(average, "D")
        return (
            pd.to_datetime(pd.Series([days, None if missing else value]))
            .take(chosen.astype(int))
            .array
        )
    pair = [average, None if missing else value]
    if all(each is None or isinstance(each, str) for each in pair):
        return pd.array(pair, dtype="str").take(chosen.astype(int))
    return pd.Categorical(pair).take(chosen.astype(int))
