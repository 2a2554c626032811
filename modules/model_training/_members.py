"""The learners that Voting and Stacking train."""

from __future__ import annotations

from modules.contract import ModuleError
from modules.values import UntrainedModel


def task_of(learners: tuple[UntrainedModel, ...], port: str) -> str:
    """Return the task of all learners.

    Parameters
    ----------
    port : str
        The input of a learner that doesn't fit the others, for errors.

    Raises
    ------
    ModuleError
        If they don't have the same one.
    """
    first = learners[0]
    for learner in learners[1:]:
        if learner.task != first.task:
            raise ModuleError(
                "different-tasks",
                f"{first.title} is a {first.task} learner, but {learner.title} a {learner.task} "
                "learner.",
                "Use learners of the same kind. One-vs-All Multiclass makes a multiclass learner "
                "of a two-class one.",
                port=port,
            )
    return first.task
