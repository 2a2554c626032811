"""Several learners whose predictions are averaged, or counted as votes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable
from modules.contract.sheet import Sheet
from modules.learning.compiled.ensembles import Average
from modules.learning.ensembles.parts import (
    LearnerOfLearners,
    ModelOfModels,
    metadata_of,
    predictions,
    scores_of,
    sheets_by_model,
)
from modules.learning.evaluation.scored import class_codes
from modules.learning.number_lists import numbers_in
from modules.learning.tuning.trials import warning_once
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_LABELS

if TYPE_CHECKING:
    import numpy as np

    from modules.values.trained_model import TrainedModel

MAJORITY = "majority vote"


@dataclass(frozen=True, eq=False)
class VotingLearner(LearnerOfLearners):
    """Learners of one task; the parameters are those of the module Voting Ensemble."""

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> VotingModel:
        """Train each learner on the table; see :meth:`modules.values.UntrainedModel.fit`."""
        models: list[TrainedModel] = []
        count = len(self.learners)
        with warning_once():
            for index, learner in enumerate(self.learners):
                text = f"{learner.title}, model {index + 1} of {count}"
                with part_of_progress(index / count, (index + 1) / count, text):
                    models.append(learner.fit(table, label, features=features, positive=positive))
        weights = numbers_in(self.parameters["weights"]) or [1.0] * count
        votes = self.task != "regression" and self.parameters["method"] == MAJORITY
        return VotingModel(**metadata_of(self, tuple(models)), weights=weights, votes=votes)


@dataclass(frozen=True, eq=False, kw_only=True)
class VotingModel(ModelOfModels):
    """Models of one task whose predictions are averaged.

    Parameters
    ----------
    weights : list of float
        One for each model.
    votes : bool
        Each model counts for the class that it predicts, instead of for its probabilities.
    """

    weights: list[float]
    votes: bool

    def score(self, table: DataTable) -> DataTable:
        """Return the weighted mean of the predictions; see :meth:`TrainedModel.score`."""
        table.require([column.name for column in self.features], port="dataset")
        parts = [self._prediction(model, table) for model in self.models]
        total = parts[0] * self.weights[0]
        for part, weight in zip(parts[1:], self.weights[1:], strict=True):
            total = total + part * weight
        return scores_of(self, table, total / sum(self.weights))

    def _prediction(self, model: TrainedModel, table: DataTable) -> np.ndarray:
        import numpy as np

        if not self.votes:
            return predictions(model, table, self.classes)
        found: np.ndarray
        codes = class_codes(model.score(table).frame[SCORED_LABELS], self.classes)
        if self.task == "two-class":
            found = (codes == self.classes.index(self.positive)).astype("float64")[:, None]
            return found
        found = np.eye(len(self.classes))[codes]
        return found

    def compile(self) -> CompiledModel | None:
        """Return the compiled forms of all models as one; None if one has none."""
        parts = [model.compile() for model in self.models]
        compiled = [part for part in parts if part is not None]
        if len(compiled) < len(parts):
            return None
        return Average().compile(compiled, self.task, self.classes, self.weights, self.votes)

    def sheets(self) -> dict[str, Sheet]:
        """Return the share of each model, and its tables."""
        total = sum(self.weights)
        rows = tuple(
            (f"{number}. {model.title}", weight / total)
            for number, (model, weight) in enumerate(
                zip(self.models, self.weights, strict=True), start=1
            )
        )
        return {"Models": Sheet(("Model", "Share"), rows), **sheets_by_model(self.models)}
