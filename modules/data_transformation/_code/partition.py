"""The template of Partition and Sample: code without this project."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from modules.contract import Role
from modules.contract.code import CodeStep, TableFacts, literal


def write_partition(
    step: CodeStep,
    *,
    even_folds: Callable[..., Any],
    proportional_folds: Callable[..., Any],
    shares: Callable[[str], list[float]],
    column: str,
) -> None:
    """Write the statements of Partition and Sample.

    Parameters
    ----------
    even_folds, proportional_folds : callable
        Functions that are copied: they return the fold of each row.
    shares : callable
        Reads the proportions of folds.
    column : str
        The name of the column of folds.
    """
    mode = step.value("mode")
    frame, target = step.inputs["dataset"], step.outputs[0]
    facts: TableFacts = step.facts("dataset")
    earlier = facts.having_role(Role.FOLD)
    if mode == "head":
        step.write(f"{target} = {frame}.head({step.source('number_of_rows')})")
    elif mode == "pick fold":
        if not earlier:
            step.refuse("the column with the folds isn't known before the run")
        sign = "!=" if step.value("complement") else "=="
        name, number = literal(earlier[0]), step.source("fold")
        step.write(
            f"{target} = {frame}[{frame}[{name}] {sign} {number}].drop(columns={name})",
            f"{target} = {target}.reset_index(drop=True)",
        )
        kept = {name: role for name, role in facts.roles.items() if name != earlier[0]}
        step.know("results_dataset", replace(facts, roles=kept))
    elif mode == "sampling":
        _write_sample(step, frame, target)
    else:
        strata = _strata(step, frame) if step.value("stratified") else "None"
        if step.value("with_replacement"):
            frame, strata = _write_drawn(step, frame, strata)
        number = step.variable("folds")
        seed = step.source("seed") if step.value("randomized") else "None"
        if step.value("partitioner") == "partition evenly":
            function, parts = even_folds, step.source("number_of_folds")
        else:
            function, parts = proportional_folds, literal(shares(step.value("proportions")))
        call = f"{step.helper(function)}(len({frame}), {parts}, {seed}, {strata})"
        kept_frame = f"{frame}.drop(columns={literal(earlier)})" if earlier else f"{frame}.copy()"
        step.write(
            f"{number} = {call}",
            f"{target} = {kept_frame}",
            f"{target}.insert({target}.shape[1], {literal(column)}, {number})",
        )
        kept = {name: role for name, role in facts.roles.items() if name not in earlier}
        step.know("results_dataset", replace(facts, roles={**kept, column: Role.FOLD}))


def _write_sample(step: CodeStep, frame: str, target: str) -> None:
    rate, seed = step.source("rate"), step.source("seed")
    if step.value("stratified"):
        split = step.name("sklearn.model_selection", "train_test_split")
        arguments = f"{frame}, train_size={rate}, random_state={seed}"
        call = f"{split}({arguments}, stratify={_strata(step, frame)})"
        step.write(f"{target}, _ = {call}", f"{target} = {target}.reset_index(drop=True)")
    else:
        call = f"{frame}.sample(frac={rate}, random_state={seed}, ignore_index=True)"
        step.write(f"{target} = {call}")


def _write_drawn(step: CodeStep, frame: str, strata: str) -> tuple[str, str]:
    """Write the statement that draws rows with replacement; return the frame and its strata."""
    rows, drawn = step.variable("rows"), step.variable("drawn")
    state = f"{step.module('numpy', 'np')}.random.RandomState({step.source('seed')})"
    step.write(
        f"{rows} = {state}.randint(0, len({frame}), len({frame}))",
        f"{drawn} = {frame}.take({rows}).reset_index(drop=True)",
    )
    return drawn, strata if strata == "None" else f"{strata}[{rows}]"


def _strata(step: CodeStep, frame: str) -> str:
    names = None if step.is_bound("stratification_column") else step.names("stratification_column")
    key = f"{frame}[{step.columns('stratification_column', 'dataset')}].squeeze(axis=1)"
    if names is not None:
        key = f"{frame}[{literal(names[0])}]"
    factorize = f"{step.module('pandas', 'pd')}.factorize"
    return f"{factorize}({key}, sort=True, use_na_sentinel=False)[0]"
