"""One problem of a pipeline."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import islice
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
        One sentence; what is too long to read is shortened.
    hint : str
        What to do, in one sentence.
    node, port, parameter : str or None
        Where it is; without a node it is the whole pipeline. ``parameter`` without
        ``node`` is a pipeline parameter.
    code : str
        Its kind, which never changes; ``docs/problems`` has a page for each.
    """

    severity: Severity
    message: str
    hint: str = ""
    node: str | None = None
    port: str | None = None
    parameter: str | None = None
    # Message and location identify a problem.
    code: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name, text in (("message", self.message), ("hint", self.hint)):
            if len(text) > LONGEST:
                object.__setattr__(self, name, _shortened(text))

    def to_json(self) -> dict[str, Any]:
        """Return the problem as plain data."""
        names = ("severity", "code", "node", "port", "parameter", "message", "hint")
        return {name: getattr(self, name) for name in names}


class NameHints:
    """Hints with similar names for all problems of a pipeline.

    Comparing names takes long, so only so many are compared; further hints list the existing
    names.
    """

    def __init__(self) -> None:
        self._work = _MOST_WORK
        self._by_module: dict[str, str] = {}

    def near(self, name: str, known: Collection[str], what: str) -> str:
        """Return a hint with similar names, or the existing ones."""
        return _near(name, known, what, compare=self.may_compare(name, known))

    def near_module(self, name: str, specs: Mapping[str, ModuleSpec]) -> str:
        """Return a hint with similar modules, or where all of them are."""
        if name not in self._by_module:
            # Titles and keywords are compared too.
            may = self.may_compare(name * 5, specs)
            self._by_module[name] = near_module(name, specs) if may else _IN_PALETTE
        return self._by_module[name]

    def may_compare(self, name: str, known: Collection[str]) -> bool:
        """Return whether a name may still be compared with others; counts the work."""
        work = len(name) * len(known)
        if work > self._work:
            return False
        self._work -= work
        return True


def near(name: str, known: Collection[str], what: str) -> str:
    """Return a hint with similar names, or the existing ones."""
    return _near(name, known, what, compare=True)


def near_module(name: str, specs: Mapping[str, ModuleSpec]) -> str:
    """Return a hint with similar modules, or where all of them are.

    A module is found by its id and title, by words in them, and by its keywords.
    """
    found = _modules_like(name, specs)[:_MOST_MODULES] if len(name) <= _LONGEST_NAME else []
    if not found:
        return _IN_PALETTE
    *others, last = (f"“{module}”" for module in found)
    comma = "," if len(others) > 1 else ""
    listed = f"{', '.join(others)}{comma} or {last}" if others else last
    return f"Did you mean {listed}?"


def _near(name: str, known: Collection[str], what: str, *, compare: bool) -> str:
    if compare and len(name) <= _LONGEST_NAME:
        by_small = {each.casefold(): each for each in known if len(each) <= _LONGEST_NAME}
        close = difflib.get_close_matches(name.casefold(), by_small, n=1)
        if close:
            return f"Did you mean “{by_small[close[0]]}”?"
    if not known:
        return f"There are no {what}."
    more = " …" if len(known) > 8 else ""
    listed = ", ".join(f"“{each[:_LONGEST_NAME]}”" for each in islice(known, 8))
    return f"The {what} are {listed}{more}."


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
        # A hyphenated word is found with the hyphen, by its parts, and as one word.
        words = (*re.split(r"[\W_]+", f"{module} {spec.title}"), *spec.title.split())
        texts = {*spec.keywords, *words}
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


def _shortened(text: str) -> str:
    """Keep the end as well: it is what is wrong with the value in the middle."""
    return f"{text[: LONGEST - 300]} … {text[-300:]}"


LONGEST = 1_000
"""Characters of a message or hint."""

_LONGEST_NAME = 60
"""Characters of a name that is compared: it takes the square of them."""

_MOST_WORK = 200_000
"""Characters of names, times the names they are compared with, for all hints of a pipeline."""

_MOST_MODULES = 3
"""Modules that a hint names."""

_IN_PALETTE = "The palette has all modules; “designer modules” lists them."
