"""Labels for kinds of columns and for column selections."""

from __future__ import annotations

from collections.abc import Sequence

from designer.composed_texts import in_language
from designer.texts import counted, tr
from modules.contract import ColumnRule, ColumnSelector
from modules.contract.columns import Column

KINDS = {
    "integer": tr("Integer"),
    "number": tr("Number"),
    "boolean": tr("Boolean"),
    "string": tr("String"),
    "datetime": tr("Datetime"),
    "categorical": tr("Categorical"),
    "numeric": tr("Numeric"),
}
"""The label of each kind of column."""

_ALL_OF = {
    "integer": tr("integer"),
    "number": tr("number"),
    "boolean": tr("Boolean"),
    "string": tr("string"),
    "datetime": tr("datetime"),
    "categorical": tr("categorical"),
    "numeric": tr("numeric"),
}


def kind_label(kind: str) -> str:
    """Return the label of a kind of column; the kind itself if it is unknown."""
    return KINDS.get(kind, kind)


def columns_label(columns: Sequence[Column]) -> str:
    """Return “3 columns: age, name, price”, with the names of the first ones."""
    names = ", ".join(column.name for column in columns[:12])
    more = " …" if len(columns) > 12 else ""
    return counted("{n:,} column", "{n:,} columns", len(columns)) + f": {names}{more}"


def selection_label(selector: ColumnSelector) -> str:
    """Return a short text for a column selection."""
    if not selector.rules:
        return tr("No columns")
    text = ", ".join(_rule_label(rule) for rule in selector.rules)
    return text[:1].upper() + text[1:] if selector.rules[0].by != "names" else text


def _rule_label(rule: ColumnRule) -> str:
    if rule.by == "all":
        return tr("no columns") if rule.exclude else tr("all columns")
    values = [_ALL_OF.get(value, in_language(value)) for value in rule.values]
    if rule.by not in ("types", "roles"):
        values = list(rule.values)
    if rule.by in ("types", "roles"):
        text = tr("all {kinds} columns").format(kinds=_listed(values, tr(" and ")))
    else:
        text = _listed(values, ", ")
        if rule.by == "indices":
            text = tr("columns {text}").format(text=text)
    return tr("except {text}").format(text=text) if rule.exclude else text


def _listed(values: list[str], last: str) -> str:
    if len(values) > 4:
        return ", ".join(values[:4]) + " …"
    return last.join([", ".join(values[:-1]), values[-1]]) if len(values) > 1 else values[0]
