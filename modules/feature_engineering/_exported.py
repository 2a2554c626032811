"""Target-Encoded Learner in scripts without this project: an estimator of frames."""

from __future__ import annotations

from typing import Any

import pandas as pd  # noqa: TID253
from sklearn.base import BaseEstimator, clone  # noqa: TID253

from modules.feature_engineering._targets import (
    cross_fitted,
    encode_targets,
    kind_of_target,
    many_valued,
)
from modules.tables.automated import MANY_VALUES


class TargetEncoded(BaseEstimator):
    """A learner that encodes categories by the label before it trains another one.

    Parameters
    ----------
    learner : estimator
        Of frames.
    regression : bool
        The label is a number.
    more_than : int
        Columns with more different values are encoded.
    smoothing : float, optional
        How many rows the overall mean counts as.
    folds, seed : int
        For cross fitting.
    """

    def __init__(
        self,
        learner: Any,
        regression: bool = False,
        more_than: int = MANY_VALUES,
        smoothing: float | None = None,
        folds: int = 5,
        seed: int = 0,
    ) -> None:
        self.learner = learner
        self.regression = regression
        self.more_than = more_than
        self.smoothing = smoothing
        self.folds = folds
        self.seed = seed

    def fit(
        self,
        features: pd.DataFrame,
        target: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> TargetEncoded:
        """Train on numbers, or the codes of classes."""
        import numpy as np

        features, self.means_ = features.reset_index(drop=True), None
        names = many_valued(features, features.columns, self.more_than)
        if names:
            values = np.asarray(target)
            if not self.regression:
                values = np.unique(values, return_inverse=True)[1]
            features, self.means_ = cross_fitted(
                features,
                names,
                values,
                kind_of_target(values, self.regression),
                label="label",
                smoothing=self.smoothing,
                folds=self.folds,
                seed=self.seed,
            )
        self.model_ = clone(self.learner).fit(features, target, sample_weight, groups)
        if hasattr(self.model_, "classes_"):
            self.classes_ = self.model_.classes_
        return self

    def predict(self, features: pd.DataFrame) -> Any:
        """Return numbers, or the codes of classes."""
        return self.model_.predict(self._encoded(features))

    def predict_proba(self, features: pd.DataFrame) -> Any:
        """Return the probabilities of the classes."""
        return self.model_.predict_proba(self._encoded(features))

    def _encoded(self, features: pd.DataFrame) -> pd.DataFrame:
        return features if self.means_ is None else encode_targets(features, self.means_)
