"""The template of Evaluate Model: metrics as code without this project."""

from __future__ import annotations

from dataclasses import replace

from modules.contract import Role
from modules.contract.code import CodeStep, ScoreFacts, TableFacts, literal
from modules.scoring_evaluation._exported import (
    cluster_evaluation,
    compared,
    multiclass_evaluation,
    regression_evaluation,
    two_class_evaluation,
)
from modules.values.score_columns import DISTANCE, QUANTILE, SCORED_PROBABILITIES


def write_evaluation(step: CodeStep) -> None:
    """Write the statements of Evaluate Model."""
    ports = list(step.inputs)
    calls = [
        evaluation(step, step.inputs[port], scores_of_input(step, port), _features(step, port))
        for port in ports
    ]
    if len(ports) == 1:
        step.write(f"{step.outputs[0]} = {calls[0]}")
        return
    learners = [scores_of_input(step, port).learner for port in ports]
    titles = [port[:1].upper() + port[1:].replace("_", " ") for port in ports]
    if len(set(learners)) < len(learners) or not all(learners):
        learners = [
            f"{learner} ({title.lower()})" if learner else title
            for learner, title in zip(learners, titles, strict=True)
        ]
    names = literal(learners)
    step.write(f"{step.outputs[0]} = {step.helper(compared)}({calls[0]}, {calls[1]}, {names})")


def evaluation(step: CodeStep, frame: str, scores: ScoreFacts, features: str = "") -> str:
    """Return the source of the evaluation of a scored frame.

    Parameters
    ----------
    features : str
        Source of the columns that silhouettes of clusters are computed from.
    """
    scored = f"{frame}[{literal(scores.scored)}]"
    if scores.task == "clustering":
        matrix = f'{frame}.filter(regex="^({scores.scored}$|{DISTANCE})")'
        return f"{step.helper(cluster_evaluation)}({matrix}, {features})"
    if scores.label is None:
        step.refuse("the label of the scored dataset isn't known before the run")
    label = f"{frame}[{literal(scores.label)}]"
    if scores.task == "regression":
        given = f"{label}, {scored}"
        if scores.quantiles:
            given += f", {frame}.filter(like={literal(QUANTILE)})"
        return f"{step.helper(regression_evaluation)}({given})"
    if scores.task == "multiclass":
        given = f'{frame}.filter(like="{SCORED_PROBABILITIES}_")'
        arguments = f"{label}, {scored}, {given}, {scores.classes}"
        return f"{step.helper(multiclass_evaluation)}({arguments})"
    given = f"{frame}[{literal(SCORED_PROBABILITIES)}]"
    arguments = f"{label}, {scored}, {given}, {scores.classes}"
    return f"{step.helper(two_class_evaluation)}({arguments})"


def _features(step: CodeStep, port: str) -> str:
    """Write the columns that silhouettes need; return their variable, empty for other tasks."""
    facts: TableFacts = step.facts(port)
    if facts.scores is None or facts.scores.task != "clustering":
        return ""
    roles, features = list(facts.roles), step.variable("features")
    dropped = f'.drop(columns={literal(roles)}, errors="ignore")' if roles else ""
    step.write(f'{features} = {step.inputs[port]}{dropped}.select_dtypes(["number", "bool"])')
    return features


def write_judged(step: CodeStep, port: str, scores: ScoreFacts) -> str:
    """Write the rows of a scored input that are right or wrong; return their variable."""
    from modules.learning.explanation.errors_of_rows import judged_rows

    rows = step.variable("rows")
    names = f"{literal(scores.task)}, {literal(scores.label)}, {literal(scores.scored)}"
    classes = ""
    if scores.classes:
        listed = scores.classes.startswith("[")
        classes = f", ({scores.classes[1:-1]})" if listed else f", tuple({scores.classes})"
    step.write(f"{rows} = {step.helper(judged_rows)}({step.inputs[port]}, {names}{classes})")
    return rows


def scores_of_input(step: CodeStep, port: str) -> ScoreFacts:
    """Return how an input was scored, with the label that the scores are compared with."""
    facts: TableFacts = step.facts(port)
    if facts.scores is None:
        step.refuse("how its dataset was scored isn't known before the run")
    if facts.scores.label is None:
        labels = facts.having_role(Role.LABEL)
        if labels:
            return replace(facts.scores, label=labels[0])
    return facts.scores
