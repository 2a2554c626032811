"""What each column contributes to the predictions of a trained model, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modules.contract.data_table import DataTable
from modules.contract.errors import ModuleError
from modules.learning.explanation.explainer import MatrixExplainer, method_of, played
from modules.learning.explanation.matrices import MatrixModel, too_large
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
        self._matrices: MatrixExplainer | None = None
        if isinstance(model, FittedEstimator):
            encoder = model.encoder
            widths = [
                1 if known is None or encoder.encoding == "codes" else len(known)
                for known in encoder.categories_
            ]
            given = MatrixModel(model.task, model.estimator, widths, encoder.average_)
            self._matrices = MatrixExplainer(given, permutations, seed)

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
        if self._matrices is None or not isinstance(model, FittedEstimator):
            return self._sampled_scores(table.select(names))
        matrix = model.encoder.transform(table.frame[names])
        if matrix.shape[0] == 0:
            return self._empty()
        if too_large(matrix):
            # The errors are those of scoring.
            model.score(table.select(names))
        return self._finished(*self._matrices.explain(matrix))

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
        columns = len(kinds)
        values = played(rows, len(rows), play, columns, self._permutations, self._seed)
        return self._finished(base, values, unit, method_of(columns))

    def _scored(self, table: DataTable) -> np.ndarray:
        scored = self.model.score(table)
        assert scored.scoring is not None
        regression = self.model.task == "regression"
        names = [scored.scoring.scored] if regression else list(scored.scoring.probabilities)
        found: np.ndarray = scored.frame[names].to_numpy("float64")
        return found

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
        return self._finished(np.zeros(count), np.zeros(shape), "prediction", method_of(shape[1]))


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
