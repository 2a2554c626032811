"""The template of Cross Validate Model: code without this project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modules.contract import Role
from modules.contract.code import CodeStep, LearnerFacts, TableFacts, literal
from modules.scoring_evaluation._evaluation_code import evaluation
from modules.values.score_columns import SCORED_LABELS, probability_names

FOLD = "Fold Number"
COUNT = "Number of examples in fold"


def write_cross_validation(
    step: CodeStep,
    *,
    by_fold: Callable[..., Any],
    in_order: Callable[..., Any],
    counted: Callable[..., Any],
) -> None:
    """Write the statements of Cross Validate Model.

    Parameters
    ----------
    by_fold, in_order, counted : callable
        Functions that are copied: the table of the metrics by fold, the scores in the order of
        the rows, and the metrics of a fold with undefined ones counted.
    """
    from modules.learning.code import label_of_training, write_training
    from modules.learning.evaluation.folds_code import write_splits
    from modules.learning.scoring_code import with_scores, write_scores

    pd = step.module("pandas", "pd")
    label = label_of_training(step)
    table: TableFacts = step.facts("dataset")
    learner: LearnerFacts = step.facts("untrained_model")
    names = {name: step.variable(name) for name in _VARIABLES}
    rows, test, scores = names["labeled"], names["test"], names["scores"]
    folds = table.having_role(Role.FOLD)[:1]
    subset = literal([label, *folds] if folds else label)
    step.write(f"{rows} = {step.inputs['dataset']}.dropna(subset={subset}, ignore_index=True)")
    splits, numbers = write_splits(step, learner, rows, label, folds)
    step.write(f"{names['parts']}, {names['positions']}, {names['records']} = [], [], []")
    step.write(f"for {names['training']}, {names['testing']} in {splits}:")
    with step.indented():
        step.write(
            f"{names['train']} = {rows}.iloc[{names['training']}].reset_index(drop=True)",
            f"{test} = {rows}.iloc[{names['testing']}].reset_index(drop=True)",
        )
        positive = step.source("positive_class") if step.is_given("positive_class") else ""
        facts = write_training(
            step, names["model"], label, frame=names["train"], positive=positive, fresh=True
        )
        known = write_scores(step, facts, names["model"], test, scores)
        compared = step.variable("compared")
        step.write(f"{compared} = {pd}.concat([{test}[{literal([label])}], {scores}], axis=1)")
        known = replace(known, label=label)
        report = step.variable("evaluation")
        step.write(f"{report} = {evaluation(step, compared, known)}")
        metrics = f'{report}["metrics"].iloc[0]'
        size = f"len({names['testing']})"
        step.write(
            f"{names['metrics']} = {step.helper(counted)}({metrics}, {size})",
            f"{names['number']} = str({numbers}[len({names['records']})])",
            f"{names['records']}.append({{{literal(FOLD)}: {names['number']}, "
            f"{literal(COUNT)}: {size}, **{names['metrics']}}})",
            f"{names['parts']}.append({scores})",
            f"{names['positions']}.append({names['testing']})",
        )
    scored, metrics_by_fold = step.outputs
    if scored != "_":
        ordered = f"{step.helper(in_order)}({names['parts']}, {names['positions']}, {numbers})"
        step.write(f"{scores} = {ordered}")
        if learner.task == "multiclass":
            from modules.learning.exported import class_codes

            classes = f"{step.helper(class_codes)}({rows}[{literal(label)}])[1]"
            columns = f"*{step.helper(probability_names)}({classes})"
            listed = f"[{literal(SCORED_LABELS)}, {columns}, {literal(FOLD)}]"
            step.write(f"{scores} = {scores}[{listed}]")
        kept = f'{rows}.drop(columns=list({scores}), errors="ignore")'
        step.write(f"{scored} = {pd}.concat([{kept}, {scores}], axis=1)")
    if metrics_by_fold != "_":
        step.write(f"{metrics_by_fold}, _ = {step.helper(by_fold)}({names['records']})")
    scored_as = with_scores(TableFacts(table.roles, replace(known, classes="")))
    own = Role.NONE if [name for name in folds if name != FOLD] else Role.FOLD
    step.know("scored_results", scored_as.with_roles({label: Role.LABEL, FOLD: own}))
    step.know("evaluation_results_by_fold", TableFacts(are_metrics=True))


_VARIABLES = (
    *("labeled", "parts", "positions", "records", "training", "testing"),
    *("train", "test", "model", "scores", "metrics", "number"),
)
