"""Classifiers whose probabilities are corrected by rows that they weren't trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.context import part_of_progress
from modules.contract.data_table import DataTable, Role
from modules.contract.errors import ModuleError
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.learning.compiled.ensembles import LEAST_PROBABILITY, Calibrated
from modules.learning.ensembles.out_of_fold import out_of_fold
from modules.learning.ensembles.parts import (
    LearnerOfOne,
    ModelOfModels,
    metadata_of,
    predictions,
    scores_of,
)
from modules.learning.evaluation.folds import rows_with_label
from modules.learning.evaluation.scored import class_codes
from modules.learning.labels import with_positive
from modules.learning.tuning.trials import warning_once
from modules.values.compiled_model import CompiledModel

if TYPE_CHECKING:
    import numpy as np

SIGMOID = "sigmoid"
FOLDS = "folds"


@dataclass(frozen=True, eq=False)
class CalibratedLearner(LearnerOfOne):
    """A classification learner whose models are calibrated.

    Parameters
    ----------
    options : mapping
        The parameters of the module Calibrate Probabilities.
    """

    options: Mapping[str, Any] = field(default_factory=dict)

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> CalibratedModel:
        """Train and calibrate; see :meth:`modules.values.UntrainedModel.fit`."""
        assert label is not None
        table.require([label], parameter="label_column")
        if positive:
            table = with_positive(table, label, positive, self)
        with warning_once():
            rows = rows_with_label(table, label)
            if self.options["rows"] == FOLDS:
                with part_of_progress(0.0, 0.2, self.base.title):
                    model = self.base.fit(rows, label, features=features)
                judged = rows
                with part_of_progress(0.2, 1.0):
                    found = out_of_fold(
                        self.base,
                        rows,
                        label,
                        int(self.options["folds"]),
                        int(self.options["seed"]),
                        classes=model.classes,
                        features=features,
                        positive="",
                    )
            else:
                training, judged = self._parts(rows, label)
                model = self.base.fit(training, label, features=features)
                found = predictions(model, judged, model.classes)
        codes = class_codes(judged.frame[label], model.classes)
        names = judged.having_role(Role.WEIGHT)
        weights = judged.frame[names[0]].to_numpy("float64") if names else None
        arrays = corrections(found, codes, self.options["method"], weights)
        return CalibratedModel(
            **metadata_of(self, (model,), parameters=dict(self.options)), arrays=arrays
        )

    def _parts(self, rows: DataTable, label: str) -> tuple[DataTable, DataTable]:
        """Return the rows to train on, and those that are held out, of each class alike."""
        import numpy as np
        import pandas as pd
        from sklearn.model_selection import train_test_split

        share, seed = float(self.options["held_out"]), int(self.options["seed"])
        codes = pd.factorize(rows.frame[label], sort=True)[0]
        try:
            training, judged = train_test_split(
                np.arange(len(rows)), test_size=share, stratify=codes, random_state=seed
            )
        except ValueError as error:
            raise ModuleError(
                "too-few-rows",
                f"The classes of “{label}” have too few rows to hold out {share:.0%} of each.",
                "Calibrate on folds, or add rows.",
                port="dataset",
                column=label,
            ) from error
        first, second = (rows.frame.iloc[np.sort(part)] for part in (training, judged))
        return rows.with_frame(first), rows.with_frame(second)


@dataclass(frozen=True, eq=False, kw_only=True)
class CalibratedModel(ModelOfModels):
    """A classifier with a function that corrects the probability of each class.

    Parameters
    ----------
    arrays : mapping of str to numpy.ndarray
        From :func:`corrections`.
    """

    arrays: Mapping[str, np.ndarray] = field(metadata=APART)

    def score(self, table: DataTable) -> DataTable:
        """Return the corrected probabilities; see :meth:`TrainedModel.score`."""
        found = predictions(self.models[0], table, self.classes)
        return scores_of(self, table, corrected(found, self.arrays))

    def compile(self) -> CompiledModel | None:
        """Return the compiled form of the model with its corrections; None if it has none."""
        part = self.models[0].compile()
        if part is None:
            return None
        return Calibrated().compile(part, self.task, self.classes, dict(self.arrays))

    def sheets(self) -> dict[str, Sheet]:
        """Return what probabilities become, and the tables of the model."""
        import numpy as np

        grid = np.linspace(0, 1, 21)
        classes = self.classes if self.task == "multiclass" else (self.positive,)
        columns = [_correct(grid, self.arrays, index) for index in range(len(classes))]
        rows = tuple(
            (float(value), *map(float, row))
            for value, row in zip(grid.round(2), np.column_stack(columns), strict=True)
        )
        note = "Before several classes are divided by their sum." if len(classes) > 1 else ""
        headers = ("Probability before", *(f"After, “{value}”" for value in classes))
        return {"Calibration": Sheet(headers, rows, note), **self.models[0].sheets()}

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model, and the corrections beside it."""
        import numpy as np

        (folder / "corrections").mkdir()
        for name, array in self.arrays.items():
            np.save(folder / "corrections" / f"{name}.npy", array, allow_pickle=False)
        return super().save(folder)

    @classmethod
    def read_fields(cls, folder: Path) -> dict[str, Any]:
        """Return the stored fields as keyword arguments."""
        import numpy as np

        files = sorted((folder / "corrections").glob("*.npy"))
        arrays = {path.stem: np.load(path, allow_pickle=False) for path in files}
        return {**super().read_fields(folder), "arrays": arrays}


