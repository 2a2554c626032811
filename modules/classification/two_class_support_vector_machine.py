"""Two-Class Support Vector Machine."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import Seed
from modules.learning.trusted import MARGIN


@learner(
    "Two-Class Support Vector Machine",
    task="two-class",
    compiled=Linear(),
    trusted=MARGIN,
    keywords=("svm", "svc", "hinge", "margin", "linear classifier", "binary"),
)
def two_class_support_vector_machine(
    *,
    iterations: Annotated[int, Field(ge=1, title="Number of iterations"), Sweep(1, 10, 100)] = 10,
    penalty: Annotated[
        float, Field(gt=0, title="Lambda"), Sweep(0.00001, 0.0001, 0.001, 0.01, 0.1)
    ] = 0.001,
    normalize: Annotated[bool, Field(title="Normalize the features")] = True,
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to by the widest margin between them.

    A linear model that only depends on the rows near the boundary. It suits tables with many
    columns, text features for example.

    Parameters
    ----------
    iterations : int
        How often each row is seen.
    penalty : float
        Weight of the L2 penalty. Larger values give a wider margin with more rows inside it.
    normalize : bool
        Standardize the features, so that none has more influence because of its unit.
    seed : int
        Determines the order of the rows, and the folds of the calibration.

    Notes
    -----
    Minimizes the mean hinge loss plus ``lambda / 2 |w|²`` by averaged stochastic gradient descent
    (Shalev-Shwartz et al. 2007) with scikit-learn's ``SGDClassifier``. Margins become
    probabilities by a logistic function (Platt 1999) that is fitted to rows left out in five
    folds; a row is scored as the likelier class.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep are part of the
    parameters.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from modules.learning.estimators.margins import CalibratedLinearClassifier

    estimator = CalibratedLinearClassifier(
        "hinge", alpha=penalty, passes=iterations, random_state=seed
    )
    if not normalize:
        return estimator
    return Pipeline([("scaler", StandardScaler()), ("learner", estimator)])
