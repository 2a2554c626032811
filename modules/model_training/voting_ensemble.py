"""Voting Ensemble."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from modules.contract import PREDICTING, Numbers, Serving, module
from modules.contract.code import CodeStep, literal
from modules.contract.registry.automated import Combination
from modules.values import UntrainedModel

_Learner = Annotated[UntrainedModel, PREDICTING]


def _code(step: CodeStep) -> None:
    from modules.learning.ensembles.code import write_members
    from modules.learning.ensembles.exported_members import Voting
    from modules.learning.ensembles.voting import MAJORITY
    from modules.learning.number_lists import numbers_in

    members, facts = write_members(step, list(step.inputs))
    options = ""
    if step.is_bound("weights"):
        options = f", weights={step.helper(numbers_in)}({step.source('weights')})"
    elif weights := numbers_in(step.value("weights")):
        options = f", weights={literal(weights)}"
    if facts.task != "regression" and step.value("method") == MAJORITY:
        options += ", votes=True"
    step.write(f"{step.outputs[0]} = {step.helper(Voting)}({members}{options})")
    title = f"Voting of {len(step.inputs)} models"
    step.know("untrained_model", replace(facts, title=title))


@module(
    "Voting Ensemble",
    outputs=("untrained_model",),
    keywords=("vote", "average", "blend", "combine models", "majority", "committee"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    automated=Combination(
        "weights", lambda weights, seed: {"weights": ", ".join(map(str, weights))}, members=10
    ),
    code=_code,
)
def voting_ensemble(
    model_1: _Learner,
    model_2: _Learner,
    model_3: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_4: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_5: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_6: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_7: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_8: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_9: Annotated[UntrainedModel | None, PREDICTING] = None,
    model_10: Annotated[UntrainedModel | None, PREDICTING] = None,
    *,
    method: Annotated[
        Literal["average of probabilities", "majority vote"],
        Field(title="How classes are combined"),
    ] = "average of probabilities",
    weights: Annotated[str, Numbers(), Field(title="Weights of the models")] = "",
) -> _Learner:
    """Train several learners and predict the average of what they predict.

    The average of different models is often better than the best of them, because their errors
    partly cancel out.

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
    model_5 : UntrainedModel, optional
        A fifth one.
    model_6 : UntrainedModel, optional
        A sixth one.
    model_7 : UntrainedModel, optional
        A seventh one.
    model_8 : UntrainedModel, optional
        An eighth one.
    model_9 : UntrainedModel, optional
        A ninth one.
    model_10 : UntrainedModel, optional
        A tenth one.
    method : str
        For classes: the average of the probabilities, or the share of the models that predict
        the class. Regression always predicts the average.
    weights : str
        A positive number for each connected model, separated by commas. Empty for equal weights.

    Returns
    -------
    untrained_model : UntrainedModel
        A learner that trains all of them, for Train Model, Cross Validate Model, and so on.

    Notes
    -----
    As scikit-learn's ``VotingClassifier`` and ``VotingRegressor``, but each model encodes columns
    and treats missing values in its own way. With ``majority vote`` the probabilities are the
    shares of the votes; of several classes with equal shares the first in their order wins, of
    two the negative one. Rows are weighted by a weight column for the models that support it.
    """
    from modules.learning.ensembles.parts import connected, task_of
    from modules.learning.ensembles.voting import VotingLearner
    from modules.learning.number_lists import weights_in

    given = connected(
        model_1, model_2, model_3, model_4, model_5, model_6, model_7, model_8, model_9, model_10
    )  # fmt: skip
    task = task_of(given)
    learners = tuple(given.values())
    weights_in(weights, len(learners))
    return VotingLearner(
        title=f"Voting of {len(learners)} models",
        task=task,
        learner=__name__,
        parameters={"method": method, "weights": weights},
        learners=learners,
    )
