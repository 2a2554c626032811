"""Linear classifiers of two classes that maximize a margin, with probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from sklearn.base import BaseEstimator, ClassifierMixin  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

_MOST_FOLDS = 5


class CalibratedLinearClassifier(ClassifierMixin, BaseEstimator):
    """scikit-learn's averaged ``SGDClassifier`` whose margins become probabilities.

    The log-odds are a linear function of the margin (Platt 1999), fitted to margins of rows
    that weren't trained on, by cross-validation. Weights and intercept contain it, so
    that the model is used like a logistic regression.

    Parameters
    ----------
    loss : str
        ``hinge`` for a support vector machine, ``perceptron``.
    alpha : float
        Weight of the L2 penalty of ``hinge``.
    eta0 : float
        Learning rate of ``perceptron``.
    passes : int
        How often each row is seen.
    random_state : int
        Determines the order of the rows, and the folds.

    Attributes
    ----------
    classes_ : numpy.ndarray
        Two classes.
    coef_ : numpy.ndarray, shape (1, features)
    intercept_ : numpy.ndarray, shape (1,)
    """

    link: ClassVar[str] = "logit"

    def __init__(
        self,
        loss: str = "hinge",
        alpha: float = 0.001,
        eta0: float = 1.0,
        passes: int = 10,
        random_state: int = 0,
    ) -> None:
        self.loss = loss
        self.alpha = alpha
        self.eta0 = eta0
        self.passes = passes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and the class of each row."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        self.classes_, codes = np.unique(y, return_inverse=True)
        linear, slope, offset = with_probabilities(
            self._linear(), X, codes, sample_weight, self.random_state
        )
        self.coef_ = slope * linear.coef_
        self.intercept_ = slope * linear.intercept_ + offset
        return self

    def _linear(self) -> Any:
        from sklearn.linear_model import SGDClassifier

        common = {
            "loss": self.loss,
            "max_iter": self.passes,
            "tol": None,
            "average": True,
            "random_state": self.random_state,
        }
        if self.loss == "perceptron":
            return SGDClassifier(penalty=None, learning_rate="constant", eta0=self.eta0, **common)
        return SGDClassifier(alpha=self.alpha, **common)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the log-odds of the second class."""
        import numpy as np
        from sklearn.utils.validation import validate_data

        X = validate_data(self, X, accept_sparse="csr", dtype=np.float64, reset=False)
        margins: np.ndarray = (X @ self.coef_.T + self.intercept_).ravel()
        return margins

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities, of shape (rows, 2)."""
        import numpy as np
        from scipy.special import expit

        second = expit(self.decision_function(X))
        return np.column_stack([1 - second, second])

    def predict(self, X: Any) -> np.ndarray:
        """Return the likelier class of each row."""
        found: np.ndarray = self.classes_[(self.decision_function(X) > 0).astype(int)]
        return found


def with_probabilities(
    machine: Any, X: Any, codes: np.ndarray, weights: Any, seed: int
) -> tuple[Any, float, float]:
    """Fit a classifier of two classes, and log-odds as a linear function of its margins.

    The function is that of Platt (1999), fitted by cross-validation to margins of rows that
    weren't trained on.

    Parameters
    ----------
    machine : object
        An unfitted scikit-learn classifier with ``decision_function``.
    codes : numpy.ndarray of int, shape (rows,)
        0 or 1 for each row.
    weights : numpy.ndarray or None
        The weight of each row.
    seed : int
        Determines the folds.

    Returns
    -------
    fitted, slope, offset
        The classifier fitted to all rows; the log-odds of 1 are ``slope * margin + offset``.
    """
    import numpy as np
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.model_selection import StratifiedKFold

    folds = min(_MOST_FOLDS, int(np.bincount(codes).min()))
    every = np.arange(len(codes))
    # One row of a class can't be left out.
    split = (
        StratifiedKFold(folds, shuffle=True, random_state=seed) if folds > 1 else [(every, every)]
    )
    calibrated = CalibratedClassifierCV(machine, cv=split, ensemble=False)
    found = calibrated.fit(X, codes, sample_weight=weights).calibrated_classifiers_[0]
    sigmoid = found.calibrators[0]
    # Margins that mislead on average contain no information.
    return found.estimator, max(-float(sigmoid.a_), 0.0), -float(sigmoid.b_)
