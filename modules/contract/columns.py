"""Choosing columns: by name or with rules, as in Azure ML designer."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from modules.contract.errors import ModuleError

KINDS = ("integer", "number", "boolean", "string", "datetime", "categorical")
"""Kinds of columns. ``number`` is a floating point number."""

NUMERIC = ("integer", "number")
"""Kinds that a rule of type ``numeric`` includes."""

RuleBy = Literal["all", "names", "indices", "types", "roles"]


def first_repeated(names: Iterable[str]) -> str | None:
    """Return the first of the names that was there before; None if all differ."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


class Column(NamedTuple):
    """What is known about a column without its values."""

    name: str
    kind: str
    role: str = "feature"


@dataclass(frozen=True)
class ColumnRule:
    """One step of a selection.

    Parameters
    ----------
    by : str
        ``all``, ``names``, ``indices`` (1-based, ``"1-3,6"``), ``types`` (kinds, or
        ``numeric``) or ``roles`` (``feature``, ``label``, ``score``, ``weight``, ...).
    values : tuple of str
        The names, kinds or roles; for indices one string of numbers and ranges.
    exclude : bool
        Remove the columns instead of adding them.
    """

    by: RuleBy
    values: tuple[str, ...] = ()
    exclude: bool = False


@dataclass(frozen=True)
class ColumnSelector:
    """A selection of columns, stored as rules and applied to any table.

    Parameters
    ----------
    rules : tuple of ColumnRule
        Applied in order; starts with no columns.
    keep_order : bool
        Keep the order of the rules and allow duplicates. Otherwise the columns
        are in the order of the dataset, each once.

    Notes
    -----
    The JSON form is a plain list of names if that is sufficient, otherwise
    ``{"rules": [{"include": "names", "values": [...]}, ...], "keep_order": false}``.
    """

    rules: tuple[ColumnRule, ...] = ()
    keep_order: bool = False

    @classmethod
    def names(cls, *names: str) -> ColumnSelector:
        """Select columns by name."""
        return cls((ColumnRule("names", names),)) if names else cls()

    @classmethod
    def all(cls) -> ColumnSelector:
        """Select all columns."""
        return cls((ColumnRule("all"),))

    @classmethod
    def types(cls, *kinds: str) -> ColumnSelector:
        """Select all columns of certain kinds."""
        return cls((ColumnRule("types", kinds),))

    @classmethod
    def all_except(cls, *names: str) -> ColumnSelector:
        """Select all columns except those named."""
        return cls((ColumnRule("all"), ColumnRule("names", names, exclude=True)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was selected."""
        return not self.rules

    def named(self) -> tuple[str, ...]:
        """Return every column name that the rules mention."""
        return tuple(name for rule in self.rules if rule.by == "names" for name in rule.values)

    def resolve(
        self, columns: Sequence[Column], *, parameter: str | None = None, allow_empty: bool = False
    ) -> list[str]:
        """Return the names of the selected columns.

        Parameters
        ----------
        columns : sequence of Column
            The columns of the dataset in their order.
        parameter : str, optional
            Named in the error, so that the window can highlight it.
        allow_empty : bool
            Return an empty list instead of failing when nothing is selected.

        Raises
        ------
        ModuleError
            For a name or index that the dataset doesn't have, or an empty selection.
        """
        chosen: list[str] = []
        for rule in self.rules:
            found = _matching(rule, columns, parameter)
            if rule.exclude:
                away = set(found)
                chosen = [name for name in chosen if name not in away]
            else:
                chosen.extend(found)
        if not self.keep_order:
            wanted = set(chosen)
            chosen = [column.name for column in columns if column.name in wanted]
        if not chosen and not allow_empty:
            raise ModuleError(
                "no-columns-selected",
                "No column is selected.",
                "Choose at least one column.",
                parameter=parameter,
            )
        return chosen

    def resolve_each(
        self, columns: Sequence[Column], *, parameter: str | None = None, allow_empty: bool = False
    ) -> list[str]:
        """Return the names of the selected columns as :meth:`resolve` does, but each once."""
        found = self.resolve(columns, parameter=parameter, allow_empty=allow_empty)
        return list(dict.fromkeys(found))

    def resolve_one(self, columns: Sequence[Column], *, parameter: str | None = None) -> str:
        """Return the name of the only selected column.

        Raises
        ------
        ModuleError
            If not exactly one column is selected.
        """
        chosen = self.resolve(columns, parameter=parameter)
        if len(chosen) > 1:
            listed = ", ".join(f"“{name}”" for name in chosen[:5])
            raise ModuleError(
                "several-columns-selected",
                f"Only one column can be selected, but {len(chosen)} are: {listed}.",
                "Choose a single column.",
                parameter=parameter,
            )
        return chosen[0]

    def to_json(self) -> Any:
        """Return the plain JSON form."""
        if not self.rules and not self.keep_order:
            return []
        only = self.rules[0] if len(self.rules) == 1 else None
        if only and only.by == "names" and not only.exclude and not self.keep_order:
            return list(only.values)
        rules = [
            {"exclude" if rule.exclude else "include": rule.by}
            | ({"values": list(rule.values)} if rule.by != "all" else {})
            for rule in self.rules
        ]
        return {"rules": rules} | ({"keep_order": True} if self.keep_order else {})

    @classmethod
    def from_json(cls, value: Any) -> ColumnSelector:
        """Read the plain JSON form.

        Raises
        ------
        ValueError
            With one sentence, if it isn't valid.
        """
        if isinstance(value, ColumnSelector):
            return value
        if value is None:
            return cls()
        if isinstance(value, str):
            return cls.names(value)
        if isinstance(value, (list, tuple)):
            if not all(isinstance(name, str) for name in value):
                raise ValueError("a column selection lists names")
            return cls.names(*value)
        if isinstance(value, dict) and isinstance(value.get("rules"), list):
            rules = tuple(_rule(rule) for rule in value["rules"])
            return cls(rules, bool(value.get("keep_order", False)))
        raise ValueError("a column selection is a list of names or a set of rules")

    def describe(self) -> str:
        """Return a short description of the selection, for cards and panels."""
        if not self.rules:
            return "No columns"
        return ", ".join(_rule_text(rule) for rule in self.rules)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.from_json,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda s: s.to_json()),
        )


def column_not_found(
    name: str, known: Iterable[str], *, parameter: str | None = None, port: str | None = None
) -> ModuleError:
    """Return the error for a column that a dataset doesn't have."""
    return ModuleError(
        "column-not-found",
        f"Column “{name}” doesn't exist.",
        _nearest(name, list(known)),
        parameter=parameter,
        port=port,
        column=name,
    )


def _nearest(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean “{close[0]}”?"
    if not names:
        return "The dataset has no columns."
    listed = ", ".join(f"“{column}”" for column in names[:8])
    return f"The dataset has {listed}{' …' if len(names) > 8 else ''}."


def parse_indices(text: str, count: int, *, parameter: str | None = None) -> list[int]:
    """Parse 1-based indices and ranges, ``"8,1-4,6"``; return them 0-based.

    Raises
    ------
    ModuleError
        If the text can't be parsed, a range is reversed, or a column doesn't exist.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if not match:
            raise ModuleError(
                "bad-column-index",
                f"“{part.strip()}” isn't a column index or range.",
                "Enter indices from 1 and ranges, for example 1-3,6.",
                parameter=parameter,
            )
        first = int(match[1])
        last = int(match[2] or first)
        if min(first, last) < 1 or max(first, last) > count:
            raise ModuleError(
                "column-index-out-of-range",
                f"“{part.strip()}” is out of range: the dataset has {count} "
                f"column{'' if count == 1 else 's'}.",
                f"Enter indices from 1 to {count}.",
                parameter=parameter,
            )
        if last < first:
            raise ModuleError(
                "backward-range",
                f"“{part.strip()}” is reversed: a range starts with its lower index.",
                f"Enter {last}-{first}.",
                parameter=parameter,
            )
        found.extend(range(first - 1, last))
    return found


def _matching(rule: ColumnRule, columns: Sequence[Column], parameter: str | None) -> list[str]:
    if rule.by == "all":
        return [column.name for column in columns]
    if rule.by == "names":
        known = {column.name for column in columns}
        for name in rule.values:
            # A rule that excludes a missing column has nothing to do.
            if name not in known and not rule.exclude:
                raise column_not_found(name, [c.name for c in columns], parameter=parameter)
        return [name for name in rule.values if name in known]
    if rule.by == "indices":
        indices = parse_indices(",".join(rule.values), len(columns), parameter=parameter)
        return [columns[index].name for index in indices]
    if rule.by == "types":
        kinds = {kind for value in rule.values for kind in _kinds(value)}
        return [column.name for column in columns if column.kind in kinds]
    return [column.name for column in columns if column.role in rule.values]


def _kinds(value: str) -> tuple[str, ...]:
    return NUMERIC if value == "numeric" else (value,)


def _rule(value: Any) -> ColumnRule:
    if isinstance(value, dict):
        for key in ("include", "exclude"):
            by = value.get(key)
            if by in ("all", "names", "indices", "types", "roles"):
                values = value.get("values", [])
                if isinstance(values, str):
                    values = [values]
                if isinstance(values, list) and all(isinstance(item, str) for item in values):
                    return ColumnRule(by, tuple(values), key == "exclude")
    raise ValueError("a rule includes or excludes all columns, names, indices, types or roles")


def _rule_text(rule: ColumnRule) -> str:
    if rule.by == "all":
        return "no columns" if rule.exclude else "All columns"
    listed = ", ".join(rule.values[:4]) + (" …" if len(rule.values) > 4 else "")
    text = {
        "names": listed,
        "indices": f"columns {listed}",
        "types": f"all {listed}",
        "roles": f"all {listed} columns",
    }[rule.by]
    return f"except {text}" if rule.exclude else text
