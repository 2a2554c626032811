"""Two-Class Averaged Perceptron."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from modules.contract import Sweep
from modules.learning import learner
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import Seed
from modules.learning.trusted import MARGIN


@learner(
    "Two-Class Averaged Perceptron",
    task="two-class",
    compiled=Linear(),
    trusted=MARGIN,
    keywords=("linear classifier", "online", "binary", "fast"),
)
def two_class_averaged_perceptron(
    *,
    learning_rate: Annotated[
        float, Field(gt=0, title="Initial learning rate"), Sweep(0.1, 0.5, 1.0)
    ] = 1.0,
    iterations: Annotated[
        int, Field(ge=1, title="Maximum number of iterations"), Sweep(1, 10)
    ] = 10,
    seed: Seed = 0,
) -> Any:
    """Predict which of two classes a row belongs to with a simple and fast linear model.

    Whenever a training row is on the wrong side, the weights move toward it; the model is
    the average of all weights on the way.

    Parameters
    ----------
    learning_rate : float
        How far the weights move. Since it scales all weights, it makes little difference.
    iterations : int
        How often each row is seen.
    seed : int
        Determines the order of the rows, and the folds of the calibration.

    Notes
    -----
    The averaged perceptron (Freund and Schapire 1999) with scikit-learn's ``SGDClassifier``.
    Features are standardized inside. Margins become probabilities by a logistic function (Platt
    1999) that is fitted to rows left out in five folds; a row is scored as the likelier class.

    Unlike in Azure ML designer, 0 is a fixed seed, and the values to sweep are part of the
    parameters.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    from modules.learning.estimators.margins import CalibratedLinearClassifier

    estimator = CalibratedLinearClassifier(
        "perceptron", eta0=learning_rate, passes=iterations, random_state=seed
    )
    return Pipeline([("scaler", StandardScaler()), ("learner", estimator)])
