"""Several learners as one in scripts without this project: estimators of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator  # noqa: TID253

from modules.learning.ensembles.exported_predictions import (
    is_classifier,
    out_of_fold,
    predictions,
    shares_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd


class Voting(BaseEstimator):
    """Learners whose predictions are averaged.

    Parameters
    ----------
    learners : sequence of estimators
        Of frames.
    weights : sequence of float, optional
        One for each learner.
    votes : bool
        Each model counts for the class that it predicts, instead of for its probabilities.
    """

    def __init__(
        self,
        learners: Sequence[Any],
        weights: Sequence[float] | None = None,
        votes: bool = False,
    ) -> None:
        self.learners = learners
        self.weights = weights
        self.votes = votes

    def fit(
        self,
        features: pd.DataFrame,
        target: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Voting:
        """Train each learner on numbers, or the codes of classes."""
        import numpy as np
        from sklearn.base import clone

        self.models_ = [
            clone(each).fit(features, target, sample_weight, groups) for each in self.learners
        ]
        if is_classifier(self.models_[0]):
            self.classes_ = np.unique(target)
        return self

    def _average(self, features: pd.DataFrame, count: int) -> np.ndarray:
        import numpy as np

        weights = self.weights or [1.0] * len(self.models_)
        total: Any = None
        for model, weight in zip(self.models_, weights, strict=True):
            part = predictions(model, features, count)
            if self.votes and count == 2:
                part = (part > 0.5).astype("float64")
            elif self.votes:
                part = np.eye(count)[part.argmax(axis=1)]
            total = part * weight if total is None else total + part * weight
        average: np.ndarray = total / sum(weights)
        return average

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the average probabilities, or the shares of the votes."""
        return shares_of(self._average(features, len(self.classes_)))

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the average numbers, or the codes of the likeliest classes."""
        if hasattr(self, "classes_"):
            codes: np.ndarray = self.predict_proba(features).argmax(axis=1)
            return codes
        return self._average(features, 0)[:, 0]


class Stacking(BaseEstimator):
    """Learners, and one that learns how to combine what they predict.

    Parameters
    ----------
    learners : sequence of estimators
        Of frames.
    final : estimator
        Of frames: of the predictions for rows that weren't trained on.
    keep_features : bool
        The final learner reads the features too.
    """

    def __init__(
        self,
        learners: Sequence[Any],
        final: Any,
        folds: int = 5,
        keep_features: bool = False,
        seed: int = 0,
    ) -> None:
        self.learners = learners
        self.final = final
        self.folds = folds
        self.keep_features = keep_features
        self.seed = seed

    def fit(
        self,
        features: pd.DataFrame,
        target: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> Stacking:
        """Train all learners on numbers, or the codes of classes."""
        import numpy as np
        from sklearn.base import clone

        count, self.models_, parts = 0, [], []
        for learner in self.learners:
            model = clone(learner).fit(features, target, sample_weight, groups)
            if is_classifier(model):
                self.classes_ = np.unique(target)
                count = len(self.classes_)
            found = out_of_fold(
                learner, features, target, self.folds, self.seed, sample_weight, groups, count
            )
            self.models_.append(model)
            parts.append(found)
        second = self._with_predictions(features, np.column_stack(parts))
        self.final_ = clone(self.final).fit(second, target, sample_weight, groups)
        return self

    def _with_predictions(self, features: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
        kept = features if self.keep_features else features[[]]
        made = {f"prediction {number}": column for number, column in enumerate(found.T, start=1)}
        return kept.assign(**made)

    def _final_features(self, features: pd.DataFrame) -> pd.DataFrame:
        import numpy as np

        count = len(self.classes_) if hasattr(self, "classes_") else 0
        parts = [predictions(model, features, count) for model in self.models_]
        return self._with_predictions(features, np.column_stack(parts))

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the final model."""
        found: np.ndarray = self.final_.predict_proba(self._final_features(features))
        return found

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the numbers, or the codes of classes, of the final model."""
        found: np.ndarray = self.final_.predict(self._final_features(features))
        return found
