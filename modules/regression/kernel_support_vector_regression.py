"""Kernel Support Vector Regression."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.kernels import KernelSums
from modules.learning.learner_parameters import (
    KERNELS,
    ErrorCost,
    Kernel,
    KernelDegree,
    KernelWidth,
    NormalizeFeatures,
)
from modules.learning.trusted import KERNEL_REGRESSOR


@learner(
    "Kernel Support Vector Regression",
    task="regression",
    compiled=KernelSums(),
    trusted=KERNEL_REGRESSOR,
    keywords=("svm", "svr", "support vector machine", "rbf", "polynomial", "nonlinear"),
)
def kernel_support_vector_regression(
    *,
    kernel: Kernel = "RBF",
    cost: ErrorCost = 1.0,
    epsilon: Annotated[float, Field(ge=0, title="Ignored errors"), Sweep(0.01, 0.1, 0.5)] = 0.1,
    gamma: KernelWidth = 0.0,
    degree: KernelDegree = 3,
    normalize: NormalizeFeatures = True,
) -> Any:
    """Predict a number as a smooth function that ignores small errors.

    For up to about ten thousand rows: training time grows with the square of their number.

    Parameters
    ----------
    kernel : str
        Which rows are similar: ``RBF`` those nearby, ``polynomial`` in products of features,
        ``linear`` for a weighted sum of the features.
    cost : float
        Larger values follow the training rows more closely.
    epsilon : float
        Errors up to this part of the label's standard deviation don't count.
    gamma : float
        How fast similarity decreases with distance. 0 uses 1 divided by the number of
        features and their variance.
    degree : int
        Of the polynomial.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.

    Notes
    -----
    Vapnik (1995), with scikit-learn's ``SVR`` in a standardized label. Kernels: ``exp(-gamma
    |x - z|²)``, ``(gamma x·z + 1) ** degree`` and ``x·z``. A row of weight 2
    counts as two.
    """
    from modules.learning.estimators.kernels import KernelRegressor, kernel_machine

    machine = KernelRegressor(cost, epsilon, KERNELS[kernel], gamma, degree)
    return kernel_machine(machine, normalize)
