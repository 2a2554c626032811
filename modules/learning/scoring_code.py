"""Scoring with a trained model, as code without this project."""

from __future__ import annotations

from dataclasses import replace

from modules.contract.code import CodeStep, ModelFacts, ScoreFacts, TableFacts, literal
from modules.contract.data_table import Role
from modules.values.score_columns import (
    ASSIGNMENTS,
    DISTANCE,
    QUANTILE,
    SCORED_LABELS,
    SCORED_PROBABILITIES,
    probability_names,
)


def write_scored(step: CodeStep, output: str, *, append: bool) -> None:
    """Write the statements of a step that scores a dataset with a trained model.

    Parameters
    ----------
    output : str
        The output port.
    append : bool
        Keep all columns of the dataset, or only the label.
    """
    model: ModelFacts = step.facts("trained_model")
    if not isinstance(model, ModelFacts):
        step.refuse("what its model predicts isn't known before the run")
    scores = step.variable("scores")
    facts = write_scores(step, model, step.inputs["trained_model"], step.inputs["dataset"], scores)
    table: TableFacts = step.facts("dataset")
    roles = table.roles if model.label is None else {**table.roles, model.label: Role.LABEL}
    write_joined(step, step.outputs[0], step.inputs["dataset"], scores, append, model.label)
    step.know(output, with_scores(TableFacts(roles, facts, table.score_prefixes)))


def with_scores(facts: TableFacts) -> TableFacts:
    """Return the facts with the score role for all score columns."""
    names = (SCORED_LABELS, SCORED_PROBABILITIES, ASSIGNMENTS)
    more = replace(facts, score_prefixes=(f"{SCORED_PROBABILITIES}_", DISTANCE, QUANTILE))
    return more.with_roles(dict.fromkeys(names, Role.SCORE))


def write_joined(
    step: CodeStep, target: str, frame: str, scores: str, append: bool, label: str | None
) -> None:
    """Write the statement that adds score columns; they replace columns of the same names."""
    concat = f"{step.module('pandas', 'pd')}.concat"
    kept = f"{frame}.filter([{'' if label is None else literal(label)}])"
    if append:
        kept = f'{frame}.drop(columns=list({scores}), errors="ignore")'
    step.write(f"{target} = {concat}([{kept}, {scores}], axis=1)")


def write_scores(
    step: CodeStep, model: ModelFacts, source: str, frame: str, scores: str
) -> ScoreFacts:
    """Write the statements that compute the score columns of a frame.

    Parameters
    ----------
    source, frame : str
        The variables of the model and the frame.
    scores : str
        The variable of the frame with the score columns.
    """
    pd = step.module("pandas", "pd")
    task, title = model.learner.task, model.learner.title
    if model.learner.labels:
        step.write(f"{scores} = {source}.scores({frame})")
        return ScoreFacts(task, SCORED_LABELS, model.label, title, model.classes)
    if task == "clustering":
        distances = step.variable("distances")
        names = f'[f"{DISTANCE}{{number}}" for number in range({distances}.shape[1])]'
        clusters = f"{distances}.argmin(axis=1)"
        if model.learner.assigns:
            clusters = f"{source}.predict({frame})"
        step.write(
            f"{distances} = {source}.transform({frame})",
            f"{scores} = {pd}.DataFrame({distances}, columns={names})",
            f"{scores}.insert(0, {literal(ASSIGNMENTS)}, {clusters})",
        )
        return ScoreFacts(task, ASSIGNMENTS, None, title)
    if task == "anomaly":
        inner = (
            f"{literal(SCORED_LABELS)}: {source}.predict({frame}), "
            f"{literal(SCORED_PROBABILITIES)}: {source}.predict_proba({frame})[:, 1]"
        )
        step.write(f"{scores} = {pd}.DataFrame({{{inner}}})")
        return ScoreFacts(task, SCORED_LABELS, model.label, title, "[0, 1]")
    if task not in ("two-class", "multiclass"):
        predicted = f"{source}.predict({frame})"
        step.write(f"{scores} = {pd}.DataFrame({{{literal(SCORED_LABELS)}: {predicted}}})")
        quantiles = "quantiles" in model.learner.parameters
        if quantiles:
            found, forest = step.variable("quantiles"), f"{source}[-1]"
            names = f'[f"{QUANTILE}{{quantile:g}}" for quantile in {forest}.quantiles]'
            step.write(
                f"{found} = {forest}.predict_quantiles("
                f"{source}[:-1].transform({frame}), {forest}.quantiles)",
                f"{scores} = {scores}.join({pd}.DataFrame({found}, columns={names}))",
            )
        return ScoreFacts(task, SCORED_LABELS, model.label, title, quantiles=quantiles)
    probabilities = step.variable("probabilities")
    labels = f"{model.classes}[{probabilities}.argmax(axis=1)]"
    if model.threshold:
        labels = f"{model.classes}[{source}.predict({frame})]"
    step.write(f"{probabilities} = {source}.predict_proba({frame})")
    if task == "two-class":
        columns = {SCORED_LABELS: labels, SCORED_PROBABILITIES: f"{probabilities}[:, 1]"}
        inner = ", ".join(f"{literal(name)}: {column}" for name, column in columns.items())
        step.write(f"{scores} = {pd}.DataFrame({{{inner}}})")
    else:
        names = f"{step.helper(probability_names)}({model.classes})"
        step.write(
            f"{scores} = {pd}.DataFrame({probabilities}, columns={names})",
            f"{scores}.insert(0, {literal(SCORED_LABELS)}, {labels})",
        )
    return ScoreFacts(task, SCORED_LABELS, model.label, title, model.classes)
