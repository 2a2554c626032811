"""Templates of modules that fit a transformation, as code without this project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules.contract.code import CodeStep, TransformationFacts
from modules.values import Transformation


def write_fitted(
    step: CodeStep, fit: Callable[..., Any], kind: type[Transformation], *, port: str, given: str
) -> None:
    """Write a step that fits a transformation to its dataset and applies it.

    Parameters
    ----------
    fit : callable
        Returns the fields of the transformation for a frame; it is copied into the code.
    kind : type
        The transformation, which has a function of frames.
    port : str
        The output port of the transformation.
    given : str
        Source of the arguments of ``fit`` after the frame.
    """
    frame, (target, fitted) = step.inputs["dataset"], step.outputs
    if fitted == "_":
        fitted = step.variable("fitted")
    step.write(f"{fitted} = {step.helper(fit)}({frame}, {given})")
    facts = facts_of(kind)
    assert facts is not None
    if target != "_":
        step.write(f"{target} = {facts.apply(step, fitted, frame)}")
    step.know(port, facts)


def facts_of(kind: type[Transformation]) -> TransformationFacts | None:
    """Return how a transformation is applied; None if it has no function of frames."""
    apply = kind.on_frames
    if apply is None:
        return None
    return TransformationFacts(
        lambda step, fitted, frame: f"{step.helper(apply)}({frame}, {fitted})"
    )


def arguments(step: CodeStep, *parameters: str) -> str:
    """Return the source of further keyword arguments: parameters that aren't the default."""
    given = [name for name in parameters if step.is_given(name)]
    return "".join(f", {name}={step.source(name)}" for name in given)
