"""What the templates of fitted text features have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules.contract.code import CodeStep, TransformationFacts


def write_features(
    step: CodeStep, fit: Callable[..., Any], apply: Callable[..., Any], given: str, *, port: str
) -> str:
    """Write a step that fits features to its dataset and adds them.

    Parameters
    ----------
    fit : callable
        Returns the fields of the transformation for a frame.
    apply : callable
        Returns a frame with the features, for a frame and these fields.
    given : str
        Source of the arguments of ``fit`` after the frame.
    port : str
        The output port of the transformation, the last one.

    Returns
    -------
    str
        The variable of the fields.
    """
    frame, target, fitted = step.inputs["dataset"], step.outputs[0], step.outputs[-1]
    if fitted == "_":
        fitted = step.variable("fitted")
    step.write(f"{fitted} = {step.helper(fit)}({frame}, {given})")
    if target != "_":
        step.write(f"{target} = {step.helper(apply)}({frame}, {fitted})")
    step.know(
        port,
        TransformationFacts(lambda other, its, rows: f"{other.helper(apply)}({rows}, {its})"),
    )
    return fitted


def given(step: CodeStep, *parameters: str) -> str:
    """Return the source of keyword arguments of these parameters."""
    return ", ".join(f"{name}={step.source(name)}" for name in parameters)
