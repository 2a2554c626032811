"""Learners and models that are scikit-learn estimators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from modules.contract.data_table import DataTable
from modules.contract.installed import declarations, trusted_types
from modules.contract.sheet import Sheet
from modules.contract.stored_fields import APART
from modules.values.compiled_model import CompiledModel
from modules.values.trained_model import TrainedModel
from modules.values.untrained_model import UntrainedModel

if TYPE_CHECKING:
    from modules.learning.compiled import EstimatorForm

_LEARNER_FILE = "estimator.skops"
_MODEL_FILE = "model.skops"

ENCODER = "modules.learning.features.FeatureEncoder"
"""A model may hold it, whatever its learner: plain lists of names, categories and means."""


@dataclass(frozen=True, eq=False)
class SklearnLearner(UntrainedModel):
    """An unfitted scikit-learn estimator with what it takes to fit it to a table.

    Parameters
    ----------
    estimator : object
        An unfitted scikit-learn estimator, or a ``Pipeline`` that ends in one.
    encoding : str
        How strings and categories reach it: ``one-hot`` (for linear models, one
        column a value) or ``codes`` (for trees that take categories natively).
    takes_missing : bool
        The estimator handles missing numbers; otherwise they become the mean of
        the training rows.
    categorical_parameter : str
        Name of the estimator's parameter that takes the mask of categorical
        features, with ``codes``; empty if there is none.
    form : EstimatorForm, optional
        How its models are served without scikit-learn.
    trusted : frozenset of str
        Types that its stored estimators may hold beyond skops' own. Like ``form`` it isn't
        stored: what ``learner`` declares holds.
    """

    estimator: Any = field(kw_only=True, metadata=APART)
    encoding: str = "one-hot"
    takes_missing: bool = False
    categorical_parameter: str = ""
    form: EstimatorForm | None = field(default=None, metadata=APART)
    trusted: frozenset[str] = field(default=frozenset(), metadata=APART)

    def fit(
        self,
        table: DataTable,
        label: str | None = None,
        *,
        features: list[str] | None = None,
        positive: str = "",
    ) -> SklearnModel:
        """Train on a table; see :func:`modules.learning.fitting.fit`."""
        from modules.learning.fitting import fit

        return fit(self, table, label, features=features, positive=positive)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the settings as JSON, and the estimator with skops."""
        from modules.values.estimators import write_estimator

        write_estimator(self.estimator, folder / _LEARNER_FILE, self.trusted)
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.estimators import read_estimator

        plain = cls.read_fields(folder)
        declared = _declared(plain["learner"])
        path, trusted = folder / _LEARNER_FILE, declared["trusted"]
        estimator = read_estimator(path, trusted, plain["learner"])
        return cls(estimator=estimator, **plain, **declared)


@dataclass(frozen=True, eq=False, kw_only=True)
class SklearnModel(TrainedModel):
    """A fitted scikit-learn ``Pipeline`` of an encoder of the columns and a learner.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Two steps, ``features`` (:class:`modules.learning.features.FeatureEncoder`) and
        ``learner``.
    form, trusted
        As in :class:`SklearnLearner`.
    """

    pipeline: Any = field(metadata=APART)
    form: EstimatorForm | None = field(default=None, metadata=APART)
    trusted: frozenset[str] = field(default=frozenset(), metadata=APART)

    @property
    def encoder(self) -> Any:
        """The fitted encoder of the columns."""
        return self.pipeline.named_steps["features"]

    @property
    def estimator(self) -> Any:
        """The fitted estimator behind the encoder, perhaps a pipeline itself."""
        return self.pipeline.named_steps["learner"]

    @property
    def final_estimator(self) -> Any:
        """The fitted estimator alone, without the scalers before it."""
        return self.estimator[-1] if hasattr(self.estimator, "steps") else self.estimator

    @property
    def scalers(self) -> list[Any]:
        """The fitted steps between the encoder and the final estimator."""
        return [step for _, step in getattr(self.estimator, "steps", [])[:-1]]

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values that training saw of each string and category column."""
        known = zip(self.encoder.names_, self.encoder.categories_, strict=True)
        return {name: values for name, values in known if values is not None}

    def score(self, table: DataTable) -> DataTable:
        """Return the score columns; infinite and too large values are named by their column."""
        from modules.learning.prediction import score

        return score(self, table)

    def compile(self) -> CompiledModel | None:
        """Return the model in the form that its learner declares."""
        return None if self.form is None else self.form.compile(self)

    def sheets(self) -> Mapping[str, Sheet]:
        """Return coefficients, feature importances or cluster centers."""
        from modules.learning.model_sheets import sheets

        return sheets(self)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write what is known of the model as JSON, and the pipeline with skops."""
        from modules.values.estimators import write_estimator

        write_estimator(self.pipeline, folder / _MODEL_FILE, {ENCODER, *self.trusted})
        return super().save(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote."""
        from modules.values.estimators import read_estimator

        plain = cls.read_fields(folder)
        declared = _declared(plain["learner"])
        path, trusted = folder / _MODEL_FILE, {ENCODER, *declared["trusted"]}
        pipeline = read_estimator(path, trusted, plain["learner"])
        return cls(pipeline=pipeline, **plain, **declared)


def _declared(learner: str) -> dict[str, Any]:
    """Return the form and the trusted types that a learner declares."""
    forms = [options["compiled"] for options in declarations(learner)]
    return {"form": next(iter(forms), None), "trusted": trusted_types(learner)}
