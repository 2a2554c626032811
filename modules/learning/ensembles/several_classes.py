"""Several classes by learners of two: one model a class, or one for each pair of classes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from modules.contract.columns import Column
from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.normalize_frame import set_columns
from modules.contract.sheet import Sheet
from modules.learning.compiled.several_classes import SeveralClasses
from modules.learning.ensembles.parts import LearnerOfOne, ModelOfModels, scores_of
from modules.learning.labels import labeled, target_of
from modules.learning.training_data import (
    check_weights,
    feature_names,
    reject_ids,
    with_values,
)
from modules.values.compiled_model import CompiledModel
from modules.values.score_columns import SCORED_PROBABILITIES

if TYPE_CHECKING:
    import numpy as np

    from modules.values.trained_model import TrainedModel

ONE_VS_ALL = "one-vs-all"
ONE_VS_ONE = "one-vs-one"


@dataclass(frozen=True, eq=False)
class SeveralClassesLearner(LearnerOfOne):
    """A two-class learner that is trained several times.

    Parameters
    ----------
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    """

    method: str = ONE_VS_ALL

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> SeveralClassesModel:
        """Train the two-class models; see :meth:`modules.values.UntrainedModel.fit`."""
        import numpy as np

        from modules.learning.labels import with_positive

        assert label is not None
        if positive and label in table.names:
            table = with_positive(table, label, positive, self)
        check_weights(table, label)
        table.require_rows(1, port="dataset")
        table.require([label], parameter="label_column")
        table = table.with_frame(labeled(table.frame, label))
        names = with_values(table.frame, feature_names(table, label, features))
        reject_ids(table.frame, names)
        codes, classes = target_of(table.frame[label], "multiclass")
        count = len(classes)
        tasks = (
            [(index, -1) for index in range(count)]
            if self.method == ONE_VS_ALL
            else list(combinations(range(count), 2))
        )
        models = []
        for number, (first, second) in enumerate(tasks):
            used = (
                np.arange(len(codes))
                if second < 0
                else np.flatnonzero((codes == first) | (codes == second))
            )
            frame = table.frame.take(used).reset_index(drop=True)
            part = table.with_frame(set_columns(frame, {label: codes[used] == first}))
            own = [name for name in names if frame[name].notna().any()]
            text = f"model {number + 1} of {len(tasks)}"
            with part_of_progress(number / len(tasks), (number + 1) / len(tasks), text):
                models.append(self.base.fit(part, label, features=own))
        kinds = {column.name: column for column in table.columns}
        return SeveralClassesModel(
            title=self.title,
            task=self.task,
            features=tuple(Column(name, kinds[name].kind, Role.FEATURE) for name in names),
            label=label,
            classes=classes,
            learner=self.learner,
            parameters=dict(self.parameters),
            versions=dict(models[0].versions),
            models=tuple(models),
            method=self.method,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class SeveralClassesModel(ModelOfModels):
    """Two-class models whose probabilities are combined.

    Parameters
    ----------
    models : tuple of TrainedModel
        One for each class, or for each pair of classes, in order.
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    """

    method: str

    def score(self, table: DataTable) -> DataTable:
        """Return the likeliest class and the probabilities; see :meth:`TrainedModel.score`."""
        import numpy as np

        table.require([column.name for column in self.features], port="dataset")
        parts = [_probabilities(model, table) for model in self.models]
        return scores_of(self, table, combined(np.array(parts), len(self.classes), self.method).T)

    def compile(self) -> CompiledModel | None:
        """Return the compiled forms of all models as one; None if one has none."""
        parts = [model.compile() for model in self.models]
        compiled = [part for part in parts if part is not None]
        if len(compiled) < len(parts):
            return None
        return SeveralClasses().compile(compiled, self.classes, self.method)

    def sheets(self) -> dict[str, Sheet]:
        """Return the tables of each model."""
        names = [str(value) for value in self.classes]
        titles = (
            [f"“{name}” against all others" for name in names]
            if self.method == ONE_VS_ALL
            else [f"“{first}” against “{second}”" for first, second in combinations(names, 2)]
        )
        return {
            f"{title}: {name}": sheet
            for title, model in zip(titles, self.models, strict=True)
            for name, sheet in model.sheets().items()
        }


def _probabilities(model: TrainedModel, table: DataTable) -> np.ndarray:
    frame = model.score(table).frame
    if SCORED_PROBABILITIES not in frame.columns:
        raise ModuleError(
            "no-probabilities",
            f"{model.title} predicts no probabilities, which are needed for several classes.",
            "Use another two-class learner, or a multiclass learner.",
            port="trained_model",
        )
    found: np.ndarray = frame[SCORED_PROBABILITIES].to_numpy("float64")
    return found


def combined(parts: np.ndarray, classes: int, method: str) -> np.ndarray:
    """Return the probabilities of the classes from those of the two-class models.

    Parameters
    ----------
    parts : numpy.ndarray, shape (models, rows)
        Probabilities of the class, or of the first of a pair.
    method : str
        ``one-vs-all``: divided by their sum. ``one-vs-one``: coupled as by Price, Knerr,
        Personnaz and Dreyfus (1995), ``1 / (sum of 1 / r_ij - (classes - 2))``, divided by
        their sum.

    Returns
    -------
    numpy.ndarray, shape (classes, rows)
    """
    import numpy as np

    found = parts
    if method == ONE_VS_ONE:
        inverse = np.full((classes, parts.shape[1]), 2.0 - classes)
        smallest = np.finfo(float).tiny
        for part, (first, second) in zip(parts, combinations(range(classes), 2), strict=True):
            inverse[first] += 1 / np.maximum(part, smallest)
            inverse[second] += 1 / np.maximum(1 - part, smallest)
        found = 1 / inverse
    total = found.sum(axis=0)
    # No model may claim a row.
    return np.where(total > 0, found / np.where(total > 0, total, 1.0), 1 / classes)
