"""Several classes by learners of two: one model a class, or one for each pair of classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.columns import Column
from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable, Role, Scoring
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.learning.compiled.several_classes import SeveralClasses
from modules.learning.labels import labeled, target_of
from modules.learning.score_columns import (
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    probability_names,
)
from modules.learning.training_data import (
    check_weights,
    feature_names,
    reject_ids,
    with_values,
)
from modules.values.compiled_model import CompiledModel
from modules.values.trained_model import TrainedModel
from modules.values.untrained_model import UntrainedModel

if TYPE_CHECKING:
    import numpy as np

    from modules.contract.module_spec import ModuleSpec

ONE_VS_ALL = "one-vs-all"
ONE_VS_ONE = "one-vs-one"


@dataclass(frozen=True, eq=False)
class SeveralClassesLearner(UntrainedModel):
    """A two-class learner that is trained several times.

    Parameters
    ----------
    base : UntrainedModel
        The two-class learner, of any kind.
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    """

    base: Any = field(kw_only=True, metadata=APART)
    method: str = ONE_VS_ALL

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> SeveralClassesModel:
        """Train the two-class models; see :meth:`UntrainedModel.fit`."""
        import numpy as np
        import pandas as pd

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
            part = table.with_frame(
                frame.assign(**{label: pd.Series(codes[used] == first, dtype=bool)})
            )
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

    @property
    def specification(self) -> ModuleSpec:
        """The module that made the two-class learner: its parameters are those that vary."""
        found: ModuleSpec = self.base.specification
        return found

    def with_parameters(self, changes: Mapping[str, Any]) -> Self:
        """Return it with a changed two-class learner."""
        return replace(self, base=self.base.with_parameters(changes), search={})

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the parameters, and the two-class learner beside them."""
        from modules.values.storage import save

        save(self.base, folder / "base")
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.storage import load

        return cls(base=load(folder / "base"), **cls.read_fields(folder))


@dataclass(frozen=True, eq=False, kw_only=True)
class SeveralClassesModel(TrainedModel):
    """Two-class models whose probabilities are combined.

    Parameters
    ----------
    models : tuple of TrainedModel
        One for each class, or for each pair of classes, in order.
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    """

    models: tuple[TrainedModel, ...] = field(metadata=APART)
    method: str

    def score(self, table: DataTable) -> DataTable:
        """Return the likeliest class and the probabilities; see :meth:`TrainedModel.score`."""
        import numpy as np
        import pandas as pd

        from modules.learning.prediction import class_values

        table.require([column.name for column in self.features], port="dataset")
        parts = [
            model.score(table).frame[SCORED_PROBABILITIES].to_numpy("float64")
            for model in self.models
        ]
        found = combined(np.array(parts), len(self.classes), self.method)
        names = probability_names(self.classes)
        codes = found.argmax(axis=0)
        frame = pd.DataFrame(
            {SCORED_LABELS: class_values(self.classes, codes)}
            | {name: found[index] for index, name in enumerate(names)}
        )
        label = self.label if self.label in table.names else None
        scoring = Scoring(
            self.task, SCORED_LABELS, label, self.classes, names, None, learner=self.title
        )
        return DataTable(frame, dict.fromkeys(frame.columns, Role.SCORE), scoring)

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

    @property
    def known_values(self) -> dict[str, list[Any]]:
        """The values of each string and category column in training."""
        found: dict[str, set[Any]] = {}
        for model in self.models:
            for name, values in model.known_values.items():
                found.setdefault(name, set()).update(values)
        return {
            name: sorted(values, key=lambda value: (isinstance(value, str), value))
            for name, values in found.items()
        }

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model's metadata as JSON, and each two-class model beside it."""
        from modules.values.storage import save

        for number, model in enumerate(self.models):
            save(model, folder / "models" / f"{number:04d}")
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.storage import load

        models: list[Any] = [load(each) for each in sorted((folder / "models").iterdir())]
        return cls(models=tuple(models), **cls.read_fields(folder))


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
