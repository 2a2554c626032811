"""Support vector machines with kernels, for numbers and for any number of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: TID253

from modules.learning.compiled.kernels import kernel_sums, shares_of
from modules.learning.estimators.dense import dense
from modules.learning.estimators.margins import with_probabilities
from modules.learning.estimators.standardized import standardized

if TYPE_CHECKING:
    import numpy as np


class KernelMachine(BaseEstimator):
    """Base class: sums over support vectors.

    Parameters
    ----------
    penalty : float
        Cost of errors.
    kernel : str
        ``rbf``, ``poly`` or ``linear``.
    gamma : float
        Of the kernel; 0 for 1 divided by the number of features and their variance.
    degree : int
        Of a polynomial.

    Attributes
    ----------
    vectors_ : numpy.ndarray, shape (vectors, features)
    weights_ : numpy.ndarray, shape (vectors, outputs)
    offsets_ : numpy.ndarray, shape (outputs,)
    options_ : dict
        ``kernel``, ``gamma``, and ``degree``.
    """

    penalty: float
    kernel: str
    gamma: float
    degree: int

    def _matrix(self, X: Any, weights: Any) -> np.ndarray:
        import numpy as np
        from sklearn.utils.validation import validate_data

        matrix = dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64))
        gamma = self.gamma or 1 / (matrix.shape[1] * (_variance(matrix, weights) or 1.0))
        self.options_ = {"kernel": self.kernel, "gamma": float(gamma), "degree": self.degree}
        return matrix

    def _solver_options(self) -> dict[str, Any]:
        return {"C": self.penalty, "coef0": 1.0, "cache_size": 500, **self.options_}

    def _keep(self, X: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray, float]]) -> None:
        """Keep the rows with a weight; a part is the indices of rows, their weights, an offset."""
        import numpy as np

        weights = np.zeros((len(X), len(parts)))
        for output, (indices, values, _) in enumerate(parts):
            weights[indices, output] = values
        kept = weights.any(axis=1)
        self.vectors_, self.weights_ = X[kept], weights[kept]
        self.offsets_ = np.array([offset for *_, offset in parts], dtype="float64")

    def _sums(self, X: Any) -> np.ndarray:
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = dense(validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False))
        return kernel_sums(X, self.vectors_, self.weights_, self.offsets_, **self.options_)


class KernelRegressor(RegressorMixin, KernelMachine):
    """scikit-learn's ``SVR`` in a standardized label.

    Parameters
    ----------
    epsilon : float
        Errors up to this part of the label's deviation don't count.
    """

    def __init__(
        self,
        penalty: float = 1.0,
        epsilon: float = 0.1,
        kernel: str = "rbf",
        gamma: float = 0.0,
        degree: int = 3,
    ) -> None:
        self.penalty = penalty
        self.epsilon = epsilon
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        from sklearn.svm import SVR

        X = self._matrix(X, sample_weight)
        target, center, spread = standardized(y, sample_weight)
        found = SVR(epsilon=self.epsilon, **self._solver_options())
        found.fit(X, target, sample_weight)
        offset = float(found.intercept_[0]) * spread + center
        self._keep(X, [(found.support_, found.dual_coef_[0] * spread, offset)])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each row."""
        found: np.ndarray = self._sums(X)[:, 0]
        return found


class KernelClassifier(ClassifierMixin, KernelMachine):
    """scikit-learn's ``SVC``, for each of several classes against the others, with probabilities.

    Margins become log-odds as in :func:`modules.learning.estimators.margins.with_probabilities`;
    the sums contain it.

    Parameters
    ----------
    random_state : int
        Determines the folds.
    """

    def __init__(
        self,
        penalty: float = 1.0,
        kernel: str = "rbf",
        gamma: float = 0.0,
        degree: int = 3,
        random_state: int = 0,
    ) -> None:
        self.penalty = penalty
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and the class of each row."""
        import numpy as np
        from sklearn.svm import SVC

        X = self._matrix(X, sample_weight)
        self.classes_, codes = np.unique(y, return_inverse=True)
        each = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        parts = []
        for code in each:
            machine = SVC(**self._solver_options())
            target = (codes == code).astype(int)
            found, slope, offset = with_probabilities(
                machine, X, target, sample_weight, self.random_state
            )
            weights = slope * found.dual_coef_[0]
            parts.append((found.support_, weights, slope * float(found.intercept_[0]) + offset))
        self._keep(X, parts)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities, of shape (rows, classes)."""
        return shares_of(self._sums(X))

    def predict(self, X: Any) -> np.ndarray:
        """Return the likeliest class of each row."""
        found: np.ndarray = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return found


def _variance(matrix: np.ndarray, weights: Any) -> float:
    """Return the variance of all numbers, each counted with the weight of its row."""
    import numpy as np

    if weights is None:
        return float(matrix.var())
    center = np.average(matrix, axis=0, weights=weights).mean()
    return float(np.average((matrix - center) ** 2, axis=0, weights=weights).mean())


def kernel_machine(machine: KernelMachine, normalize: bool) -> Any:
    """Return an unfitted estimator, after a scaler if features are to be normalized."""
    from modules.learning.estimators.standardized import after_scaler

    return after_scaler(machine) if normalize else machine
