"""Trained models as plain numbers: what serving needs, without scikit-learn or pandas.

A compiled model is made from a fitted one (:func:`compile_trained`), stored as one JSON
file and a few ``.npy`` arrays (:func:`save_compiled`), and read back without a library
beyond numpy (:func:`load_compiled`). Its row function equals the original's scores: sums
are taken in the same order; only the exponential function may differ in the last bit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modules.contract.errors import ModuleError
from modules.contract.value import Row, RowFunction
from modules.learning.compiled_encoding import row_encoder, weighted_sum
from modules.learning.compiled_trees import boosting_arrays, forest_arrays, tree_sums
from modules.learning.learning import (
    ASSIGNMENTS,
    DISTANCE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    probability_names,
)
from modules.values.values import TrainedModel

if TYPE_CHECKING:
    import numpy as np

FILE = "compiled.json"
_FORMAT = 1

_TASKS = ("regression", "two-class", "multiclass", "clustering")
_REGRESSIONS = ("LinearRegression", "Ridge", "Lasso", "ElasticNet", "SGDRegressor")
_FORESTS = ("RandomForest", "ExtraTrees")
_BOOSTINGS = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")


@dataclass(frozen=True, eq=False)
class CompiledModel:
    """A trained model as plain data.

    Parameters
    ----------
    form : str
        ``linear``, ``forest``, ``boosting`` or ``clusters``.
    task : str
        As in :class:`modules.contract.TrainedModel`.
    encoding : str
        ``one-hot`` or ``codes``.
    columns : list of dict
        What the model reads: ``name``, ``kind``, ``categories`` (or None) and ``fill``
        (what a missing number becomes, or None).
    classes : tuple
        JSON scalars in the order of the estimator's codes.
    arrays : mapping of str to numpy.ndarray
        The fitted numbers, by form.
    """

    form: str
    task: str
    encoding: str
    columns: list[dict[str, Any]]
    classes: tuple[Any, ...] = ()
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)

    def row_function(self) -> RowFunction:
        """Return the function from a row to its score columns."""
        return _FORMS[self.form](self)

    @property
    def microseconds(self) -> float:
        """About how long one row takes; a rule of thumb, so that equal models give equal numbers.

        Measured on one core of 2.5 GHz: a column 0.3, a question of a tree 0.09, the
        matrices of K-means 15.
        """
        total = 0.3 * len(self.columns)
        if self.form == "clusters":
            return total + 15.0
        roots = self.arrays.get("roots")
        if roots is None or not roots.size:
            return total
        deep = math.log2(max(2.0, self.arrays["feature"].size / roots.size))
        return total + 0.09 * deep * int(roots.size) + 2.0


def compile_model(model: TrainedModel) -> RowFunction | None:
    """Return a row function on numpy alone, or None for a model that has none."""
    compiled = compile_trained(model)
    return None if compiled is None else compiled.row_function()


def compile_trained(model: TrainedModel) -> CompiledModel | None:
    """Return a trained model as plain data, or None for a learner that has no such form.

    Linear models behind any number of scalers, forests, histogram gradient boosting and
    K-means behind scalers have one.
    """
    known = getattr(model.pipeline, "named_steps", {})
    if type(known.get("features")).__name__ != "FeatureEncoder" or model.task not in _TASKS:
        return None
    estimator = model.estimator
    steps = [step for _, step in estimator.steps] if hasattr(estimator, "steps") else [estimator]
    scaling = _scaling(steps[:-1], len(model.encoder.feature_names_))
    if scaling is None:
        return None
    final, name = steps[-1], type(steps[-1]).__name__
    form, arrays = "", None
    if name in _REGRESSIONS or (name == "LogisticRegression" and final.solver != "liblinear"):
        form, arrays = "linear", _linear_arrays(final, *scaling)
    elif len(steps) == 1 and name.startswith(_FORESTS):
        form, arrays = "forest", forest_arrays(final)
    elif len(steps) == 1 and name in _BOOSTINGS:
        form, arrays = "boosting", boosting_arrays(final)
    elif name == "KMeans" and model.task == "clustering":
        form, arrays = "clusters", _cluster_arrays(final, *scaling)
    if arrays is None:
        return None
    encoder = model.encoder
    columns = [
        {"name": name, "kind": kind, "categories": known, "fill": None if fill != fill else fill}
        for name, kind, known, fill in zip(
            encoder.names_, encoder.kinds_, encoder.categories_, encoder.fill_, strict=True
        )
    ]
    return CompiledModel(form, model.task, encoder.encoding, columns, model.classes, arrays)


def save_compiled(model: CompiledModel, folder: Path) -> None:
    """Write a compiled model into a folder, which is made if need be."""
    import numpy as np

    folder.mkdir(parents=True, exist_ok=True)
    plain = {
        "format": _FORMAT,
        "form": model.form,
        "task": model.task,
        "encoding": model.encoding,
        "columns": model.columns,
        "classes": list(model.classes),
        "arrays": sorted(model.arrays),
    }
    for name, array in model.arrays.items():
        np.save(folder / f"{name}.npy", array, allow_pickle=False)
    text = json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FILE).write_text(text + "\n", "utf-8")


def load_compiled(folder: Path) -> CompiledModel:
    """Read what :func:`save_compiled` wrote.

    Raises
    ------
    ModuleError
        If it is missing, damaged or of a newer format.
    """
    import numpy as np

    try:
        plain = json.loads((folder / FILE).read_text("utf-8"))
        if plain["format"] != _FORMAT or plain["form"] not in _FORMS:
            raise ValueError("it is of another version")
        arrays = {
            name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in plain["arrays"]
        }
        return CompiledModel(
            plain["form"],
            plain["task"],
            plain["encoding"],
            plain["columns"],
            tuple(plain["classes"]),
            arrays,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModuleError(
            "model-damaged",
            f"The compiled model in “{folder.name}” can't be read: {reason_of(error)}.",
            "Make the scoring package again.",
        ) from error


def reason_of(error: Exception) -> str:
    """Return why something can't be read, to stand before the end of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, KeyError):
        return f"{error} is missing"
    return str(error).rstrip(".") or type(error).__name__


