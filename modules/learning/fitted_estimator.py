"""A fitted scikit-learn pipeline, for scoring, display and compilation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modules.contract.stored_fields import APART
from modules.learning.tree_members import tree_count
from modules.values.trained_model import TrainedModel


@dataclass(frozen=True, eq=False, kw_only=True)
class FittedEstimator(TrainedModel):
    """A trained model with a fitted scikit-learn ``Pipeline``: base class of :class:`SklearnModel`.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Two steps, ``features`` (:class:`modules.learning.features.FeatureEncoder`) and
        ``learner``.
    """

    pipeline: Any = field(metadata=APART)

    @property
    def encoder(self) -> Any:
        """The fitted encoder of the columns."""
        return self.pipeline.named_steps["features"]

    @property
    def estimator(self) -> Any:
        """The fitted estimator after the encoder, which may be a pipeline."""
        return self.pipeline.named_steps["learner"]

    @property
    def final_estimator(self) -> Any:
        """The fitted estimator without the scalers before it."""
        return self.estimator[-1] if hasattr(self.estimator, "steps") else self.estimator

    @property
    def scalers(self) -> list[Any]:
        """The fitted steps between the encoder and the final estimator."""
        return [step for _, step in getattr(self.estimator, "steps", [])[:-1]]

    @property
    def tree_count(self) -> int:
        """The number of trees that it consists of."""
        return tree_count(self.final_estimator)

    @property
    def average_row(self) -> Mapping[str, Any]:
        """The average training row."""
        found: Mapping[str, Any] = self.encoder.average_row
        return found

    @property
    def known_values(self) -> Mapping[str, list[Any]]:
        """The values of each string and category column in training."""
        known = zip(self.encoder.names_, self.encoder.categories_, strict=True)
        return {name: values for name, values in known if values is not None}
