"""Several learners, and one that learns to combine what they predict."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable, Role
from modules.contract.normalize_frame import set_columns
from modules.contract.sheet import Sheet
from modules.learning.compiled.ensembles import Stack
from modules.learning.ensembles.out_of_fold import out_of_fold
from modules.learning.ensembles.parts import (
    LearnerOfLearners,
    ModelOfModels,
    metadata_of,
    predictions,
    sheets_by_model,
)
from modules.learning.evaluation.folds import rows_with_label
from modules.learning.tuning.trials import warning_once
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    from modules.values.trained_model import TrainedModel


@dataclass(frozen=True, eq=False)
class StackingLearner(LearnerOfLearners):
    """Learners of one task, the last of which combines the others.

    The parameters are those of the module Stacking Ensemble.
    """

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> StackingModel:
        """Train every learner; see :meth:`modules.values.UntrainedModel.fit`.

        The last one is trained on predictions for rows that weren't trained on.
        """
        import numpy as np

        assert label is not None
        *learners, final = self.learners
        table.require([label], parameter="label_column")
        # All learners would give the same warnings, one for each fold.
        with warning_once():
            rows = rows_with_label(table, label)
            models: list[TrainedModel] = []
            parts = []
            share = 1 / (len(learners) + 1)
            for index, learner in enumerate(learners):
                text = f"{learner.title}, model {index + 1} of {len(learners)}"
                with part_of_progress(index * share, (index + 1) * share, text):
                    model = learner.fit(rows, label, features=features, positive=positive)
                    found = out_of_fold(
                        learner,
                        rows,
                        label,
                        int(self.parameters["folds"]),
                        int(self.parameters["seed"]),
                        classes=model.classes,
                        features=features,
                        positive=positive,
                    )
                models.append(model)
                parts.append(found)
            taken = {column.name for model in models for column in model.features}
            kept = [name for name in table.names if name in taken]
            original = kept if self.parameters["keep_features"] else []
            names = _names(models, rows.names)
            roles = {name: role for name, role in rows.roles.items() if role == Role.WEIGHT}
            frame = rows.frame[[*original, label, *(name for name in roles if name != label)]]
            made = dict(zip(names, np.column_stack(parts).T, strict=True))
            second = DataTable(set_columns(frame, made), roles)
            with part_of_progress(1 - share, 1.0, final.title):
                last = final.fit(second, label, features=[*original, *names], positive=positive)
        everything = (*models, last)
        facts = metadata_of(self, everything)
        facts["features"] = tuple(c for c in facts["features"] if c.name not in names)
        return StackingModel(**facts, names=names, keep_features=bool(original))


@dataclass(frozen=True, eq=False, kw_only=True)
class StackingModel(ModelOfModels):
    """Models of one task; the last predicts from what the others predict.

    Parameters
    ----------
    names : list of str
        What the columns with the predictions are called.
    keep_features : bool
        The last model reads the features too.
    """

    names: list[str]
    keep_features: bool

    def score(self, table: DataTable) -> DataTable:
        """Return the scores of the last model; see :meth:`TrainedModel.score`."""
        import numpy as np
        import pandas as pd

        used = [column.name for column in self.features]
        table.require(used, port="dataset")
        found = np.column_stack(
            [predictions(model, table, self.classes) for model in self.models[:-1]]
        )
        frame = table.frame[used] if self.keep_features else pd.DataFrame(index=table.frame.index)
        made = dict(zip(self.names, found.T, strict=True))
        scores = self.models[-1].score(DataTable(set_columns(frame, made)))
        label = self.label if self.label in table.names else None
        assert scores.scoring is not None
        scoring = replace(scores.scoring, label=label, learner=self.title)
        return DataTable(scores.frame, scores.roles, scoring)

    def compile(self) -> CompiledModel | None:
        """Return the compiled forms of all models as one; None if one has none."""
        parts = [model.compile() for model in self.models]
        compiled = [part for part in parts if part is not None]
        if len(compiled) < len(parts):
            return None
        return Stack().compile(compiled, self.task, self.classes, self.names, self.keep_features)

    def sheets(self) -> dict[str, Sheet]:
        """Return the tables of the last model, then those of each other."""
        first = {f"Combination: {name}": sheet for name, sheet in self.models[-1].sheets().items()}
        return {**first, **sheets_by_model(self.models[:-1])}


def _names(models: list[TrainedModel], taken: list[str]) -> list[str]:
    """Return a name for each column with predictions that isn't a column of the dataset."""
    from modules.contract.normalize_frame import unique_names

    wanted = []
    for number, model in enumerate(models, start=1):
        name = f"{number}. {model.title}"
        wanted += (
            [f"{name}: {value}" for value in model.classes]
            if model.task == "multiclass"
            else [name]
        )
    return unique_names([*taken, *wanted])[len(taken) :]
