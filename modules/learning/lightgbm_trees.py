"""LightGBM as scikit-learn estimators whose fitted trees are text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: TID253

from modules.contract.context import report_progress, threads, warn

if TYPE_CHECKING:
    import numpy as np

OBJECTIVES = {
    "squared error": "regression",
    "absolute error": "regression_l1",
    "huber": "huber",
    "quantile": "quantile",
    "poisson": "poisson",
    "gamma": "gamma",
    "tweedie": "tweedie",
}
"""LightGBM's names of the losses of a regression."""

LOG_LINKED = ("poisson", "gamma", "tweedie")
"""Losses whose trees add up to the logarithm of the prediction."""

_PARAMETERS = re.compile(r"\nparameters:\n.*?\nend of parameters\n", re.DOTALL)


class LightGBM(BaseEstimator):
    """Base class: fitting and the sums of the trees.

    The trees are stored as LightGBM's own text, so a stored model contains only numbers and
    texts. Fits are equal for any number of threads.

    Parameters
    ----------
    trees, leaves, min_leaf_rows, learning_rate, row_share, feature_share, l1, l2, seed
        As in the learners, and so are ``ordered_categories`` and ``one_vs_rest_categories``.
    loss : str
        A key of ``OBJECTIVES``; for classifiers unused.
    quantile : float
        The quantile to predict, for that loss.
    balanced : bool
        Weight the classes inversely to their frequencies.
    categorical_features : list of bool, optional
        Which columns contain codes of categories.

    Attributes
    ----------
    model_ : str
        The trees.
    classes_ : numpy.ndarray
        Of a classifier, the codes of its classes.
    """

    def __init__(
        self,
        *,
        trees: int = 100,
        leaves: int = 31,
        min_leaf_rows: int = 20,
        learning_rate: float = 0.1,
        row_share: float = 1.0,
        feature_share: float = 1.0,
        l1: float = 0.0,
        l2: float = 0.0,
        ordered_categories: bool = False,
        one_vs_rest_categories: int = 4,
        loss: str = "squared error",
        quantile: float = 0.5,
        balanced: bool = False,
        seed: int = 0,
        categorical_features: list[bool] | None = None,
    ) -> None:
        self.trees = trees
        self.leaves = leaves
        self.min_leaf_rows = min_leaf_rows
        self.learning_rate = learning_rate
        self.row_share = row_share
        self.feature_share = feature_share
        self.l1 = l1
        self.l2 = l2
        self.ordered_categories = ordered_categories
        self.one_vs_rest_categories = one_vs_rest_categories
        self.loss = loss
        self.quantile = quantile
        self.balanced = balanced
        self.seed = seed
        self.categorical_features = categorical_features

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LightGBM:
        """Fit the trees to a matrix of shape (rows, features).

        Raises
        ------
        ValueError
            If LightGBM rejects the data, a negative label of a Poisson regression for example.
        """
        import lightgbm
        import numpy as np

        parameters = self._parameters() | self._objective(np.asarray(y))
        mask = [] if self.ordered_categories else self.categorical_features or []
        data = lightgbm.Dataset(
            X,
            np.asarray(y, float),
            weight=self._weights(y, sample_weight),
            categorical_feature=[at for at, is_code in enumerate(mask) if is_code],
            params=parameters,
        )
        try:
            booster = lightgbm.train(parameters, data, self.trees, callbacks=[_progress])
        except lightgbm.basic.LightGBMError as error:
            raise ValueError(f"LightGBM: {error}") from error
        # Without the parameters, which contain the number of threads.
        self.model_ = _PARAMETERS.sub("\n", booster.model_to_string())
        self.n_features_in_ = X.shape[1]
        if not booster.feature_importance("split").any():
            warn(
                "No tree has a split, so the prediction is constant. Lower the minimum rows to "
                "form a leaf, or check the features."
            )
        return self

    @property
    def booster(self) -> Any:
        """The trees as ``lightgbm.Booster``."""
        if getattr(self, "_booster", None) is None:
            import lightgbm

            self._booster: Any = lightgbm.Booster(model_str=self.model_)
        return self._booster

    @property
    def feature_importances_(self) -> np.ndarray:
        """The share of each feature in the total gain of the splits."""
        gains: np.ndarray = self.booster.feature_importance("gain")
        return gains / (gains.sum() or 1.0)

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_booster"}

    def _predicted(self, X: Any) -> np.ndarray:
        predicted: np.ndarray = self.booster.predict(X, num_threads=1)
        return predicted

    def _objective(self, y: np.ndarray) -> dict[str, Any]:
        raise NotImplementedError

    def _weights(self, y: Any, sample_weight: Any) -> Any:
        if not self.balanced:
            return sample_weight
        from sklearn.utils.class_weight import compute_sample_weight

        balance = compute_sample_weight("balanced", y)
        return balance if sample_weight is None else balance * sample_weight

    def _parameters(self) -> dict[str, Any]:
        return {
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_leaf_rows,
            "learning_rate": self.learning_rate,
            "bagging_fraction": self.row_share,
            "bagging_freq": int(self.row_share < 1),
            "feature_fraction": self.feature_share,
            "lambda_l1": self.l1,
            "lambda_l2": self.l2,
            "max_cat_to_onehot": self.one_vs_rest_categories,
            # Its seeds are signed.
            "seed": self.seed % 2**31,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": threads(),
            "verbosity": -1,
        }


class LightGBMRegressor(RegressorMixin, LightGBM):
    """Predicts a number."""

    def predict(self, X: Any) -> np.ndarray:
        """Return the predictions of shape (rows,)."""
        return self._predicted(X)

    def _objective(self, y: np.ndarray) -> dict[str, Any]:
        found: dict[str, Any] = {"objective": OBJECTIVES[self.loss]}
        return found | {"alpha": self.quantile} if self.loss == "quantile" else found


class LightGBMClassifier(ClassifierMixin, LightGBM):
    """Predicts one of two or more classes, whose codes start at 0."""

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each row."""
        chosen: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return chosen

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of shape (rows, classes)."""
        import numpy as np

        found = self._predicted(X)
        return found if found.ndim == 2 else np.column_stack([1 - found, found])

    def _objective(self, y: np.ndarray) -> dict[str, Any]:
        import numpy as np

        self.classes_ = np.unique(y)
        if len(self.classes_) == 2:
            return {"objective": "binary"}
        return {"objective": "multiclass", "num_class": len(self.classes_)}


def _progress(environment: Any) -> None:
    """Report the number of trees; a callback of LightGBM."""
    done, total = environment.iteration + 1, environment.end_iteration
    report_progress(done / total, f"iteration {done} of {total}")
