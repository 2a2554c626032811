"""Fully connected neural networks, trained for a fixed number of passes."""

from __future__ import annotations

import warnings
from typing import Any, Self

from sklearn.neural_network import MLPClassifier, MLPRegressor  # noqa: TID253

from modules.contract.errors import ModuleError

BATCH = 32
_TRAINING_ONLY = ("_optimizer", "_random_state", "_no_improvement_count")


class NetworkClassifier(MLPClassifier):
    """scikit-learn's ``MLPClassifier`` without early stopping; what only training needs goes."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and the class of each row."""
        with warnings.catch_warnings():
            # All passes are made, so that it may not have converged is no news.
            warnings.simplefilter("ignore")
            super().fit(X, y, sample_weight=sample_weight)
        _tidy(self)
        return self


class NetworkRegressor(MLPRegressor):
    """scikit-learn's ``MLPRegressor`` in a standardized target, with outputs in its units."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features) and a number for each row."""
        import numpy as np

        center = np.average(y, weights=sample_weight)
        spread = np.sqrt(np.average((y - center) ** 2, weights=sample_weight)) or 1.0
        if not np.isfinite([center, spread]).all():
            raise ValueError("the label contains infinite or too large values")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            super().fit(X, (y - center) / spread, sample_weight=sample_weight)
        self.coefs_[-1] *= spread
        self.intercepts_[-1] = self.intercepts_[-1] * spread + center
        _tidy(self)
        return self


def _tidy(network: Any) -> None:
    for name in _TRAINING_ONLY:
        if hasattr(network, name):
            delattr(network, name)
    network.loss_curve_ = [float(loss) for loss in network.loss_curve_]
    network.loss_, network.best_loss_ = float(network.loss_), float(network.best_loss_)


def hidden_layers(text: str) -> tuple[int, ...]:
    """Return the sizes of the hidden layers, ``"100"`` or ``"64, 32"``.

    Raises
    ------
    ModuleError
        If it isn't a list of integers from 1 to 100,000.
    """
    try:
        sizes = tuple(int(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or not all(1 <= size <= 100_000 for size in sizes):
        raise ModuleError(
            "bad-hidden-nodes",
            f"“{text}” isn't a list of integers above 0.",
            "Enter the number of nodes of each hidden layer, for example 100 or 64, 32.",
            parameter="hidden_nodes",
        )
    return sizes


def network(
    estimator: Any,
    hidden_nodes: str,
    learning_rate: float,
    iterations: int,
    momentum: float,
    shuffle: bool,
    seed: int,
) -> Any:
    """Return an unfitted network after a scaler; ``estimator`` is a class of this file."""
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    made = estimator(
        hidden_layer_sizes=hidden_layers(hidden_nodes),
        activation="tanh",
        solver="sgd",
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=learning_rate,
        max_iter=iterations,
        n_iter_no_change=iterations,
        tol=0.0,
        momentum=momentum,
        nesterovs_momentum=False,
        shuffle=shuffle,
        random_state=seed,
    )
    return Pipeline([("scaler", StandardScaler()), ("learner", made)])
