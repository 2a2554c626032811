"""The template of Hypothesis Test: code without this project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from modules.contract.code import CodeStep, TableFacts, column_of, literal
from modules.statistical_functions import _hypotheses as hypotheses
from modules.statistical_functions._samples import (
    COUNTS,
    GROUPS,
    TWO_GROUPS,
    finite_numbers,
    group_names,
    group_test,
    pair_test,
    pairs,
    results_table,
    values_by_group,
)


def write_test(step: CodeStep) -> None:
    """Write the statements of Hypothesis Test."""
    frame, test = step.inputs["dataset"], step.value("test")
    options = ", ".join(
        step.source(name)
        for name in ("alternative", "confidence")
        if name == "alternative" or test not in ("Mann-Whitney U test", "Wilcoxon signed-rank test")
    )
    other = ""
    if test != "one-sample t-test":
        other = literal(column_of(step, "group" if test in GROUPS else "second"))
    found, name = step.variable("found"), step.variable("column")
    compared = other
    step.write(f"{found} = []", f"for {name} in {step.columns('columns', 'dataset')}:")
    with step.indented():
        if test in COUNTS:
            counts = step.variable("counts")
            rows = f"{frame}.dropna(subset=[{name}, {other}])"
            step.write(
                f"{counts} = {step.helper(hypotheses.cross_table)}"
                f"({rows}[{name}], {rows}[{other}]).to_numpy()"
            )
            function: Callable[..., Any] = hypotheses.fisher
            if test == "chi-squared test":
                function = hypotheses.chi_squared
            given = counts if test == "chi-squared test" else f"{counts}, {options}"
        elif test == "one-sample t-test":
            values, mean = step.variable("values"), step.source("mean")
            step.write(f"{values} = {step.helper(finite_numbers)}({frame}[{name}])")
            function, given = hypotheses.one_sample, f"{values}, {mean}, {options}"
            compared = f'f"{{{mean}:g}}"'
        elif test in GROUPS:
            groups = step.variable("groups")
            step.write(
                f"{groups} = {step.helper(values_by_group)}({frame}, {name}, {other}, "
                f"two={test in TWO_GROUPS})"
            )
            compared = f"{step.helper(group_names)}({other}, {groups})"
            function, given = group_test(test), f"list({groups}.values())"
            if test in TWO_GROUPS:
                equal = f", {test.startswith('Student')}" if test.endswith("t-test") else ""
                given = f"*{groups}.values(){equal}, {options}"
        else:
            pair = step.variable("pair")
            step.write(f"{pair} = {step.helper(pairs)}({frame}, {name}, {other})")
            function, kind = pair_test(test)
            given = f"{literal(kind) + ', ' if kind else ''}*{pair}, {options}"
        result = step.variable("result")
        step.write(
            f"{result} = {step.helper(function)}({given})",
            f"{found}.append(({name}, {compared}, {result}))",
        )
    step.write(
        f"{step.outputs[0]} = {step.helper(results_table)}({literal(test)}, {found}, "
        f"{step.source('confidence')}, {step.source('correction')})"
    )
    step.know("results_dataset", TableFacts())
