"""Logistic regression that finds the minimum whatever the scales of the columns."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

from sklearn.linear_model import LogisticRegression  # noqa: TID253

if TYPE_CHECKING:
    import numpy as np

NEWTON_LIMIT = 1_000
"""Maximum weights (features times outputs) for Newton's method, whose memory grows with
their square."""


class PreconditionedLogisticRegression(LogisticRegression):
    """scikit-learn's ``LogisticRegression`` with an L2 penalty, independent of scales.

    ``newton-cholesky``, with at most ``NEWTON_LIMIT`` weights, and ``lbfgs`` are tried as
    scikit-learn has them, and a minimum that they find is kept to the bit. Where they give up,
    or stop before the minimum, :func:`modules.learning.solvers.preconditioning.descend` continues.
    The objective is the same everywhere: that of the columns in their own units.

    Only the parameters ``C``, ``tol``, ``solver`` and ``max_iter`` are used.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to a matrix of shape (rows, features), dense or CSR, and the class of each row.

        Warns with ``ConvergenceWarning`` if the minimum wasn't found, or there is none: without a
        penalty, the loss of classes that can be separated has no minimum.
        """
        import numpy as np
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.utils.multiclass import check_classification_targets
        from sklearn.utils.validation import _check_sample_weight, validate_data

        from modules.learning.solvers.preconditioning import Objective, descend

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64, order="C")
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64, copy=True)
        objective = Objective.of(X, codes, len(self.classes_), sample_weight, self.C)
        wide = objective.size - objective.outputs > NEWTON_LIMIT
        with warnings.catch_warnings():
            # They are about scikit-learn's attempt; descent continues below.
            warnings.simplefilter("ignore")
            if self.solver == "lbfgs":
                first: Any = super().fit(X, y, sample_weight)
                start = np.vstack([first.coef_.T, first.intercept_])
                steps, converged = int(first.n_iter_[0]), False
            elif wide:
                start, steps, converged = np.zeros(objective.shape), 0, False
            else:
                start, steps, converged = _newton(objective, self.tol, self.max_iter)
        found = start
        if not converged:
            found, more, converged = descend(objective, start, self.tol, self.max_iter)
            steps += more
        if not converged or (objective.penalty == 0 and objective.separates(found)):
            warnings.warn("The minimum wasn't found.", ConvergenceWarning, stacklevel=2)
        # Views as in scikit-learn: the order in memory decides how the products are rounded.
        self.coef_, self.intercept_ = found.T[:, :-1], found.T[:, -1]
        self.n_iter_ = np.array([steps], dtype=np.int32)
        return self


def _newton(objective: Any, tolerance: float, steps: int) -> tuple[np.ndarray, int, bool]:
    """Return the weights of scikit-learn's Newton method, its steps, and whether it converged."""
    import numpy as np
    from sklearn.linear_model._glm.glm import NewtonCholeskySolver

    class Newton(NewtonCholeskySolver):
        def fallback_lbfgs_solve(self, X: Any, y: Any, sample_weight: Any) -> None:
            """Leave it unconverged: L-BFGS on these columns would stop far from the minimum."""

    start = np.zeros(objective.size)
    solver = Newton(
        coef=start if objective.outputs == 1 else start.reshape(objective.outputs, -1, order="F"),
        linear_loss=objective.loss,
        l2_reg_strength=objective.penalty,
        tol=tolerance,
        max_iter=steps,
    )
    found = solver.solve(objective.matrix, objective.target, objective.weights)
    found = found.ravel(order="F").reshape(objective.shape)
    usable = np.isfinite(found).all() and objective.value(found) < objective.value(0 * found)
    return (found if usable else 0 * found), solver.iteration, bool(solver.converged)
