"""The template of Edit Metadata: code without this project."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace

from modules.contract import Role
from modules.contract.code import CodeStep, ScoreFacts, TableFacts, literal
from modules.tables.conversions import retyped
from modules.values.score_columns import SCORED_PROBABILITIES


def write_metadata(step: CodeStep, *, roles: Mapping[str, str], cleared: Mapping[str, str]) -> None:
    """Write the statements of Edit Metadata.

    Parameters
    ----------
    roles : mapping
        The role that a value of ``fields`` assigns.
    cleared : mapping
        The role that a value of ``fields`` clears.
    """
    frame, target = step.inputs["dataset"], step.outputs[0]
    names = None if step.is_bound("columns") else step.names("columns")
    facts: TableFacts = step.facts("dataset")
    made = frame
    data_type, categorical = step.value("data_type"), step.value("categorical")
    if data_type == "unchanged" and categorical == "categorical" and names is not None:
        made += f".astype({literal(dict.fromkeys(names, 'category'))})"
    elif data_type != "unchanged" or categorical != "unchanged":
        form, kind = step.source("datetime_format"), step.source("categorical")
        more = f", {form}, {kind}" if categorical != "unchanged" else f", {form}"
        more = more.removesuffix(', ""')
        # Not DataFrame.assign, which can't set a column “self”.
        made, name = step.variable("edited"), step.variable("name")
        call = f"{step.helper(retyped)}({made}[{name}], {literal(data_type)}{more})"
        step.write(
            f"{made} = {frame}.copy(deep=False)",
            f"for {name} in {step.columns('columns', 'dataset')}:\n    {made}[{name}] = {call}",
        )
    fields = step.value("fields")
    if fields != "unchanged":
        if names is None:
            step.refuse(
                "the columns whose role it changes aren't known before the run; choose them by name"
            )
        facts = facts.with_roles(_changed(facts, names, fields, roles, cleared))
    new = _new_names(step)
    if new and names is not None and len(set(names)) > 1:
        # In the order of the dataset, which only a run knows.
        listed = step.columns("columns", "dataset")
        made += f".rename(columns=dict(zip({listed}, {literal(new)}, strict=True)))"
        if facts.roles.keys() & set(names):
            step.refuse("it renames several columns, and their roles; rename them one by one")
    elif new and names is not None:
        renamed = {names[0]: new[0]}
        made += f".rename(columns={literal(renamed)})"
        facts = _renamed(facts, renamed)
    elif new:
        listed = step.columns("columns", "dataset")
        made += f".rename(columns=dict(zip({listed}, {literal(new)}, strict=True)))"
    step.write(f"{target} = {made}")
    step.know("results_dataset", facts)


def _new_names(step: CodeStep) -> list[str]:
    text = str(step.value("new_column_names"))
    if not text.strip():
        return []
    lines = csv.reader(text.splitlines(), skipinitialspace=True)
    return [name.strip() for line in lines for name in line]


def _changed(
    facts: TableFacts,
    names: tuple[str, ...],
    fields: str,
    roles: Mapping[str, str],
    cleared: Mapping[str, str],
) -> dict[str, str]:
    if fields in cleared:
        return {name: Role.FEATURE for name in names if facts.roles.get(name) == cleared[fields]}
    changed = dict.fromkeys(names, roles[fields])
    if fields in ("label", "weight"):
        others = [name for name in facts.having_role(roles[fields]) if name not in names]
        changed |= dict.fromkeys(others, Role.FEATURE)
    return changed


def _renamed(facts: TableFacts, names: Mapping[str, str]) -> TableFacts:
    scores: ScoreFacts | None = facts.scores
    if scores is not None:
        scores = replace(
            scores,
            label=names.get(scores.label, scores.label) if scores.label else None,
            scored=names.get(scores.scored, scores.scored),
        )
        if SCORED_PROBABILITIES in names:
            scores = None
    roles = {names.get(name, name): role for name, role in facts.roles.items()}
    return replace(facts, roles=roles, scores=scores)
