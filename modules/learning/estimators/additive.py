"""Explainable boosting: additive models whose terms are fitted by interpret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: TID253

from modules.learning.compiled.additive import additive_sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


MOST_FEATURES = 100
"""Of more, pairs aren't searched: their number grows with the square."""


class ExplainableBoosting(BaseEstimator):
    """Base class: one function for each feature, and for the strongest pairs of features.

    Only fitting needs interpret.

    Parameters
    ----------
    interactions : int
        Number of pairs.
    bags : int
        Models whose terms are averaged.
    rounds : int
        Largest number of passes over the features.
    rate : float
        Learning rate.
    leaf_rows : int
        Fewest rows in a leaf.
    random_state : int
        Determines which rows each model is trained and validated with.
    categorical_features : sequence of bool, optional
        The features that are codes of categories.

    Attributes
    ----------
    terms_ : list of list of int
        The features of each term.
    cuts_, scores_, intercept_
        As in :func:`modules.learning.compiled.additive.additive_sums`.
    deviations_ : list of numpy.ndarray
        The standard deviation of each score among the bags.
    importances_ : list of float
        The mean absolute score of each term over the training rows.
    bounds_ : numpy.ndarray, shape (features, 2)
        The smallest and the largest value of each feature.
    """

    def __init__(
        self,
        interactions: int = 10,
        bags: int = 8,
        rounds: int = 5_000,
        rate: float = 0.015,
        leaf_rows: int = 4,
        random_state: int = 0,
        categorical_features: Sequence[bool] | None = None,
    ) -> None:
        self.interactions = interactions
        self.bags = bags
        self.rounds = rounds
        self.rate = rate
        self.leaf_rows = leaf_rows
        self.random_state = random_state
        self.categorical_features = categorical_features

    def _fit(self, kind: Any, X: Any, y: Any, sample_weight: Any) -> Self:
        import warnings

        import joblib
        import numpy as np
        from sklearn.utils.validation import validate_data

        from modules.contract.context import threads, warn

        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan")
        codes = self.categorical_features
        categorical = [False] * X.shape[1] if codes is None else list(codes)
        pairs = X.shape[1] * (X.shape[1] - 1) // 2
        if self.interactions and X.shape[1] > MOST_FEATURES:
            warn(
                f"There are {X.shape[1]:,} features, so pairs weren't searched: that's done for up "
                f"to {MOST_FEATURES}."
            )
            pairs = 0
        model = kind(
            feature_types=["nominal" if each else "continuous" for each in categorical],
            interactions=min(self.interactions, pairs),
            outer_bags=self.bags,
            max_rounds=self.rounds,
            learning_rate=self.rate,
            min_samples_leaf=self.leaf_rows,
            random_state=self.random_state,
            n_jobs=threads(),
        )
        # Threads instead of processes: the work is done outside of Python.
        with warnings.catch_warnings(), joblib.parallel_config(backend="threading"):
            # About its own charts, which aren't used.
            warnings.simplefilter("ignore")
            model.fit(_named(X, categorical), y, sample_weight=sample_weight)
        self.intercept_ = float(np.ravel(model.intercept_)[0])
        self.bounds_ = np.stack([np.fmin.reduce(X), np.fmax.reduce(X)], axis=1)
        self.terms_ = [[int(feature) for feature in term] for term in model.term_features_]
        self.importances_ = [float(each) for each in model.term_importances()]
        self.cuts_, self.scores_, self.deviations_ = [], [], []
        for term, scores, deviations in zip(
            self.terms_, model.term_scores_, model.standard_deviations_, strict=True
        ):
            cuts, places = [], []
            for feature in term:
                levels = model.bins_[feature]
                bins = levels[min(len(term), len(levels)) - 1]
                if categorical[feature]:
                    limits, order = _by_code(bins, X[:, feature])
                else:
                    limits = np.asarray(bins, dtype="float64")
                    order = np.arange(len(limits) + 2)
                cuts.append(limits)
                places.append(order)
            chosen = np.ix_(*places)
            self.cuts_.append(cuts)
            self.scores_.append(np.ascontiguousarray(scores[chosen], dtype="float64"))
            self.deviations_.append(np.ascontiguousarray(deviations[chosen], dtype="float64"))
        return self

    def _sums(self, X: Any) -> np.ndarray:
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=False)
        return additive_sums(X, self.terms_, self.cuts_, self.scores_, self.intercept_)


class ExplainableBoostingOfNumbers(RegressorMixin, ExplainableBoosting):
    """interpret's ``ExplainableBoostingRegressor``."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        from interpret.glassbox._ebm._ebm import ExplainableBoostingRegressor

        return self._fit(ExplainableBoostingRegressor, X, y, sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each row."""
        return self._sums(X)


class ExplainableBoostingOfClasses(ClassifierMixin, ExplainableBoosting):
    """interpret's ``ExplainableBoostingClassifier`` of two classes."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and one of two classes for each row."""
        import numpy as np
        from interpret.glassbox._ebm._ebm import ExplainableBoostingClassifier

        self.classes_, codes = np.unique(y, return_inverse=True)
        return self._fit(ExplainableBoostingClassifier, X, codes, sample_weight)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities, of shape (rows, 2)."""
        import numpy as np
        from scipy.special import expit

        second = expit(self._sums(X))
        return np.column_stack([1 - second, second])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class of each row."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


def _named(X: np.ndarray, categorical: Sequence[bool]) -> Any:
    """Return a matrix as a frame with codes as texts, as interpret requires."""
    import numpy as np
    import pandas as pd

    columns = {}
    for at, is_code in enumerate(categorical):
        values: Any = X[:, at]
        if is_code:
            values = np.array(
                [None if value != value else str(int(value)) for value in values], dtype=object
            )
        columns[f"{at}"] = values
    return pd.DataFrame(columns)


def _by_code(bins: dict[str, int], values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return limits between codes, and the bin of a missing value and of each code."""
    import numpy as np

    known = values[~np.isnan(values)]
    count = int(known.max()) + 1 if len(known) else 1
    order = [0, *(bins.get(str(code), 0) for code in range(count))]
    return np.arange(count - 1) + 0.5, np.array(order)
