"""Several classes by models of two, in scripts without this project.

Tests compare it to the bit with :mod:`modules.learning.ensembles.several_classes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: TID253

from modules.learning.ensembles.several_classes import ONE_VS_ALL, combined
from modules.learning.exported import is_text
from modules.learning.training_data import with_sparse_scalers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pandas as pd


class SeveralClassesClassifier(ClassifierMixin, BaseEstimator):
    """One model for each class, or for each pair of classes.

    Parameters
    ----------
    method : str
        ``one-vs-all`` or ``one-vs-one``.
    encoder : callable
        Returns the encoder of a frame of features.
    learner : estimator
        Knows two classes.
    categorical_parameter : str
        The learner's parameter for the mask of features with categories; empty without.
    """

    def __init__(
        self,
        method: str,
        encoder: Callable[[pd.DataFrame], Any],
        learner: Any,
        categorical_parameter: str = "",
    ) -> None:
        self.method = method
        self.encoder = encoder
        self.learner = learner
        self.categorical_parameter = categorical_parameter

    def fit(
        self, features: pd.DataFrame, codes: np.ndarray, **weights: pd.Series
    ) -> SeveralClassesClassifier:
        """Train on the codes of classes.

        Parameters
        ----------
        **weights
            By the parameter of a pipeline's ``fit``.
        """
        from itertools import combinations

        import numpy as np
        from sklearn.base import clone
        from sklearn.pipeline import make_pipeline

        count = int(codes.max()) + 1
        pairs = list(combinations(range(count), 2))
        if self.method == ONE_VS_ALL:
            pairs = [(index, -1) for index in range(count)]
        self.classes_ = np.arange(count)
        self.models_ = []
        for first, second in pairs:
            rows = np.arange(len(codes))
            if second >= 0:
                rows = np.flatnonzero((codes == first) | (codes == second))
            part = features.iloc[rows].reset_index(drop=True).dropna(axis="columns", how="all")
            encoder, learner = self.encoder(part), clone(self.learner)
            if self.categorical_parameter:
                mask = [is_text(part[name]) for name in part]
                learner.set_params(**{self.categorical_parameter: mask})
            learner = with_sparse_scalers(learner, encoder.fit_transform(part))
            target = (codes[rows] == first).astype("int64")
            its = {name: column.iloc[rows] for name, column in weights.items()}
            self.models_.append(make_pipeline(encoder, learner).fit(part, target, **its))
        return self

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Return the probabilities of the classes."""
        import numpy as np

        parts = [model.predict_proba(features)[:, 1] for model in self.models_]
        return combined(np.array(parts), len(self.classes_), self.method).T

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Return the codes of the likeliest classes."""
        found: np.ndarray = self.predict_proba(features).argmax(axis=1)
        return found
