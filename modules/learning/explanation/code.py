"""What templates of explanations need, as code without this project."""

from __future__ import annotations

from dataclasses import dataclass

from modules.contract.code import CodeStep, ModelFacts, literal


@dataclass(frozen=True)
class ExplainedModel:
    """A model with what explains it, as sources.

    Parameters
    ----------
    training : str
        The rows that it was trained on.
    options : str
        The further arguments of :func:`modules.learning.explanation.exported.shapley_values`.
    """

    facts: ModelFacts
    source: str
    training: str
    options: str

    def arguments(self, frame: str) -> str:
        """Return the arguments that explain a frame."""
        return f"{self.source}, {frame}, {self.training}, {self.options}"


def explained_model(step: CodeStep) -> ExplainedModel:
    """Return the model of a step; its training rows go along with it from now on."""
    facts = step.facts("trained_model")
    if not isinstance(facts, ModelFacts) or facts.label is None:
        step.refuse("what its model predicts isn't known before the run")
    learner, training = facts.learner, facts.training
    if learner.on_frames or learner.labels or facts.threshold:
        step.refuse(f"{learner.title} consists of other models; explain one of those")
    if training is None:
        step.refuse("the rows that its model was trained on aren't known")
    training.is_read = True
    rows = f"{training.source}.dropna(subset={literal(facts.label)})"
    options = ", ".join(
        [
            f"task={literal(learner.task)}",
            *(f"{name}={step.source(name)}" for name in ("permutations", "seed")),
        ]
    )
    return ExplainedModel(facts, step.inputs["trained_model"], rows, options)
