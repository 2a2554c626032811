"""The template of Split Data: code without this project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from modules.contract.code import CodeStep, literal
from modules.tables.row_expressions import (
    PATTERN,
    alternatives,
    compared,
    text_of,
)


def write_split(step: CodeStep, *, first_of_each: Callable[..., Any]) -> None:
    """Write the statements of Split Data.

    Parameters
    ----------
    first_of_each : callable
        Returns which rows are the first of each stratum.
    """
    mode = step.value("mode")
    frame = step.inputs["dataset"]
    if mode == "regular expression":
        parts = PATTERN.fullmatch(str(step.value("regular_expression")))
        if not parts or not parts["pattern"]:
            step.refuse("its regular expression isn't a column and a pattern")
        pattern = f"{step.module('re')}.compile({literal(parts['pattern'])})"
        texts = f'{_column(frame, parts)}.astype("str").astype(object)'
        matches = step.variable("matches")
        step.write(f'{matches} = {texts}.map({pattern}.search, na_action="ignore").notna()')
        _write_divided(step, frame, matches)
    elif mode == "relative expression":
        matches = step.variable("matches")
        step.write(f"{matches} = {_comparisons(step, frame)}")
        _write_divided(step, frame, matches)
    elif step.value("randomized"):
        _write_random(step, frame)
    else:
        _write_in_order(step, frame, first_of_each)


def _write_random(step: CodeStep, frame: str) -> None:
    first, second = step.outputs
    fraction, seed = step.source("fraction"), step.source("seed")
    if not step.is_bound("fraction") and step.value("fraction") in (0, 1):
        whole, none = (first, second) if step.value("fraction") else (second, first)
        step.write(
            f"{whole} = {frame}.sample(frac=1, random_state={seed}, ignore_index=True)",
            f"{none} = {frame}.iloc[:0]",
        )
        return
    split = step.name("sklearn.model_selection", "train_test_split")
    strata = f", stratify={_strata(step, frame)}" if step.value("stratified") else ""
    call = f"{split}({frame}, train_size={fraction}, random_state={seed}{strata})"
    step.write(f"{first}, {second} = {call}")
    for target in step.outputs:
        if target != "_":
            step.write(f"{target} = {target}.reset_index(drop=True)")


def _write_in_order(step: CodeStep, frame: str, first_of_each: Callable[..., Any]) -> None:
    first, second = step.outputs
    size = step.variable("size")
    step.write(f"{size} = int({step.source('fraction')} * len({frame}))")
    if step.value("stratified"):
        chosen = step.variable("chosen")
        strata = _strata(step, frame)
        step.write(f"{chosen} = {step.helper(first_of_each)}({strata}, {size}, len({frame}))")
        _write_divided(step, frame, chosen)
    else:
        step.write(
            f"{first} = {frame}.iloc[:{size}]",
            f"{second} = {frame}.iloc[{size}:].reset_index(drop=True)",
        )


def _write_divided(step: CodeStep, frame: str, matches: str) -> None:
    for target, rows in zip(step.outputs, (matches, f"~{matches}"), strict=True):
        if target != "_":
            step.write(f"{target} = {frame}[{rows}].reset_index(drop=True)")


def _strata(step: CodeStep, frame: str) -> str:
    key = f"{frame}[{step.columns('stratification_column', 'dataset')}].squeeze(axis=1)"
    names = None if step.is_bound("stratification_column") else step.names("stratification_column")
    if names is not None:
        key = f"{frame}[{literal(names[0])}]"
    factorize = f"{step.module('pandas', 'pd')}.factorize"
    return f"{factorize}({key}, sort=True, use_na_sentinel=False)[0]"


def _comparisons(step: CodeStep, frame: str) -> str:
    compare = step.helper(compared)
    terms = []
    for each in alternatives(str(step.value("relational_expression"))):
        column = ""
        tests = []
        for parts in each:
            if parts["name"] is not None or parts["index"] is not None:
                column = _column(frame, parts)
            sign, text = literal(parts["operator"]), literal(text_of(parts))
            tests.append(f"{compare}({column}, {sign}, {text})")
        terms.append(" & ".join(tests))
    return terms[0] if len(terms) == 1 else " | ".join(f"({term})" for term in terms)


def _column(frame: str, parts: Mapping[str, Any] | Any) -> str:
    if parts["name"] is not None:
        return f"{frame}[{literal(str(parts['name']))}]"
    return f"{frame}.iloc[:, {int(parts['index'])}]"
