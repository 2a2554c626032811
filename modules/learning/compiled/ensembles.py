"""Compiled models that combine what others predict."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.estimator_form import from_shares
from modules.learning.compiled.parts import parts_of, with_parts
from modules.values.compiled_model import CompiledForm, CompiledModel
from modules.values.score_columns import SCORED_LABELS, SCORED_PROBABILITIES, probability_names

if TYPE_CHECKING:
    import numpy as np

LEAST_PROBABILITY = 1e-6
"""Probabilities are at least that far from 0 and 1 before they become log-odds."""


class Combination(CompiledForm):
    """Base class of the forms."""

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of all models."""
        return sum(part.microseconds for part in parts_of(compiled)) + 2.0


class Average(Combination):
    """The weighted mean of predictions, or of votes."""

    def compile(
        self,
        parts: Sequence[CompiledModel],
        task: str,
        classes: tuple[Any, ...],
        weights: Sequence[float],
        votes: bool,
    ) -> CompiledModel:
        """Return the models as one."""
        facts = {
            "task": task,
            "classes": list(classes),
            "weights": list(weights),
            "votes": votes,
        }
        return with_parts(self, facts, parts)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        functions = [part.row_function() for part in parts_of(compiled)]
        weights, total = compiled.facts["weights"], sum(compiled.facts["weights"])
        task, classes = compiled.facts["task"], compiled.facts["classes"]
        read = _vote(task, classes) if compiled.facts["votes"] else prediction_reader(task, classes)
        finish = _finish(compiled)

        def row_function(row: Row) -> dict[str, Any]:
            parts = [read(function(row)) for function in functions]
            sums = [value * weights[0] for value in parts[0]]
            for part, weight in zip(parts[1:], weights[1:], strict=True):
                sums = [one + value * weight for one, value in zip(sums, part, strict=True)]
            return finish([each / total for each in sums])

        return row_function


class Stack(Combination):
    """The last model reads what the others predict."""

    def compile(
        self,
        parts: Sequence[CompiledModel],
        task: str,
        classes: tuple[Any, ...],
        names: Sequence[str],
        keep_features: bool,
    ) -> CompiledModel:
        """Return the models as one."""
        facts = {
            "task": task,
            "classes": list(classes),
            "names": list(names),
            "keep_features": keep_features,
        }
        return with_parts(self, facts, parts)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        *functions, last = (part.row_function() for part in parts_of(compiled))
        names, keep = compiled.facts["names"], compiled.facts["keep_features"]
        read = prediction_reader(compiled.facts["task"], compiled.facts["classes"])

        def row_function(row: Row) -> dict[str, Any]:
            found = [value for function in functions for value in read(function(row))]
            made = dict(zip(names, found, strict=True))
            return last({**row, **made} if keep else made)

        return row_function


class Calibrated(Combination):
    """Probabilities that are corrected by a function for each class.

    Arrays: ``slope`` and ``intercept`` in log-odds, or the points of steps, ``x_0`` and ``y_0``
    and so on.
    """

    def compile(
        self,
        part: CompiledModel,
        task: str,
        classes: tuple[Any, ...],
        arrays: dict[str, np.ndarray],
    ) -> CompiledModel:
        """Return the model with its corrections."""
        return with_parts(self, {"task": task, "classes": list(classes)}, [part], arrays)

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        (part,) = parts_of(compiled)
        function = part.row_function()
        several = compiled.facts["task"] == "multiclass"
        read = prediction_reader(compiled.facts["task"], compiled.facts["classes"])
        count = len(compiled.facts["classes"]) if several else 1
        corrections = [_correction(compiled.arrays, index) for index in range(count)]
        finish = _finish(compiled)

        def row_function(row: Row) -> dict[str, Any]:
            given = read(function(row))
            found = [each(value) for each, value in zip(corrections, given, strict=True)]
            if several:
                total = sum(found)
                found = [each / total if total > 0 else 1 / count for each in found]
            return finish(found)

        return row_function


class Threshold(Combination):
    """Two classes by a threshold other than 0.5."""

    def compile(
        self, part: CompiledModel, classes: tuple[Any, ...], threshold: float
    ) -> CompiledModel:
        """Return the model with its threshold."""
        return with_parts(self, {"classes": list(classes), "threshold": threshold}, [part])

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        (part,) = parts_of(compiled)
        function, threshold = part.row_function(), compiled.facts["threshold"]
        negative, positive = compiled.facts["classes"]

        def row_function(row: Row) -> dict[str, Any]:
            scores = function(row)
            chosen = positive if scores[SCORED_PROBABILITIES] >= threshold else negative
            return {**scores, SCORED_LABELS: chosen}

        return row_function


def prediction_reader(task: str, classes: Sequence[Any]) -> Callable[[dict[str, Any]], list[float]]:
    """Return the function from score columns to numbers: one, or one for each class."""
    if task == "regression":
        return lambda scores: [scores[SCORED_LABELS]]
    if task == "two-class":
        return lambda scores: [scores[SCORED_PROBABILITIES]]
    names = probability_names(classes)
    return lambda scores: [scores[name] for name in names]


def _vote(task: str, classes: Sequence[Any]) -> Callable[[dict[str, Any]], list[float]]:
    if task == "two-class":
        return lambda scores: [float(scores[SCORED_LABELS] == classes[1])]
    return lambda scores: [float(scores[SCORED_LABELS] == value) for value in classes]


def _finish(compiled: CompiledModel) -> Callable[[Sequence[float]], dict[str, Any]]:
    """Return the function from numbers, as they are read, to score columns."""
    task = compiled.facts["task"]
    if task == "regression":
        return lambda found: {SCORED_LABELS: found[0]}
    finish = from_shares(compiled)
    if task == "two-class":
        return lambda found: finish((1 - found[0], found[0]))
    return finish


def _correction(arrays: Any, index: int) -> Callable[[float], float]:
    import numpy as np

    if "slope" not in arrays:
        x, y = arrays[f"x_{index}"], arrays[f"y_{index}"]
        return lambda value: float(np.interp(value, x, y))
    slope, intercept = float(arrays["slope"][index]), float(arrays["intercept"][index])

    def correct(value: float) -> float:
        value = min(max(value, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)
        margin = slope * math.log(value / (1 - value)) + intercept
        if margin >= 0:
            return 1 / (1 + math.exp(-margin))
        power = math.exp(margin)
        return power / (1 + power)

    return correct
