"""The templates of survival analysis: code without this project."""

from __future__ import annotations

from modules.contract import Role
from modules.contract.code import (
    CodeStep,
    LearnerFacts,
    ModelFacts,
    TableFacts,
    column_of,
    literal,
)
from modules.survival_analysis._durations import durations

_TASK = "survival"


def _write_durations(step: CodeStep, frame: str) -> tuple[str, str, str]:
    """Write the time, whether the event happened, and which rows have both."""
    names = [step.variable(name) for name in ("time", "happened", "known")]
    columns = ", ".join(
        literal(column_of(step, f"{each}_column")) for each in ("duration", "event")
    )
    value = f"{step.source('event_value')}.strip()"
    if not step.is_bound("event_value"):
        value = literal(step.value("event_value").strip())
    step.write(f"{', '.join(names)} = {step.helper(durations)}({frame}, {columns}, {value})")
    return names[0], names[1], names[2]


def write_curves(step: CodeStep) -> None:
    """Write the statements of Kaplan-Meier."""
    from modules.survival_analysis._curves import ALL, group_of_rows, survival_tables

    frame = step.inputs["dataset"]
    time, happened, known = _write_durations(step, frame)
    groups = step.variable("groups")
    if step.value("group_column").is_empty:
        found = f"{step.module('numpy', 'np')}.full(len({time}), {literal(ALL)}, dtype=object)"
    else:
        column = literal(column_of(step, "group_column"))
        found = f"{step.helper(group_of_rows)}({frame}, {column}, {known})"
    target = ", ".join(step.outputs[:2])
    tables = f"{step.helper(survival_tables)}({time}, {happened}, {groups}, "
    step.write(f"{groups} = {found}", f"{target} = {tables}{step.source('confidence')})")
    for port in ("curves", "groups"):
        step.know(port, TableFacts())


def write_cox_model(step: CodeStep) -> None:
    """Write the statements of Train Cox Model."""
    from modules.learning.code import write_features
    from modules.survival_analysis._cox import coefficient_table
    from modules.survival_analysis._exported import CoxRegression

    model, coefficients = step.outputs
    if model == "_":
        model = step.variable("model")
    frame, rows = step.inputs["dataset"], step.variable("rows")
    time, happened, known = _write_durations(step, frame)
    step.write(f"{rows} = {frame}[{known}].reset_index(drop=True)")
    targets = [column_of(step, "duration_column"), column_of(step, "event_column")]
    features = write_features(step, step.facts("dataset"), rows, targets)
    step.write(
        f"{model} = {step.helper(CoxRegression)}()",
        f"{model}.fit({features}, {time}, {happened})",
    )
    if coefficients != "_":
        table = step.helper(coefficient_table)
        step.write(
            f"{coefficients} = {table}({model}.names_, {model}.coefficients_, {model}.errors_)"
        )
    step.know("trained_model", ModelFacts(LearnerFacts("Cox Model", _TASK), None))
    step.know("coefficients", TableFacts(are_metrics=True))


def write_survival_scores(step: CodeStep) -> None:
    """Write the statements of Score Survival Model."""
    from modules.learning.number_lists import numbers_in
    from modules.learning.scoring_code import write_joined
    from modules.survival_analysis._cox import MEDIAN, RISK, SURVIVAL

    frame, table = step.inputs["dataset"], step.facts("dataset")
    given = f"{step.inputs['trained_model']}.scores({frame}"
    if step.is_bound("times"):
        given += f", {step.helper(numbers_in)}({step.source('times')})"
    elif times := numbers_in(step.value("times")):
        given += f", {literal(times)}"
    scores = step.variable("scores")
    step.write(f"{scores} = {given})")
    write_joined(step, step.outputs[0], frame, scores, True, None)
    known = table.with_roles(dict.fromkeys((RISK, MEDIAN), Role.SCORE))
    prefixes = (*table.score_prefixes, SURVIVAL)
    step.know("scored_dataset", TableFacts(known.roles, table.scores, prefixes))


def write_survival_evaluation(step: CodeStep) -> None:
    """Write the statements of Evaluate Survival Model."""
    from modules.survival_analysis._cox import concordance_table

    frame, risk = step.inputs["scored_dataset"], literal(column_of(step, "risk_column"))
    rows = step.variable("rows")
    step.write(f"{rows} = {frame}.dropna(subset={risk}, ignore_index=True)")
    time, happened, known = _write_durations(step, rows)
    table = f"{step.helper(concordance_table)}({time}, {happened}, {rows}.loc[{known}, {risk}])"
    step.write(f"{step.outputs[0]} = {table}")
    step.know("evaluation", TableFacts(are_metrics=True))
