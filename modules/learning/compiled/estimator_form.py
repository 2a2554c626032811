"""Shared code of the compiled forms of scikit-learn models.

A form extracts the arrays of a fitted model (:meth:`EstimatorForm.compile`); for serving it
builds a row function from them with numpy only. Sums are computed in the same order as in
scikit-learn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modules.values.compiled_model import CompiledForm, CompiledModel
from modules.values.score_columns import SCORED_LABELS, SCORED_PROBABILITIES, probability_names

if TYPE_CHECKING:
    import numpy as np

    from modules.learning.fitted_estimator import FittedEstimator


class EstimatorForm(CompiledForm):
    """Base class of the forms of scikit-learn models, which encode columns as features."""

    def arrays(self, model: FittedEstimator) -> Mapping[str, np.ndarray] | None:
        """Return the fitted numbers; None for a model that can't be compiled."""
        raise NotImplementedError

    def compile(self, model: FittedEstimator) -> CompiledModel | None:
        """Return a fitted model as plain data; None if it can't be compiled."""
        arrays = self.arrays(model)
        if arrays is None:
            return None
        encoder = model.encoder
        names = ("name", "kind", "categories", "fill")
        fills = (None if fill != fill else fill for fill in encoder.fill_)
        columns = [
            dict(zip(names, each, strict=True))
            for each in zip(encoder.names_, encoder.kinds_, encoder.categories_, fills, strict=True)
        ]
        facts = {
            "task": model.task,
            "encoding": encoder.encoding,
            "columns": columns,
            "classes": list(model.classes),
        }
        return CompiledModel(self, facts, arrays)

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return 0.3 for each column, measured on one core of 2.5 GHz."""
        return 0.3 * len(compiled.facts["columns"])


def scaling(model: FittedEstimator) -> tuple[np.ndarray, np.ndarray] | None:
    """Return factor and offset of each feature after all scalers; None if one isn't a scaler."""
    import numpy as np

    width = len(model.encoder.feature_names_)
    factor, offset = np.ones(width), np.zeros(width)
    for step in model.scalers:
        name = type(step).__name__
        if name == "MinMaxScaler" and not step.clip:
            scale, move = step.scale_, step.min_
        elif name == "StandardScaler":
            scale = 1 / step.scale_ if step.with_std else np.ones(width)
            move = -step.mean_ * scale if step.with_mean else np.zeros(width)
        elif name == "MaxAbsScaler":
            scale, move = 1 / step.scale_, np.zeros(width)
        else:
            return None
        factor, offset = factor * scale, offset * scale + move
    return factor, offset


def standardization(model: FittedEstimator) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and deviation of each feature for models with at most one StandardScaler.

    ``(x - mean) / deviation`` is what scikit-learn computes, to the bit: equal distances of
    standardized rows stay equal.
    """
    import numpy as np

    width = len(model.encoder.feature_names_)
    means, deviations = np.zeros(width), np.ones(width)
    for step in model.scalers:
        means = step.mean_ if step.with_mean else means
        deviations = step.scale_
    return means, deviations


def from_margins(model: CompiledModel, outputs: int) -> Callable[[Sequence[float]], dict[str, Any]]:
    """Return the function from a model's sums, by output, to the score columns.

    Identity for regression, the logistic function of one output, softmax of several.
    """
    if model.facts["task"] == "regression":
        return lambda sums: {SCORED_LABELS: sums[0]}
    finish = from_shares(model)
    if outputs == 1:
        return lambda sums: finish(_both(sums[0]))
    return lambda sums: finish(_softmax(sums))


def from_shares(model: CompiledModel) -> Callable[[Sequence[float]], dict[str, Any]]:
    """Return the function from the probabilities of the classes to the score columns."""
    classes = model.facts["classes"]
    if model.facts["task"] == "two-class":
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
    """Return the probabilities of both classes from the log-odds."""
    if margin >= 0:
        second = 1 / (1 + math.exp(-margin))
    else:
        power = math.exp(margin)
        second = power / (1 + power)
    return 1 - second, second


def _softmax(margins: Sequence[float]) -> list[float]:
    """Return the probabilities of several classes."""
    top = max(margins)
    powers = [math.exp(margin - top) for margin in margins]
    total = sum(powers)
    return [power / total for power in powers]