def _scaling(steps: Sequence[Any], width: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return factor and offset of each feature behind all scalers; None if one is no scaler."""
    import numpy as np

    factor, offset = np.ones(width), np.zeros(width)
    for step in steps:
        name = type(step).__name__
        if name == "MinMaxScaler" and not step.clip:
            scale, move = step.scale_, step.min_
        elif name == "StandardScaler":
            scale = 1 / step.scale_ if step.with_std else np.ones(width)
            move = -step.mean_ * scale if step.with_mean else np.zeros(width)
        else:
            return None
        factor, offset = factor * scale, offset * scale + move
    return factor, offset


def _linear_arrays(final: Any, factor: np.ndarray, offset: np.ndarray) -> dict[str, np.ndarray]:
    """Fold the scaling in: ``w · (x * factor + offset) + b``."""
    import numpy as np

    coefficients = np.atleast_2d(final.coef_).astype(float)
    intercepts = np.broadcast_to(np.atleast_1d(final.intercept_), len(coefficients)).astype(float)
    return {"weights": coefficients * factor, "offsets": intercepts + coefficients @ offset}


def _cluster_arrays(final: Any, factor: np.ndarray, offset: np.ndarray) -> dict[str, np.ndarray]:
    import numpy as np

    centers = np.asarray(final.cluster_centers_, float)
    return {"centers": centers, "factor": factor, "offset": offset}


def _linear(model: CompiledModel) -> RowFunction:
    weights, offsets = model.arrays["weights"].tolist(), model.arrays["offsets"].tolist()
    sums = [
        weighted_sum(model.columns, row, offset)
        for row, offset in zip(weights, offsets, strict=True)
    ]
    if model.task == "regression":
        (total,) = sums
        return lambda row: {SCORED_LABELS: total(row)}
    finish = _finish(model)
    if len(sums) == 1:
        (total,) = sums
        return lambda row: finish(_both(total(row)))
    return lambda row: finish(_shares([total(row) for total in sums]))


def _forest(model: CompiledModel) -> RowFunction:
    import numpy as np

    encode = row_encoder(model.columns, model.encoding)
    add_up = tree_sums(model.arrays, len(model.columns))
    count = int(model.arrays["roots"].size)
    outputs = int(model.arrays["values"].shape[1])
    start = [0.0] * outputs
    finish = None if model.task == "regression" else _finish(model)

    def row_function(row: Row) -> dict[str, Any]:
        # The trees compare single-precision values, so the features are rounded first.
        vector = np.array(encode(row), np.float32).tolist()
        sums = add_up(vector, start)
        if finish is None:
            return {SCORED_LABELS: sums[0] / count}
        return finish([total / count for total in sums])

    return row_function


def _boosting(model: CompiledModel) -> RowFunction:
    encode = row_encoder(model.columns, model.encoding)
    add_up = tree_sums(model.arrays, len(model.columns))
    start = model.arrays["start"].tolist()
    if model.task == "regression":
        return lambda row: {SCORED_LABELS: add_up(encode(row), start)[0]}
    finish = _finish(model)
    if len(start) == 1:
        return lambda row: finish(_both(add_up(encode(row), start)[0]))
    return lambda row: finish(_shares(add_up(encode(row), start)))


def _clusters(model: CompiledModel) -> RowFunction:
    import numpy as np

    encode = row_encoder(model.columns, model.encoding)
    centers, factor, offset = (model.arrays[name] for name in ("centers", "factor", "offset"))
    squares = np.einsum("ij,ij->i", centers, centers)
    names = [f"{DISTANCE}{place}" for place in range(len(centers))]

    def row_function(row: Row) -> dict[str, Any]:
        vector = np.array([encode(row)]) * factor + offset
        # As scikit-learn computes it: |x|² - 2 x·c + |c|², never below 0.
        found = -2.0 * (vector @ centers.T)[0]
        found += np.einsum("ij,ij->i", vector, vector)
        found += squares
        np.maximum(found, 0.0, out=found)
        distances = np.sqrt(found).tolist()
        nearest = distances.index(min(distances))
        return {ASSIGNMENTS: nearest, **dict(zip(names, distances, strict=True))}

    return row_function


def _finish(model: CompiledModel) -> Callable[[Sequence[float]], dict[str, Any]]:
    """Return the function from the probabilities of the classes to the score columns."""
    classes = model.classes
    if model.task == "two-class":
        negative, positive = classes

        def two(shares: Sequence[float]) -> dict[str, Any]:
            chosen = positive if shares[1] > shares[0] else negative
            return {SCORED_LABELS: chosen, SCORED_PROBABILITIES: shares[1]}

        return two
    names = probability_names(classes)

    def several(shares: Sequence[float]) -> dict[str, Any]:
        chosen = classes[max(range(len(shares)), key=shares.__getitem__)]
        return {SCORED_LABELS: chosen, **dict(zip(names, shares, strict=True))}

    return several


def _both(margin: float) -> tuple[float, float]:
    """Return the probabilities of both classes from the logarithm of the odds."""
    if margin >= 0:
        second = 1 / (1 + math.exp(-margin))
    else:
        power = math.exp(margin)
        second = power / (1 + power)
    return 1 - second, second


def _shares(margins: Sequence[float]) -> list[float]:
    """Return softmax."""
    top = max(margins)
    powers = [math.exp(margin - top) for margin in margins]
    total = sum(powers)
    return [power / total for power in powers]


_FORMS: dict[str, Callable[[CompiledModel], RowFunction]] = {
    "linear": _linear,
    "forest": _forest,
    "boosting": _boosting,
    "clusters": _clusters,
}
