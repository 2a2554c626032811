"""Learners that are trained many times, as code without this project.

Two functions inside of ``main``: one trains the learner, the other measures what it learned.
"""

from __future__ import annotations

from dataclasses import dataclass

from modules.contract import Role
from modules.contract.code import CodeStep, LearnerFacts, ModelFacts, TableFacts, literal
from modules.learning.code import write_training
from modules.learning.evaluation.folds_code import write_splits
from modules.learning.scoring_code import write_scores
from modules.learning.tuning.exported import (
    metrics_of_classes,
    metrics_of_regression,
    metrics_of_two_classes,
)

_METRICS = {
    "regression": metrics_of_regression,
    "two-class": metrics_of_two_classes,
    "multiclass": metrics_of_classes,
}


@dataclass(frozen=True)
class Trained:
    """The functions of a learner.

    Parameters
    ----------
    train : str
        Returns the model for rows, with its classes if it has any.
    measure : str
        Returns the metrics of what ``train`` returned, for other rows.
    """

    train: str
    measure: str
    facts: ModelFacts


def learner_of(step: CodeStep, port: str = "untrained_model") -> LearnerFacts:
    """Return what is known of the learner at an input."""
    learner = step.facts(port)
    if not isinstance(learner, LearnerFacts):
        step.refuse("its learner isn't known")
    return learner


def write_trained(
    step: CodeStep,
    label: str,
    *,
    by_columns: bool = False,
    port: str = "untrained_model",
    measure: str = "",
) -> Trained:
    """Write the functions of the learner at an input.

    Parameters
    ----------
    by_columns : bool
        ``train`` has a second argument, the columns to train on.
    measure : str
        A function that was written for a learner of the same kind.
    """
    train, positive = step.variable("trained"), ""
    if "positive_class" in step.parameters and step.is_given("positive_class"):
        positive = step.source("positive_class")
    with step.local():
        rows, model = step.variable("rows"), step.variable("model")
        columns = step.variable("columns") if by_columns else ""
        step.write(f"def {train}({rows}{f', {columns}' if columns else ''}):")
        with step.indented():
            step.write('"""Return the learner trained on rows."""')
            facts = write_training(
                step,
                model,
                label,
                frame=rows,
                features=columns,
                positive=positive,
                fresh=True,
                learner_port=port,
            )
            step.write(f"return {returned(model, facts)}", "")
    return Trained(train, measure or _write_measure(step, label, facts), facts)


def _write_measure(step: CodeStep, label: str, facts: ModelFacts) -> str:
    measure = step.variable("measured")
    with step.local():
        model, rows, scores = map(step.variable, ("model", "rows", "scores"))
        fitted = step.variable("fitted") if facts.classes else model
        step.write(f"def {measure}({fitted}, {rows}):")
        with step.indented():
            step.write('"""Return how well a model predicts rows."""')
            if facts.classes:
                step.write(f"{returned(model, facts)} = {fitted}")
            write_measurement(step, label, facts, model, rows, scores)
    step.write("")
    return measure


def write_measurement(
    step: CodeStep, label: str, facts: ModelFacts, model: str, rows: str, scores: str
) -> None:
    """Write the statements that return the metrics of a model for rows."""
    write_scores(step, facts, model, rows, scores)
    arguments = [f"{rows}[{literal(label)}]", scores, facts.classes]
    called = step.helper(_METRICS[facts.learner.task])
    step.write(f"return {called}({', '.join(filter(None, arguments))})")


def returned(model: str, facts: ModelFacts) -> str:
    """Return the source of what training returns: the model, and its classes."""
    return f"{model}, {facts.classes}" if facts.classes else model


def write_labeled(step: CodeStep, label: str, port: str = "dataset") -> tuple[str, list[str]]:
    """Write the rows with a label and a fold; return their variable, and the fold column."""
    table: TableFacts = step.facts(port)
    folds = table.having_role(Role.FOLD)[:1]
    labeled = step.variable("labeled")
    subset = literal([label, *folds] if folds else label)
    step.write(f"{labeled} = {step.inputs[port]}.dropna(subset={subset}, ignore_index=True)")
    return labeled, folds


def write_parts(
    step: CodeStep,
    learner: LearnerFacts,
    label: str,
    labeled: str,
    folds: list[str],
    seed: str = "",
) -> tuple[str, str]:
    """Write the rows to train on and those to evaluate on, for each fold.

    Parameters
    ----------
    labeled, folds, seed : str
        As of :func:`modules.learning.evaluation.folds_code.write_splits`.

    Returns
    -------
    tuple of (str, str)
        The variable of the parts, and the source of the numbers of the folds.
    """
    parts = step.variable("parts")
    splits, numbers = write_splits(step, learner, labeled, label, folds, seed)
    rows = [f"{labeled}.iloc[{each}].reset_index(drop=True)" for each in ("fitted", "tested")]
    step.write(f"{parts} = [({', '.join(rows)}) for fitted, tested in {splits}]")
    return parts, numbers