def corrections(
    found: np.ndarray, codes: np.ndarray, method: str, weights: np.ndarray | None
) -> dict[str, np.ndarray]:
    """Return a function for the probability of each class, as arrays.

    Parameters
    ----------
    found : numpy.ndarray, shape (rows, columns)
        Probabilities of the second of two classes, or of each of several.
    codes : numpy.ndarray of int, shape (rows,)
        The class of each row.
    method : str
        ``sigmoid``: a linear function of the log-odds with the targets of Platt (1999), as
        scikit-learn fits it. ``isotonic``: the increasing steps with the least squared error.
    weights : numpy.ndarray, optional
        The weight of each row.

    Returns
    -------
    dict of str to numpy.ndarray
        ``slope`` and ``intercept``, or ``x_0``, ``y_0`` and so on.
    """
    import numpy as np
    from sklearn.calibration import _SigmoidCalibration
    from sklearn.isotonic import IsotonicRegression

    targets = [codes == 1] if found.shape[1] == 1 else [codes == k for k in range(found.shape[1])]
    if method == SIGMOID:
        fits = [
            _SigmoidCalibration().fit(_log_odds(values), target.astype(float), weights)
            for values, target in zip(found.T, targets, strict=True)
        ]
        return {
            "slope": np.array([-fit.a_ for fit in fits], dtype="float64"),
            "intercept": np.array([-fit.b_ for fit in fits], dtype="float64"),
        }
    arrays: dict[str, np.ndarray] = {}
    for index, (values, target) in enumerate(zip(found.T, targets, strict=True)):
        steps = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        steps.fit(values, target.astype(float), weights)
        arrays[f"x_{index}"] = np.asarray(steps.X_thresholds_, dtype="float64")
        arrays[f"y_{index}"] = np.asarray(steps.y_thresholds_, dtype="float64")
    return arrays


def corrected(found: np.ndarray, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the corrected probabilities; those of several classes are divided by their sum."""
    import numpy as np

    count = found.shape[1]
    made = np.column_stack([_correct(found[:, index], arrays, index) for index in range(count)])
    if count == 1:
        return made
    total = made.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.where(total > 0, made / np.where(total > 0, total, 1.0), 1 / count)
    return shares


def _correct(values: np.ndarray, arrays: Mapping[str, np.ndarray], index: int) -> np.ndarray:
    import numpy as np
    from scipy.special import expit

    found: np.ndarray
    if "slope" not in arrays:
        found = np.interp(values, arrays[f"x_{index}"], arrays[f"y_{index}"])
        return found
    found = expit(arrays["slope"][index] * _log_odds(values) + arrays["intercept"][index])
    return found


def _log_odds(values: np.ndarray) -> np.ndarray:
    import numpy as np

    clipped = np.clip(values, LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
    found: np.ndarray = np.log(clipped / (1 - clipped))
    return found
