"""Linear regression with penalties and losses that don't depend on the unit of the label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from sklearn.linear_model import (  # noqa: TID253
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    TweedieRegressor,
)

from modules.contract.errors import ModuleError
from modules.learning.estimators.dense import dense
from modules.values.score_columns import LARGEST_EXPONENT

if TYPE_CHECKING:
    import numpy as np


class StandardizedElasticNet(ElasticNet):
    """scikit-learn's ``ElasticNet`` in a standardized label, with weights in its unit."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        standard, center, spread = standardized(y, sample_weight)
        super().fit(X, standard, sample_weight=sample_weight)
        in_units(self, center, spread)
        return self


class StandardizedHuberRegressor(HuberRegressor):
    """scikit-learn's ``HuberRegressor`` in a standardized label, with weights in its unit."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        standard, center, spread = standardized(y, sample_weight)
        super().fit(X, standard, sample_weight=sample_weight)
        in_units(self, center, spread, deviations=("scale_",))
        return self


class StandardizedBayesianRidge(BayesianRidge):
    """scikit-learn's ``BayesianRidge`` in a standardized label, with weights in its unit."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        standard, center, spread = standardized(y, sample_weight)
        super().fit(dense(X), standard, sample_weight=sample_weight)
        in_units(self, center, spread, variances=("sigma_",), precisions=("alpha_", "lambda_"))
        return self

    def predict(self, X: Any, return_std: bool = False) -> Any:
        """Return the number of each row, and its standard deviation if asked for."""
        return super().predict(dense(X), return_std)


class ScaledTweedieRegressor(TweedieRegressor):
    """scikit-learn's ``TweedieRegressor`` in a label with the mean 1, with the mean in its unit."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and a number for each row."""
        import numpy as np

        lowest = float(np.min(y))
        if lowest < 0 or (lowest == 0 and self.power >= 2):
            needed = "0 or more" if self.power < 2 else "above 0"
            raise ModuleError(
                "label-out-of-range",
                f"The label contains {lowest:g}, but this distribution requires values {needed}.",
                "Choose another distribution or label, or remove the rows.",
                parameter="label_column",
            )
        mean = float(np.average(y, weights=sample_weight))
        if not np.isfinite(mean):
            raise ValueError("the label contains infinite or too large values")
        mean = mean or 1.0
        super().fit(X, y / mean, sample_weight)
        in_units(self, float(np.log(mean)), 1.0)
        # Its loss isn't needed to predict.
        del self._base_loss
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the mean of each row; at most the largest number."""
        import numpy as np

        logarithm = self._linear_predictor(X)
        means: np.ndarray = np.exp(np.minimum(logarithm, LARGEST_EXPONENT))
        return means


def standardized(y: Any, weights: Any) -> tuple[np.ndarray, float, float]:
    """Return a label with mean 0 and deviation 1, and both as they were."""
    import numpy as np

    center = float(np.average(y, weights=weights))
    spread = float(np.sqrt(np.average((y - center) ** 2, weights=weights)))
    if not np.isfinite([center, spread]).all():
        raise ValueError("the label contains infinite or too large values")
    # What differs by rounding alone is constant.
    if spread <= 1e-12 * abs(center):
        return np.zeros(len(y)), center, 1.0
    return np.asarray((y - center) / spread), center, spread


def in_units(
    estimator: Any,
    center: float,
    spread: float,
    *,
    deviations: Sequence[str] = (),
    variances: Sequence[str] = (),
    precisions: Sequence[str] = (),
) -> None:
    """Convert the weights for a standardized label, and other attributes, to the label's unit."""
    estimator.coef_ = estimator.coef_ * spread
    estimator.intercept_ = float(estimator.intercept_ * spread + center)
    for names, power in ((deviations, 1), (variances, 2), (precisions, -2)):
        for name in names:
            setattr(estimator, name, getattr(estimator, name) * spread**power)


def after_scaler(estimator: Any) -> Any:
    """Return an unfitted estimator for standardized features."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    return Pipeline([("scaler", StandardScaler()), ("learner", estimator)])
