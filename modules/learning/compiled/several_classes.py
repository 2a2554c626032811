"""Several classes by compiled models of two."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from modules.contract.value import Row, RowFunction
from modules.learning.compiled.parts import parts_of, with_parts
from modules.values.compiled_model import CompiledForm, CompiledModel
from modules.values.score_columns import SCORED_LABELS, SCORED_PROBABILITIES, probability_names

_SMALLEST = 2.2250738585072014e-308


class SeveralClasses(CompiledForm):
    """One compiled model for each class, or for each pair of classes."""

    def compile(
        self, parts: Sequence[CompiledModel], classes: tuple[Any, ...], method: str
    ) -> CompiledModel:
        """Return the models as one."""
        facts = {"classes": list(classes), "method": method}
        return with_parts(self, facts, parts)

    def microseconds(self, compiled: CompiledModel) -> float:
        """Return the cost of all models."""
        return sum(part.microseconds for part in parts_of(compiled)) + 2.0

    def row_function(self, compiled: CompiledModel) -> RowFunction:
        """Return the function of a row."""
        classes = compiled.facts["classes"]
        names = probability_names(classes)
        functions = [part.row_function() for part in parts_of(compiled)]
        pairs = list(combinations(range(len(classes)), 2))
        in_pairs = compiled.facts["method"] == "one-vs-one"

        def row_function(row: Row) -> dict[str, Any]:
            found = [function(row)[SCORED_PROBABILITIES] for function in functions]
            if in_pairs:
                inverse = [2.0 - len(classes)] * len(classes)
                for share, (first, second) in zip(found, pairs, strict=True):
                    inverse[first] += 1 / max(share, _SMALLEST)
                    inverse[second] += 1 / max(1 - share, _SMALLEST)
                found = [1 / each for each in inverse]
            total = sum(found)
            shares = [each / total if total > 0 else 1 / len(classes) for each in found]
            chosen = classes[max(range(len(shares)), key=shares.__getitem__)]
            return {SCORED_LABELS: chosen, **dict(zip(names, shares, strict=True))}

        return row_function
