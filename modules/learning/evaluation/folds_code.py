"""Rows that are held out to evaluate a learner, as code without this project."""

from __future__ import annotations

from modules.contract.code import CodeStep, LearnerFacts, literal


def write_splits(
    step: CodeStep, learner: LearnerFacts, rows: str, label: str, folds: list[str], seed: str = ""
) -> tuple[str, str]:
    """Write the statement that divides rows as :func:`modules.learning.evaluation.folds.folds_of`.

    The step has the parameters ``folds`` and ``seed``.

    Parameters
    ----------
    rows : str
        The variable of a frame whose rows have a label.
    folds : list of str
        The column that determines the folds; empty without one.
    seed : str
        Source of the seed; by default the parameter.

    Returns
    -------
    tuple of (str, str)
        The variable of the splits, and the source of the numbers of the folds.
    """
    selection = "sklearn.model_selection"
    splits = step.variable("splits")
    if folds:
        numbers = step.variable("numbers")
        groups = f"{rows}[{literal(folds[0])}]"
        splitter = step.name(selection, "LeaveOneGroupOut")
        step.write(
            f"{splits} = {splitter}().split({rows}, groups={groups})",
            f"{numbers} = sorted({groups}.unique())",
        )
        return splits, numbers
    options = f"{step.source('folds')}, shuffle=True, random_state={seed or step.source('seed')}"
    if learner.task == "regression":
        call = f"{step.name(selection, 'KFold')}({options}).split({rows})"
    else:
        codes = f"{step.module('pandas', 'pd')}.factorize({rows}[{literal(label)}])[0]"
        call = f"{step.name(selection, 'StratifiedKFold')}({options}).split({rows}, {codes})"
    step.write(f"{splits} = {call}")
    return splits, f"range({step.source('folds')})"
