"""Two-Class Kernel SVM."""

from __future__ import annotations

from typing import Any

from modules.learning import learner
from modules.learning.compiled.kernels import KernelSums
from modules.learning.learner_parameters import (
    KERNELS,
    ErrorCost,
    Kernel,
    KernelDegree,
    KernelWidth,
    NormalizeFeatures,
    Seed,
)
from modules.learning.trusted import KERNEL_CLASSIFIER


@learner(
    "Two-Class Kernel SVM",
    task="two-class",
    compiled=KernelSums(),
    trusted=KERNEL_CLASSIFIER,
    keywords=("support vector machine", "svc", "rbf", "polynomial", "margin", "nonlinear"),
)
def two_class_kernel_support_vector_machine(
    *,
    kernel: Kernel = "RBF",
    cost: ErrorCost = 1.0,
    gamma: KernelWidth = 0.0,
    degree: KernelDegree = 3,
    normalize: NormalizeFeatures = True,
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to by a boundary of any shape with a wide margin.

    For up to about ten thousand rows: training time grows with the square of their number.

    Parameters
    ----------
    kernel : str
        Which rows are similar: ``RBF`` those nearby, ``polynomial`` in products of features,
        ``linear`` for a straight boundary.
    cost : float
        Larger values follow the training rows more closely, with a narrower margin.
    gamma : float
        How fast similarity decreases with distance. 0 uses 1 divided by the number of
        features and their variance.
    degree : int
        Of the polynomial.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.
    seed : int
        Determines the folds of the calibration.

    Notes
    -----
    Cortes and Vapnik (1995), with scikit-learn's ``SVC``. Margins become
    probabilities by a logistic function (Platt 1999) that is fitted to rows left out in five folds;
    a row is scored as the likelier class.
    Kernels: ``exp(-gamma |x - z|²)``, ``(gamma x·z + 1) ** degree`` and ``x·z``.
    """
    from modules.learning.estimators.kernels import KernelClassifier, kernel_machine

    return kernel_machine(KernelClassifier(cost, KERNELS[kernel], gamma, degree, seed), normalize)
