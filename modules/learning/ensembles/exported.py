"""Learners of learners in scripts without this project: estimators of frames.

Each trains and predicts like its counterpart in this folder; tests compare them to the bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: TID253

from modules.learning.ensembles.calibration import corrected, corrections
from modules.learning.ensembles.exported_predictions import (
    out_of_fold,
    part_of,
    predictions,
    shares_of,
)
from modules.learning.ensembles.several_classes import ONE_VS_ALL, combined
from modules.learning.exported import is_text
from modules.learning.training_data import with_sparse_scalers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd


class FrameLearner(BaseEstimator):
    """A learner of the columns of a frame, which it encodes first.

    Parameters
    ----------
    encoder : callable
        Returns the encoder of a frame of features.
    learner : estimator
        Of the encoded features.
    weights : tuple of str
        The parameters of a pipeline's ``fit`` for the weights of rows.
    categorical_parameter : str
        The learner's parameter for the mask of features with categories; empty without one.
    """

    def __init__(
        self,
        encoder: Callable[[pd.DataFrame], Any],
        learner: Any,
        weights: tuple[str, ...] = (),
        categorical_parameter: str = "",
    ) -> None:
        self.encoder = encoder
        self.learner = learner
        self.weights = weights
        self.categorical_parameter = categorical_parameter

    def fit(
        self,
        features: pd.DataFrame,
        target: Any,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> FrameLearner:
        """Train on numbers, or the codes of classes."""
        import numpy as np
        from sklearn.base import clone
        from sklearn.pipeline import make_pipeline

        known = features.reset_index(drop=True).dropna(axis="columns", how="all")
        encoder, learner = self.encoder(known), clone(self.learner)
        if self.categorical_parameter:
            mask = [is_text(known[name]) for name in known]
            learner.set_params(**{self.categorical_parameter: mask})
        learner = with_sparse_scalers(learner, encoder.fit_transform(known))
        target = np.asarray(target)
        if hasattr(learner, "predict_proba"):
            self.classes_, target = np.unique(target, return_inverse=True)
        weighted = {}
        if sample_weight is not None:
            weighted = dict.fromkeys(self.weights, np.asarray(sample_weight))
        self.model_ = make_pipeline(encoder, learner).fit(known, target, **weighted)
        return self

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return numbers, or the codes of classes."""
        found: np.ndarray = self.model_.predict(features)
        return self.classes_[found] if hasattr(self, "classes_") else found

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the classes of ``classes_``."""
        found: np.ndarray = self.model_.predict_proba(features)
        return found


class FrameClassifier(ClassifierMixin, BaseEstimator):
    """A classifier of frames that consists of others; ``classes_`` are the codes."""

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the classes."""
        raise NotImplementedError

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the codes of the likeliest classes."""
        codes: np.ndarray = self.predict_proba(features).argmax(axis=1)
        return codes


class SeveralClassesClassifier(FrameClassifier):
    """One model for each class, or for each pair of classes.

    Parameters
    ----------
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    learner : estimator
        Of frames and two classes.
    """

    def __init__(self, method: str, learner: Any) -> None:
        self.method = method
        self.learner = learner

    def fit(
        self,
        features: pd.DataFrame,
        codes: np.ndarray,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> SeveralClassesClassifier:
        """Train on the codes of classes."""
        from itertools import combinations

        import numpy as np
        from sklearn.base import clone

        self.classes_ = np.unique(codes)
        count = len(self.classes_)
        pairs = list(combinations(range(count), 2))
        if self.method == ONE_VS_ALL:
            pairs = [(index, -1) for index in range(count)]
        self.models_ = []
        for first, second in pairs:
            rows = np.arange(len(codes))
            if second >= 0:
                rows = np.flatnonzero((codes == first) | (codes == second))
            target = (codes[rows] == first).astype("int64")
            its = [part_of(each, rows) for each in (sample_weight, groups)]
            self.models_.append(clone(self.learner).fit(features.iloc[rows], target, *its))
        return self

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the classes."""
        import numpy as np

        parts = [model.predict_proba(features)[:, 1] for model in self.models_]
        return combined(np.array(parts), len(self.classes_), self.method).T


class CalibratedClassifier(FrameClassifier):
    """A classifier whose probabilities are corrected by rows that it wasn't trained on.

    Parameters
    ----------
    learner : estimator
        Of frames.
    method : str
        ``sigmoid`` or ``isotonic``.
    folds : int
        Every row is predicted without its fold.
    held_out : float, optional
        The share of rows to correct by, instead of folds.
    """

    def __init__(
        self,
        learner: Any,
        method: str = "sigmoid",
        folds: int = 5,
        held_out: float | None = None,
        seed: int = 0,
    ) -> None:
        self.learner = learner
        self.method = method
        self.folds = folds
        self.held_out = held_out
        self.seed = seed

    def fit(
        self,
        features: pd.DataFrame,
        codes: np.ndarray,
        sample_weight: Any = None,
        groups: Any = None,
    ) -> CalibratedClassifier:
        """Train on the codes of classes."""
        import numpy as np
        from sklearn.base import clone
        from sklearn.model_selection import train_test_split

        self.classes_ = np.unique(codes)
        count, judged = len(self.classes_), np.arange(len(codes))
        if self.held_out is None:
            self.model_ = clone(self.learner).fit(features, codes, sample_weight, groups)
            found = out_of_fold(
                self.learner, features, codes, self.folds, self.seed, sample_weight, groups, count
            )
        else:
            training, judged = train_test_split(
                judged, test_size=self.held_out, stratify=codes, random_state=self.seed
            )
            training, judged = np.sort(training), np.sort(judged)
            its = [part_of(each, training) for each in (sample_weight, groups)]
            self.model_ = clone(self.learner).fit(features.iloc[training], codes[training], *its)
            found = predictions(self.model_, features.iloc[judged], count)
        weights = part_of(sample_weight, judged)
        self.corrections_ = corrections(found, codes[judged], self.method, weights)
        return self

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the corrected probabilities of the classes."""
        found = predictions(self.model_, features, len(self.classes_))
        return shares_of(corrected(found, self.corrections_))


class ThresholdClassifier(FrameClassifier):
    """A trained model of two classes that predicts the second from a probability on.

    Parameters
    ----------
    model : estimator
        Trained.
    threshold : float
        The probability of the second class.
    """

    def __init__(self, model: Any, threshold: float) -> None:
        self.model = model
        self.threshold = threshold

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the classes."""
        found: np.ndarray = self.model.predict_proba(features)
        return found

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the codes of the classes."""
        return (self.predict_proba(features)[:, 1] >= self.threshold).astype("int64")
