"""One-vs-All Multiclass."""

from __future__ import annotations

from typing import Annotated

from modules.contract import Serving, Tasks, TriesValues, module
from modules.contract.code import CodeStep
from modules.values import UntrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.ensembles.code import write_several_classes
    from modules.learning.ensembles.several_classes import ONE_VS_ALL

    write_several_classes(step, ONE_VS_ALL, "One-vs-All")


@module(
    "One-vs-All Multiclass",
    outputs=("untrained_model",),
    keywords=("one versus rest", "ovr", "binary", "several classes"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def one_vs_all_multiclass(
    untrained_model: Annotated[UntrainedModel, Tasks("two-class"), TriesValues()],
) -> Annotated[UntrainedModel, Tasks("multiclass")]:
    """Train a two-class learner once for each class, against all others.

    It makes a learner for several classes of any that only knows two, a support vector machine
    for example.

    Parameters
    ----------
    untrained_model : UntrainedModel
        A two-class learner and its parameters.

    Returns
    -------
    untrained_model : UntrainedModel
        A multiclass learner, to be trained.

    Notes
    -----
    As scikit-learn's ``OneVsRestClassifier``: the probabilities of the models are divided by their
    sum, and the class with the largest one is scored. Rows are weighted by a weight column.

    As in Azure ML designer, there are no parameters: those of the two-class learner decide.
    """
    from modules.learning.ensembles.several_classes import ONE_VS_ALL, SeveralClassesLearner

    return SeveralClassesLearner(
        title=f"One-vs-All of {untrained_model.title}",
        task="multiclass",
        learner=__name__,
        sweep=untrained_model.sweep,
        search=untrained_model.search,
        learners=(untrained_model,),
        method=ONE_VS_ALL,
    )
