"""One-vs-One Multiclass."""

from __future__ import annotations

from typing import Annotated

from modules.contract import Serving, Tasks, TriesValues, module
from modules.contract.code import CodeStep
from modules.values import UntrainedModel


def _code(step: CodeStep) -> None:
    from modules.learning.ensembles.code import write_several_classes
    from modules.learning.ensembles.several_classes import ONE_VS_ONE

    write_several_classes(step, ONE_VS_ONE, "One-vs-One")


@module(
    "One-vs-One Multiclass",
    outputs=("untrained_model",),
    keywords=("pairwise", "ovo", "binary", "several classes", "coupling"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.DROP,
    code=_code,
)
def one_vs_one_multiclass(
    untrained_model: Annotated[UntrainedModel, Tasks("two-class"), TriesValues()],
) -> Annotated[UntrainedModel, Tasks("multiclass")]:
    """Train a two-class learner for each pair of classes.

    Each model only sees the rows of its two classes. There are many models, each quickly trained:
    45 for 10 classes.

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
    Probabilities of the pairs are coupled by the formula of Price, Knerr, Personnaz and Dreyfus
    (1995), which restores the probabilities of the classes exactly where the pairs agree; the
    class with the largest one is scored.

    Unlike in Azure ML designer, whose models vote, there are probabilities.
    """
    from modules.learning.ensembles.several_classes import ONE_VS_ONE, SeveralClassesLearner

    return SeveralClassesLearner(
        title=f"One-vs-One of {untrained_model.title}",
        task="multiclass",
        learner=__name__,
        sweep=untrained_model.sweep,
        search=untrained_model.search,
        learners=(untrained_model,),
        method=ONE_VS_ONE,
    )
