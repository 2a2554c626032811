"""One problem of a pipeline."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from modules.contract.specification import ModuleSpec

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Problem:
    """One problem: its message, location, and remedy.

    Parameters
    ----------
    severity : str
        ``error`` (the pipeline can't run), ``warning`` or ``hint``.
    message : str
        One sentence.
    hint : str
        What to do, in one sentence.
    node, port, parameter : str or None
        Where it is; without a node it is the whole pipeline. ``parameter`` without
        ``node`` is a pipeline parameter.
    """

    severity: Severity
    message: str
    hint: str = ""
    node: str | None = None
    port: str | None = None
    parameter: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the problem as plain data."""
        names = ("severity", "node", "port", "parameter", "message", "hint")
        return {name: getattr(self, name) for name in names}


def near(name: str, known: Iterable[str], what: str) -> str:
    """Return a hint with similar names, or the existing ones."""
    names = list(known)
    by_small = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(name.casefold(), by_small, n=1)
    if close:
        return f"Did you mean “{by_small[close[0]]}”?"
    if not names:
        return f"There are no {what}."
    more = " …" if len(names) > 8 else ""
    return f"The {what} are {', '.join(f'“{name}”' for name in names[:8])}{more}."


def near_module(name: str, specs: Mapping[str, ModuleSpec]) -> str:
    """Return a hint with similar modules, or where all of them are.

    A module is found by its id and title, by words in them, and by its keywords.
    """
    found = _modules_like(name, specs)[:_MOST_MODULES]
    if not found:
        return "The palette has all modules; “designer modules” lists them."
    *others, last = (f"“{module}”" for module in found)
    listed = f"{', '.join(others)} or {last}" if others else last
    return f"Did you mean {listed}?"


def _modules_like(name: str, specs: Mapping[str, ModuleSpec]) -> list[str]:
    """Return ids, from what is surely meant to what is written alike."""
    wanted = _plain(name)
    if not wanted:
        return []
    called: dict[str, list[str]] = {}
    by_word: dict[str, list[str]] = {}
    for module, spec in specs.items():
        for text in {_plain(module), _plain(spec.title)}:
            called.setdefault(text, []).append(module)
        texts = {*spec.keywords, *re.split(r"[\W_]+", f"{module} {spec.title}")}
        for text in filter(None, map(_plain, texts)):
            by_word.setdefault(text, []).append(module)
    for found in (
        called.get(wanted) or by_word.get(wanted, []),
        [m for text in difflib.get_close_matches(wanted, called, n=1) for m in called[text]],
        [
            m
            for text in by_word
            if text.startswith(wanted) and len(wanted) > 2
            for m in by_word[text]
        ],
        [
            m
            for text in difflib.get_close_matches(wanted, by_word, cutoff=0.8)
            for m in by_word[text]
        ],
    ):
        if found:
            return list(dict.fromkeys(found))
    return []


def _plain(text: str) -> str:
    """Return a text as it is compared: “Z-score” and “zscore” are the same word."""
    return re.sub(r"[\W_]+", "", text).casefold()


_MOST_MODULES = 3
"""Modules that a hint names."""
