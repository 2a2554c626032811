"""Models based on fitted scikit-learn estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from modules.contract.data_table import DataTable
from modules.contract.installed import declarations, trusted_types
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.learning import model_sheets, prediction
from modules.learning.compiled.estimator_form import EstimatorForm
from modules.learning.fitted_estimator import FittedEstimator
from modules.values.compiled_model import CompiledModel

_MODEL_FILE = "model.skops"

ENCODER = "modules.learning.features.FeatureEncoder"
"""Allowed in models of any learner: plain lists of names, categories and means."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SklearnModel(FittedEstimator):
    """A fitted scikit-learn ``Pipeline`` of an encoder of the columns and a learner.

    Parameters
    ----------
    form : EstimatorForm, optional
        How to serve it without scikit-learn.
    trusted : frozenset of str
        Types that its stored estimator may contain beyond skops' own. Like ``form`` it isn't
        stored: the declaration of ``learner`` applies.
    """

    form: EstimatorForm | None = field(default=None, metadata=APART)
    trusted: frozenset[str] = field(default=frozenset(), metadata=APART)

    def score(self, table: DataTable) -> DataTable:
        """Return the score columns; errors for infinite and too large values name the column."""
        return prediction.score(self, table)

    def compile(self) -> CompiledModel | None:
        """Return the model in the form declared by its learner."""
        return None if self.form is None else self.form.compile(self)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return coefficients, feature importances or cluster centers."""
        return model_sheets.sheets(self)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the model's metadata as JSON, and the pipeline with skops."""
        from modules.values.estimators import write_estimator

        write_estimator(self.pipeline, folder / _MODEL_FILE, {ENCODER, *self.trusted})
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.estimators import read_estimator

        plain = cls.read_fields(folder)
        known = declared(plain["learner"])
        path, trusted = folder / _MODEL_FILE, {ENCODER, *known["trusted"]}
        pipeline = read_estimator(path, trusted, plain["learner"])
        return cls(pipeline=pipeline, **plain, **known)


def declared(learner: str) -> dict[str, Any]:
    """Return the form and the trusted types declared by a learner."""
    forms = [options["compiled"] for options in declarations(learner)]
    return {"form": next(iter(forms), None), "trusted": trusted_types(learner)}
