"""Column selections as source: lists of names where possible, else conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from designer.export.source import quoted
from modules.contract import ColumnSelector, Role
from modules.contract.code import TableFacts, literal
from modules.contract.columns import NUMERIC, ColumnRule, parse_indices

_MANY = 1_000_000


class Helpers(Protocol):
    """Where a selection copies what it uses."""

    def helper(self, thing: object) -> str:
        """Copy a function into the script; return its name."""


def names_of(selector: ColumnSelector) -> tuple[str, ...] | None:
    """Return the selected columns if the rules only include names, else None."""
    plain = all(rule.by == "names" and not rule.exclude for rule in selector.rules)
    return selector.named() if plain and selector.rules else None


def selected(selector: ColumnSelector, frame: str, facts: TableFacts, helpers: Helpers) -> str:
    """Return the source of the list of the selected columns, in their order."""
    rules = selector.rules
    names = names_of(selector)
    if names is not None and (selector.keep_order or len(names) == 1):
        return list_of(names)
    if selector.keep_order:
        return _in_order(rules, frame, facts, helpers)
    if all(rule.by == "all" for rule in rules) and not any(rule.exclude for rule in rules):
        return f"list({frame})"
    if rules == (ColumnRule("types", ("numeric",)),):
        return f'list({frame}.select_dtypes("number"))'
    return f"[name for name in {frame} if {_condition(rules, frame, facts, helpers)}]"


def list_of(names: Sequence[str]) -> str:
    """Return the source of a list of texts."""
    return f"[{', '.join(map(quoted, names))}]"


def _condition(rules: Sequence[ColumnRule], frame: str, facts: TableFacts, helpers: Helpers) -> str:
    found = ""
    for rule in rules:
        if rule.exclude:
            other = _matches(rule, frame, facts, helpers, negated=True)
            found = other if found == "True" else f"({found}) and {other}" if found else "False"
        else:
            other = _matches(rule, frame, facts, helpers)
            found = other if found in ("", "False") or other == "True" else f"{found} or {other}"
    return found or "False"


def _matches(
    rule: ColumnRule, frame: str, facts: TableFacts, helpers: Helpers, *, negated: bool = False
) -> str:
    within = "not in" if negated else "in"
    if rule.by == "all":
        return "False" if negated else "True"
    if rule.by == "names":
        return f"name {within} {list_of(rule.values)}"
    if rule.by == "indices":
        numbers = parse_indices(",".join(rule.values), _MANY)
        return f"name {within} {frame}.columns[{numbers}]"
    if rule.by == "types":
        kinds: list[str] = []
        for value in rule.values:
            kinds += NUMERIC if value == "numeric" else (value,)
        from modules.contract.data_table import kind_of

        kind = helpers.helper(kind_of)
        if len(kinds) == 1:
            return f"{kind}({frame}[name].dtype) {'!=' if negated else '=='} {quoted(kinds[0])}"
        return f"{kind}({frame}[name].dtype) {within} {list_of(kinds)}"
    return _having_roles(rule.values, facts, negated)


def _having_roles(roles: Sequence[str], facts: TableFacts, negated: bool) -> str:
    """Return the condition of a column's role: by its name, or how that starts."""
    has_feature = Role.FEATURE in roles
    listed = [name for name, role in facts.roles.items() if (role in roles) != has_feature]
    # Features are what the others aren't.
    outside = negated != has_feature
    tests = [f"name {'not in' if outside else 'in'} {list_of(listed)}"] if listed else []
    if facts.score_prefixes and (Role.SCORE in roles) != has_feature:
        prefixes = literal(facts.score_prefixes)
        tests.append(f"{'not ' * outside}name.startswith({prefixes})")
    if not tests:
        return str(outside)
    joined = f" {'and' if outside else 'or'} ".join(tests)
    return f"({joined})" if len(tests) > 1 else joined


def _in_order(rules: Sequence[ColumnRule], frame: str, facts: TableFacts, helpers: Helpers) -> str:
    """Return a list in the order of the rules; what a later one excludes is left out."""
    parts: list[str] = []
    for index, rule in enumerate(rules):
        if rule.exclude:
            continue
        without = [
            _matches(later, frame, facts, helpers, negated=True)
            for later in rules[index + 1 :]
            if later.exclude
        ]
        without = [each for each in without if each != "True"]
        if rule.by == "names":
            if without:
                listed = list_of(rule.values)
                parts.append(f"*(name for name in {listed} if {' and '.join(without)})")
            else:
                parts += map(quoted, rule.values)
            continue
        if rule.by == "indices":
            numbers = parse_indices(",".join(rule.values), _MANY)
            source = f"{frame}.columns[{numbers}]"
        else:
            source = frame
            own = _matches(rule, frame, facts, helpers)
            without = [*([] if own == "True" else [own]), *without]
        condition = f" if {' and '.join(without)}" if without else ""
        parts.append(f"*(name for name in {source}{condition})" if condition else f"*{source}")
    return f"[{', '.join(parts)}]"
