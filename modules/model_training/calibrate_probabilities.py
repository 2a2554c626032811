"""Calibrate Probabilities."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import Serving, Tasks, TriesValues, When, module
from modules.contract.code import CodeStep
from modules.learning.learner_parameters import Seed
from modules.values import UntrainedModel

_Classifier = Annotated[UntrainedModel, Tasks("two-class", "multiclass")]


def _code(step: CodeStep) -> None:
    from modules.learning.ensembles.code import write_calibrated

    write_calibrated(step)


@module(
    "Calibrate Probabilities",
    outputs=("untrained_model",),
    keywords=("calibration", "platt", "isotonic", "sigmoid", "reliability", "log loss"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def calibrate_probabilities(
    untrained_model: Annotated[_Classifier, TriesValues()],
    *,
    method: Annotated[Literal["sigmoid", "isotonic"], Field(title="Method")] = "sigmoid",
    rows: Annotated[
        Literal["folds", "held-out rows"], Field(title="Rows to calibrate on")
    ] = "folds",
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds"), When(rows="folds")] = 5,
    held_out: Annotated[
        float, Field(gt=0, lt=1, title="Share of held-out rows"), When(rows="held-out rows")
    ] = 0.25,
    seed: Seed = 0,
) -> _Classifier:
    """Correct the probabilities of a classifier, so that 80 of 100 rows with 0.8 are positive.

    Use it when the probabilities themselves matter: to compute expected costs or to compare
    risks. Decision forests, boosted trees, naive Bayes, and support vector machines are often too
    sure or not sure enough.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A two-class or multiclass learner.
    method : str
        ``sigmoid``: two numbers for each class, for small datasets. ``isotonic``: any increasing
        function, for thousands of rows; fewer are overfitted.
    rows : str
        ``folds``: every row is predicted by a model that wasn't trained on it, and the final model
        is trained on all rows. ``held-out rows``: some rows are only used to calibrate, which
        trains the learner once.
    folds : int
        How often the learner is trained besides. A column with the fold role (from Partition and
        Sample) determines the folds instead.
    held_out : float
        How many rows of each class are held out of training.
    seed : int
        Determines which row is in which fold, or held out.

    Returns
    -------
    untrained_model : UntrainedModel
        A learner with calibrated models, for Train Model, Cross Validate Model, and so on.

    Notes
    -----
    As scikit-learn's ``CalibratedClassifierCV`` with ``ensemble=False``. ``sigmoid`` fits
    ``1 / (1 + exp(-(a log(p / (1 - p)) + b)))`` with the targets of Platt (1999); probabilities
    below 0.000001 count as 0.000001, and those above 0.999999 as 0.999999. ``isotonic`` fits
    increasing steps (Zadrozny and Elkan 2002) and interpolates between them. Of several classes,
    each is calibrated against the others, and the results are divided by their sum. Rows are
    weighted by a weight column.
    """
    from modules.learning.ensembles.calibration import CalibratedLearner

    return CalibratedLearner(
        title=f"Calibrated {untrained_model.title}",
        task=untrained_model.task,
        learner=__name__,
        sweep=untrained_model.sweep,
        search=untrained_model.search,
        learners=(untrained_model,),
        options={
            "method": method,
            "rows": rows,
            "folds": folds,
            "held_out": held_out,
            "seed": seed,
        },
    )
