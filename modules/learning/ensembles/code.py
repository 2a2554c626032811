"""Templates of learners of learners, as code without this project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modules.contract.code import CodeStep, LearnerFacts, literal
from modules.learning.evaluation.trained_code import learner_of


def frame_learner(step: CodeStep, facts: LearnerFacts, learner: str) -> str:
    """Return the source of a learner of frames.

    Parameters
    ----------
    learner : str
        Source of what the facts are about.
    """
    from modules.learning.ensembles.exported import FrameLearner
    from modules.learning.exported import one_hot_encoder, ordinal_encoder

    if facts.labels:
        step.refuse("its learner is a Python class, which other learners can't train in code")
    if facts.on_frames:
        return learner
    if facts.encoding == "codes":
        encoder, other = step.helper(ordinal_encoder), not facts.takes_missing
    else:
        encoder, other = step.helper(one_hot_encoder), facts.takes_missing
    if other:
        filled = f"fill_missing={not facts.takes_missing}"
        encoder = f"{step.name('functools', 'partial')}({encoder}, {filled})"
    more = f", weights={literal(facts.weights)}" if facts.weights else ""
    if facts.categorical_parameter:
        more += f", categorical_parameter={literal(facts.categorical_parameter)}"
    return f"{step.helper(FrameLearner)}({encoder}, {learner}{more})"


def write_wrapped(step: CodeStep, wrap: Callable[[str], str], title: str, **changes: Any) -> None:
    """Write a learner of another one, whose parameters it has.

    Parameters
    ----------
    wrap : callable
        Returns the source of the learner for that of a learner of frames.
    title : str
        What it is called, with ``{}`` for the title of the other one: ``Calibrated {}``.
    **changes
        Facts that are different.
    """
    facts, (output,) = learner_of(step), step.outputs
    given, tries, maker = step.inputs["untrained_model"], step.readers("untrained_model"), ""
    if facts.maker and any(tries):
        maker = output if all(tries) else step.variable(f"make_{output}")
        made = wrap(frame_learner(step, facts, f"{facts.maker}(**setting)"))
        step.write(f"def {maker}(**setting):")
        with step.indented():
            step.write('"""Return the learner with a setting."""', f"return {made}", "")
    if maker != output:
        learner = f"{given}()" if given == facts.maker else given
        step.write(f"{output} = {wrap(frame_learner(step, facts, learner))}")
    known = replace(
        facts,
        title=title.format(facts.title),
        on_frames=True,
        weights=("sample_weight",),
        maker=maker,
        companions=(maker,) if maker not in ("", output) else (),
        **changes,
    )
    step.know("untrained_model", known)


def write_several_classes(step: CodeStep, method: str, title: str) -> None:
    """Write a learner of two classes as one for more.

    Parameters
    ----------
    method : str
        As in :class:`modules.learning.ensembles.several_classes.SeveralClassesLearner`.
    """
    from modules.learning.ensembles.exported import SeveralClassesClassifier

    kind = step.helper(SeveralClassesClassifier)
    write_wrapped(
        step,
        lambda learner: f"{kind}({literal(method)}, {learner})",
        f"{title} of {{}}",
        task="multiclass",
    )


def write_calibrated(step: CodeStep) -> None:
    """Write Calibrate Probabilities."""
    from modules.learning.ensembles.exported import CalibratedClassifier

    names = ["method", "folds", "seed"]
    if step.value("rows") != "folds":
        names = ["method", "held_out", "seed"]
    options = "".join(
        f", {name}={step.source(name)}"
        for name in names
        if step.is_given(name) or name == "held_out"
    )
    kind = step.helper(CalibratedClassifier)
    write_wrapped(
        step,
        lambda learner: f"{kind}({learner}{options})",
        "Calibrated {}",
        folds=step.value("rows") == "folds",
    )


def write_members(step: CodeStep, ports: list[str]) -> tuple[str, LearnerFacts]:
    """Return the source of a list of the learners, and what is known of the first."""
    known = [learner_of(step, port) for port in ports]
    members = [
        frame_learner(step, facts, step.inputs[port])
        for port, facts in zip(ports, known, strict=True)
    ]
    facts = LearnerFacts(
        "",
        known[0].task,
        weights=("sample_weight",),
        on_frames=True,
        folds=any(each.folds for each in known),
    )
    return f"[{', '.join(members)}]", facts
