"""Python source of values, laid out in lines of at most :data:`WIDTH` characters."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from modules.contract import ColumnSelector
from modules.contract.columns import ColumnRule

WIDTH = 100
"""Characters of a line, where its texts permit it."""


class Source(NamedTuple):
    """An expression: brackets around items, items alone, or else plain text.

    Parameters
    ----------
    text : str
        The whole expression in one line.
    opening, closing : str
        The brackets, with what is before the first of them.
    items : tuple of (str, Source)
        Each with what is before it, ``"seed="`` for example.
    exploded : bool
        If they don't fit into one line, each item has its own.
    comma : bool
        Commas separate the items; those of a comprehension are its clauses.
    """

    text: str
    opening: str = ""
    items: tuple[tuple[str, Source], ...] = ()
    closing: str = ""
    exploded: bool = False
    comma: bool = True


def brackets(
    opening: str,
    items: Iterable[tuple[str, Source]],
    closing: str,
    *,
    exploded: bool = True,
) -> Source:
    """Return items in brackets."""
    items = tuple(items)
    inner = ", ".join(before + item.text for before, item in items)
    if len(items) == 1 and opening == "(":
        inner += ","
    return Source(f"{opening}{inner}{closing}", opening, items, closing, exploded)


def call(
    function: str, arguments: Iterable[Source] = (), keywords: Mapping[str, Source] | None = None
) -> Source:
    """Return the call of a function."""
    items = [("", each) for each in arguments]
    items += [(f"{name}=", each) for name, each in (keywords or {}).items()]
    return brackets(f"{function}(", items, ")", exploded=False)


def laid_out(source: Source, *, before: str = "", after: str = "", indent: int = 0) -> list[str]:
    """Return the lines of an expression, broken as ruff and black do it."""
    pad = " " * indent
    flat = f"{pad}{before}{source.text}{after}"
    if len(flat) <= WIDTH or not source.items:
        return [flat]
    if not source.opening:
        return [line for _, item in source.items for line in laid_out(item, indent=indent)]
    first, last = f"{pad}{before}{source.opening}", f"{pad}{source.closing}{after}"
    comma = "," if source.comma else ""
    inner = f"{comma} ".join(label + item.text for label, item in source.items)
    if not source.exploded and indent + 4 + len(inner) <= WIDTH:
        return [first, f"{pad}    {inner}", last]
    lines = [first]
    for label, item in source.items:
        lines += laid_out(item, before=label, after=comma, indent=indent + 4)
    return [*lines, last]


def source_of(value: Any, imported: Callable[[type], str]) -> Source:
    """Return the source of a parameter's value.

    Parameters
    ----------
    imported : callable
        Returns the name of a class in the script, which then imports it.

    Raises
    ------
    TypeError
        If values of its type can't be written as code.
    """
    if value is None or isinstance(value, (bool, int)):
        return Source(repr(value))
    if isinstance(value, float):
        return Source(repr(value) if math.isfinite(value) else f'float("{value}")')
    if isinstance(value, str):
        return Source(quoted(value))
    if isinstance(value, (list, tuple)):
        ends = "[]" if isinstance(value, list) else "()"
        return brackets(ends[0], [("", source_of(each, imported)) for each in value], ends[1])
    if isinstance(value, dict):
        items = [
            (f"{source_of(key, imported).text}: ", source_of(each, imported))
            for key, each in value.items()
        ]
        return brackets("{", items, "}")
    if isinstance(value, ColumnSelector):
        return _selector(value, imported)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _constructed(value, imported)
    raise TypeError(f"A value of type {type(value).__name__} can't be written as code.")


def quoted(text: str) -> str:
    """Return the source of a string in one line, in the quotes that need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + _escaped(text).replace(quote, f"\\{quote}") + quote


def long_text(text: str) -> list[str]:
    """Return the source of a string as the lines of a triple-quoted one."""
    quotes = '"""' if '"""' not in text else "'''"
    if "\\" in text and _can_be_raw(text, quotes):
        return f"r{quotes}{text}{quotes}".split("\n")
    escaped = "".join(f"\\{quote}" for quote in quotes)
    parts = [_escaped(line, plain="\t").replace(quotes, escaped) for line in text.split("\n")]
    parts[-1] = _without_quote_at_end(parts[-1], quotes)
    return [f"{quotes}\\", *parts[:-1], parts[-1] + quotes]


def _escaped(text: str, plain: str = "") -> str:
    """Return a text with escapes for what can't be read, and for backslashes; quotes are kept."""
    return "".join(
        each if each in plain or (each.isprintable() and each != "\\") else repr(each)[1:-1]
        for each in text
    )


def _can_be_raw(text: str, quotes: str) -> bool:
    return (
        quotes not in text
        and not text.endswith(("\\", quotes[0]))
        and all(each in "\t\n" or each.isprintable() for each in text)
    )


def _without_quote_at_end(line: str, quotes: str) -> str:
    """Escape a quote that would join those that end the string."""
    return f"{line[:-1]}\\{quotes[0]}" if line.endswith(quotes[0]) else line


def _selector(selector: ColumnSelector, imported: Callable[[type], str]) -> Source:
    rules = selector.rules
    name = imported(ColumnSelector)
    if selector == ColumnSelector():
        return Source(f"{name}()")
    values = rules[-1].values if rules else ()
    for short in ("names", "types", "all_except"):
        if selector == getattr(ColumnSelector, short)(*values):
            return call(f"{name}.{short}", map(_text, values))
    if selector == ColumnSelector.all():
        return call(f"{name}.all")
    listed = brackets("(", [("", _rule(rule, imported)) for rule in rules], ")")
    order = {"keep_order": Source("True")} if selector.keep_order else None
    return call(name, [listed], order)


def _rule(rule: ColumnRule, imported: Callable[[type], str]) -> Source:
    arguments = [_text(rule.by)]
    if rule.values:
        arguments.append(brackets("(", [("", _text(value)) for value in rule.values], ")"))
    return call(
        imported(ColumnRule), arguments, {"exclude": Source("True")} if rule.exclude else {}
    )


def _text(text: str) -> Source:
    return Source(quoted(text))


def _constructed(value: Any, imported: Callable[[type], str]) -> Source:
    fields = {
        field.name: source_of(getattr(value, field.name), imported)
        for field in dataclasses.fields(value)
        if field.init
    }
    return call(imported(type(value)), keywords=fields)
