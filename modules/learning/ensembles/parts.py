"""What learners of learners and models of models share: their parts on disk, their scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.columns import Column
from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.errors import ModuleError
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.values.score_columns import (
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    probability_names,
)
from modules.values.trained_model import TrainedModel
from modules.values.untrained_model import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

    from modules.contract.module_spec import ModuleSpec


@dataclass(frozen=True, eq=False)
class LearnerOfLearners(UntrainedModel):
    """A learner that trains others.

    Parameters
    ----------
    learners : tuple of UntrainedModel
        Of any kind.
    """

    learners: tuple[Any, ...] = field(kw_only=True, metadata=APART)

    def with_parameters(self, changes: Mapping[str, Any]) -> Self:
        """Return it with other values for some of its own parameters."""
        self.arguments_with(changes)
        return replace(self, parameters={**self.parameters, **changes})

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the parameters, and each learner beside them."""
        from modules.values.storage import save

        for number, learner in enumerate(self.learners):
            save(learner, folder / "learners" / f"{number:04d}")
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(learners=loaded_parts(folder / "learners"), **cls.read_fields(folder))


@dataclass(frozen=True, eq=False)
class LearnerOfOne(LearnerOfLearners):
    """A learner that trains another one, whose parameters are those that are tuned."""

    @property
    def base(self) -> UntrainedModel:
        """The other learner."""
        found: UntrainedModel = self.learners[0]
        return found

    @property
    def specification(self) -> ModuleSpec:
        """The module that made the other learner."""
        return self.base.specification

    def with_parameters(self, changes: Mapping[str, Any]) -> Self:
        """Return it with other values for some parameters of the other learner."""
        return replace(self, learners=(self.base.with_parameters(changes),), search={})


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelOfModels(TrainedModel):
    """A model that combines what others predict.

    Parameters
    ----------
    models : tuple of TrainedModel
        Of any kind.
    """

    models: tuple[TrainedModel, ...] = field(metadata=APART)

    @property
    def members(self) -> tuple[TrainedModel, ...]:
        """The models."""
        return self.models

    @property
    def average_row(self) -> dict[str, Any]:
        """The average row of the first model that reads each column."""
        names = {column.name for column in self.features}
        rows = [model.average_row or {} for model in reversed(self.models)]
        return {name: value for row in rows for name, value in row.items() if name in names}

    @property
    def reading_rows(self) -> tuple[TrainedModel, ...]:
        """The models that read columns of a row, and not what others predict."""
        names = {column.name for column in self.features}
        return tuple(
            model for model in self.models if names.issuperset(each.name for each in model.features)
        )

    @property
    def tree_count(self) -> int:
        """The number of trees of all models that read columns of a row."""
        return sum(model.tree_count for model in self.reading_rows)

    @property
    def known_values(self) -> dict[str, list[Any]]:
        """The values of each string and category column in training."""
        found: dict[str, set[Any]] = {}
        names = {column.name for column in self.features}
        for model in self.models:
            for name, values in model.known_values.items():
                if name in names:
                    found.setdefault(name, set()).update(values)
        return {
            name: sorted(values, key=lambda value: (isinstance(value, str), value))
            for name, values in found.items()
        }

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model's metadata as JSON, and each model beside it."""
        from modules.values.storage import save

        for number, model in enumerate(self.models):
            save(model, folder / "models" / f"{number:04d}")
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        return cls(models=loaded_parts(folder / "models"), **cls.read_fields(folder))


def metadata_of(
    made_by: UntrainedModel | TrainedModel, models: tuple[TrainedModel, ...], **changes: Any
) -> dict[str, Any]:
    """Return the fields of a model that consists of others.

    Parameters
    ----------
    made_by : UntrainedModel or TrainedModel
        Its learner, or a model with the same title, task, and parameters.
    **changes
        Fields that are different.
    """
    features: dict[str, Column] = {
        column.name: column for model in models for column in model.features
    }
    first = models[0]
    return {
        "title": made_by.title,
        "task": made_by.task,
        "features": tuple(features.values()),
        "label": first.label,
        "classes": first.classes,
        "positive": first.positive,
        "learner": made_by.learner,
        "parameters": dict(made_by.parameters),
        "versions": {name: each for model in models for name, each in model.versions.items()},
        "models": models,
    } | changes


