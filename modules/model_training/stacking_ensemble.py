"""Stacking Ensemble."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from modules.contract import PREDICTING, Serving, module
from modules.contract.code import CodeStep, LearnerFacts
from modules.contract.registry.automated import Combination
from modules.learning.compiled.linear import Linear
from modules.learning.learner_parameters import Seed
from modules.learning.trusted import LINEAR, LOGISTIC
from modules.values import UntrainedModel

_Learner = Annotated[UntrainedModel, PREDICTING]


def _code(step: CodeStep) -> None:
    from modules.learning.code import constructor, weights_parameters
    from modules.learning.ensembles.code import frame_learner, write_members
    from modules.learning.ensembles.exported_members import Stacking
    from modules.learning.evaluation.trained_code import learner_of

    ports = [port for port in step.inputs if port != "combining_model"]
    members, facts = write_members(step, ports)
    if "combining_model" in step.inputs:
        its = learner_of(step, "combining_model")
        final = frame_learner(step, its, step.inputs["combining_model"])
    else:
        made = _default_estimator(facts.task)
        its = LearnerFacts("", facts.task, weights=weights_parameters(made))
        final = frame_learner(step, its, constructor(step, made))
    options = "".join(
        f", {name}={step.source(name)}"
        for name in ("folds", "keep_features", "seed")
        if step.is_given(name)
    )
    step.write(f"{step.outputs[0]} = {step.helper(Stacking)}({members}, {final}{options})")
    title = f"Stacking of {len(ports)} models"
    step.know("untrained_model", replace(facts, title=title, folds=True))


@module(
    "Stacking Ensemble",
    outputs=("untrained_model",),
    keywords=("stack", "blend", "combine models", "meta learner", "super learner"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    compiled=Linear(),
    trusted=(*LOGISTIC, *LINEAR),
    # The last input is for the learner that combines the others.
    automated=Combination("stack", lambda weights, seed: {"seed": seed}, members=4),
    code=_code,
)
def stacking_ensemble(
    model_1: _Learner,
    model_2: _Learner,
    model_3: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_4: Annotated[UntrainedModel | None, PREDICTING] = None,
    combining_model: Annotated[UntrainedModel | None, PREDICTING] = None,
    *,
    folds: Annotated[int, Field(ge=2, le=50, title="Number of folds")] = 5,
    keep_features: Annotated[bool, Field(title="Combine with the features")] = False,
    seed: Seed = 0,
) -> _Learner:
    """Train several learners, and another one that learns how to combine what they predict.

    Unlike in Voting Ensemble, a model that is better where others are worse has more weight there.

    Parameters
    ----------
    model_1 : UntrainedModel
        A classification or regression learner.
    model_2 : UntrainedModel
        Another learner of the same kind, two-class for example, best of a different family.
    model_3 : UntrainedModel, optional
        A third one.
    model_4 : UntrainedModel, optional
        A fourth one.
    combining_model : UntrainedModel, optional
        The learner that combines the predictions; a simple one is usually best. By default
        logistic regression for classes, and ridge regression of the standardized predictions for
        numbers, both with an L2 penalty of 1.
    folds : int
        The combining model is trained on predictions for rows that the models weren't trained
        on: each model is trained once on all rows and once without each fold. A column with the
        fold role (from Partition and Sample) determines the folds instead.
    keep_features : bool
        The combining model reads the features besides the predictions.
    seed : int
        Determines which row is in which fold.

    Returns
    -------
    untrained_model : UntrainedModel
        A learner that trains all of them, for Train Model, Cross Validate Model, and so on.

    Notes
    -----
    Wolpert (1992), as scikit-learn's ``StackingClassifier`` and ``StackingRegressor``: of two
    classes the combining model reads the probability of the positive one, of several the
    probability of each, and of a regression the number. Rows are weighted by a weight column for
    the models that support it.
    """
    from modules.learning.ensembles.parts import connected, task_of
    from modules.learning.ensembles.stacking import StackingLearner

    given = connected(model_1, model_2, model_3, model_4)
    task = task_of(given)
    final = combining_model or _default(task)
    task_of({"model_1": model_1, "combining_model": final})
    learners = tuple(given.values())
    return StackingLearner(
        title=f"Stacking of {len(learners)} models",
        task=task,
        learner=__name__,
        parameters={"folds": folds, "keep_features": keep_features, "seed": seed},
        learners=(*learners, final),
    )


def _default(task: str) -> UntrainedModel:
    """Return the learner that combines predictions if none is connected."""
    from modules.learning.sklearn_learner import SklearnLearner

    regression = task == "regression"
    return SklearnLearner(
        title="Linear Regression" if regression else "Logistic Regression",
        task=task,
        learner=__name__,
        estimator=_default_estimator(task),
        form=Linear(),
        trusted=frozenset((*LOGISTIC, *LINEAR)),
    )


def _default_estimator(task: str) -> Any:
    from modules.learning.estimators.standardized import after_scaler
    from modules.learning.solvers.least_squares import ScaledRidge
    from modules.learning.solvers.logistic import PreconditionedLogisticRegression

    if task == "regression":
        return after_scaler(ScaledRidge(alpha=1.0))
    return PreconditionedLogisticRegression(C=1.0, tol=1e-8, max_iter=1_000)
