"""What is to be predicted, and the rows to train and to evaluate on: what a trial reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.automated_ml._metrics import CLASSIFICATION, REGRESSION, Metric
from modules.contract import DataTable, Scoring
from modules.contract.json_files import read_json, write_json

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_FACTS, _FOLDS, _FIRST, _SECOND = "problem.json", "folds.npy", "training", "validation"


@dataclass(frozen=True)
class Target:
    """What is to be predicted, and how good a prediction is.

    Parameters
    ----------
    task : str
        ``two-class``, ``multiclass``, ``regression`` or ``forecasting``.
    classes : list
        JSON scalars in their order, the positive one last of two; empty for a number.
    positive : str
        The positive class as the user wrote it; empty for the default.
    width : float
        The range of a numeric label, 1 for classes.
    """

    task: str
    label: str
    classes: list[Any]
    positive: str
    width: float
    metric_name: str

    @property
    def metric(self) -> Metric:
        """The metric that decides."""
        return (CLASSIFICATION if self.classes else REGRESSION)[self.metric_name]

    def actual(self, table: DataTable) -> np.ndarray:
        """Return the codes of the classes, or the numbers divided by their range."""
        import numpy as np

        from modules.learning.categories import scalar

        column = table.frame[self.label]
        if not self.classes:
            return column.to_numpy("float64") / self.width
        code = {value: at for at, value in enumerate(self.classes)}
        return np.array([code[scalar(value)] for value in column], dtype="int64")

    def scored(self, scores: np.ndarray) -> tuple[pd.DataFrame, Scoring]:
        """Return scores, as the metric takes them, as the columns that a model scores."""
        import pandas as pd

        from modules.learning.prediction import class_values
        from modules.values.score_columns import (
            SCORED_LABELS,
            SCORED_PROBABILITIES,
            probability_names,
        )

        names: tuple[str, ...] = ()
        classes = tuple(self.classes)
        if not classes:
            columns: dict[str, Any] = {SCORED_LABELS: scores * self.width}
        else:
            columns = {SCORED_LABELS: class_values(classes, scores.argmax(axis=1))}
            names = probability_names(classes)
            if self.task == "two-class":
                names = (SCORED_PROBABILITIES,)
                columns[SCORED_PROBABILITIES] = scores[:, 1]
            else:
                columns |= {name: scores[:, at] for at, name in enumerate(names)}
        frame = pd.DataFrame(columns)
        positive = classes[1] if self.task == "two-class" else None
        task = self.task if classes else "regression"
        scoring = Scoring(task, SCORED_LABELS, self.label, classes, names, positive)
        return frame, scoring

    def scores(self, scored: DataTable) -> np.ndarray:
        """Return what a model scored as the metric takes it.

        A class that the model wasn't trained on has the probability 0.
        """
        import numpy as np

        scoring = scored.scoring
        assert scoring is not None
        if not self.classes:
            return scored.frame[scoring.scored].to_numpy("float64") / self.width
        if self.task == "two-class":
            second = scored.frame[scoring.probabilities[0]].to_numpy("float64")
            return np.column_stack([1 - second, second])
        found = np.zeros((len(scored), len(self.classes)))
        for value, name in zip(scoring.classes, scoring.probabilities, strict=True):
            found[:, self.classes.index(value)] = scored.frame[name].to_numpy("float64")
        return found


@dataclass(frozen=True)
class Problem:
    """A target with the rows.

    Parameters
    ----------
    training : DataTable
        Prepared rows, each with a label.
    fold_of_row : numpy.ndarray or None
        The fold of each row that is evaluated; None if all are one part.
    validation : DataTable or None
        Prepared rows to evaluate on.
    back_test : mapping or None
        Of forecasters: the dotted name of the ``module`` that evaluates them on the validation
        rows, and its ``parameters`` as plain JSON.
    """

    target: Target
    training: DataTable
    fold_of_row: np.ndarray | None = None
    validation: DataTable | None = None
    back_test: Mapping[str, Any] | None = None

    @property
    def rows(self) -> list[np.ndarray]:
        """The rows of each part that is evaluated: indices of the table :attr:`evaluated`."""
        import numpy as np

        if self.fold_of_row is None:
            return [np.arange(len(self.evaluated))]
        count = int(self.fold_of_row.max()) + 1
        return [np.flatnonzero(self.fold_of_row == fold) for fold in range(count)]

    @property
    def evaluated(self) -> DataTable:
        """The table with the rows that are evaluated."""
        return self.training if self.validation is None else self.validation

    def parts(self) -> Iterator[tuple[DataTable, DataTable]]:
        """Yield rows to train on, and rows to evaluate."""
        if self.validation is not None:
            yield self.training, self.validation
            return
        table = self.training
        for rows in self.rows:
            inside = table.frame.index.isin(rows)
            yield table.with_frame(table.frame[~inside]), table.with_frame(table.frame[inside])

    def save(self, folder: Path) -> None:
        """Write it for the workers."""
        import numpy as np

        from modules.values import storage

        write_json(folder / _FACTS, {"target": asdict(self.target), "back_test": self.back_test})
        storage.save(self.training, folder / _FIRST)
        if self.validation is not None:
            storage.save(self.validation, folder / _SECOND)
        if self.fold_of_row is not None:
            np.save(folder / _FOLDS, self.fold_of_row, allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> Problem:
        """Read what :meth:`save` wrote."""
        import numpy as np

        from modules.values import storage

        tables = [
            storage.load(folder / name) if (folder / name).exists() else None
            for name in (_FIRST, _SECOND)
        ]
        folds = folder / _FOLDS
        fold_of_row = np.load(folds, allow_pickle=False) if folds.exists() else None
        training, validation = tables
        assert isinstance(training, DataTable)
        assert validation is None or isinstance(validation, DataTable)
        facts = read_json(folder / _FACTS)
        target = Target(**facts["target"])
        return cls(target, training, fold_of_row, validation, facts["back_test"])