def predictions(model: TrainedModel, table: DataTable, classes: tuple[Any, ...]) -> np.ndarray:
    """Return what a model predicts as numbers, of shape (rows, columns).

    One column with the number of a regression, one with the probability of the positive class
    of two, or one for each of several classes; a class that the model doesn't know has 0.
    """
    import numpy as np

    frame = model.score(table).frame
    if model.task == "regression":
        return frame[[SCORED_LABELS]].to_numpy("float64")
    if model.task == "two-class":
        return frame[[SCORED_PROBABILITIES]].to_numpy("float64")
    names = dict(zip(model.classes, probability_names(model.classes), strict=True))
    zeros = np.zeros(len(frame))
    return np.column_stack(
        [frame[names[value]].to_numpy("float64") if value in names else zeros for value in classes]
    )


def scores_of(
    model: TrainedModel, table: DataTable, found: np.ndarray, threshold: float | None = None
) -> DataTable:
    """Return the score columns for what a model predicts.

    Parameters
    ----------
    found : numpy.ndarray, shape (rows, columns)
        As from :func:`predictions`.
    threshold : float, optional
        The probability from which on a row is of the positive class; by default above 0.5.
    """
    import pandas as pd

    from modules.learning.prediction import class_values

    label = model.label if model.label in table.names else None
    names: tuple[str, ...] = ()
    if model.task == "regression":
        frame = pd.DataFrame({SCORED_LABELS: found[:, 0]})
    elif model.task == "two-class":
        chosen = found[:, 0] > 0.5 if threshold is None else found[:, 0] >= threshold
        names = (SCORED_PROBABILITIES,)
        labels = class_values(model.classes, chosen.astype("int64"))
        frame = pd.DataFrame({SCORED_LABELS: labels, SCORED_PROBABILITIES: found[:, 0]})
    else:
        names = probability_names(model.classes)
        labels = class_values(model.classes, found.argmax(axis=1))
        columns = {name: found[:, index] for index, name in enumerate(names)}
        frame = pd.DataFrame({SCORED_LABELS: labels} | columns)
    scoring = Scoring(
        model.task, SCORED_LABELS, label, model.classes, names, model.positive, model.title
    )
    return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)


def loaded_parts(folder: Path) -> tuple[Any, ...]:
    """Return the values in the folders of a folder, in the order of their names."""
    from modules.values.storage import load

    return tuple(load(each) for each in sorted(folder.iterdir()))


def sheets_by_model(models: tuple[TrainedModel, ...]) -> dict[str, Sheet]:
    """Return the tables of each model, with its number and title before theirs."""
    return {
        f"{number}. {model.title}: {name}": sheet
        for number, model in enumerate(models, start=1)
        for name, sheet in model.sheets().items()
    }


def connected(*learners: UntrainedModel | None) -> dict[str, UntrainedModel]:
    """Return those that are given, of the inputs ``model_1``, ``model_2``, and so on, by input."""
    return {f"model_{at}": each for at, each in enumerate(learners, 1) if each is not None}


def task_of(learners: Mapping[str, UntrainedModel]) -> str:
    """Return the task of all learners.

    Parameters
    ----------
    learners : mapping of str to UntrainedModel
        By input.

    Raises
    ------
    ModuleError
        If they don't have the same one.
    """
    first = next(iter(learners.values()))
    for port, learner in learners.items():
        if learner.task != first.task:
            raise ModuleError(
                "different-tasks",
                f"{first.title} is a {first.task} learner, but {learner.title} a {learner.task} "
                "learner.",
                "Use learners of the same kind. One-vs-All Multiclass makes a multiclass learner "
                "of a two-class one.",
                port=port,
            )
    return first.task
