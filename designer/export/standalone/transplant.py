"""Functions, classes and constants of modules, copied into a script with what they use.

The copy is the source, so that it computes the same to the last bit. What only serves the
designer is left out: warnings and progress, of a block its head alone; an error is a ValueError
with its sentence.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from designer.catalog import USER_PACKAGE
from designer.export.imports import SWITCHES, Imports
from designer.export.names import Names
from designer.export.standalone.declarations import declares, undeclared
from designer.export.standalone.omissions import (
    errors,
    headless,
    left_out,
    unused_counters,
    unused_variables,
)
from designer.export.standalone.source_file import (
    Edit,
    SourceFile,
    defined,
    global_names,
    home,
    local_names,
)

_OWN = ("modules.", f"{USER_PACKAGE}.")
_REPLACED = {
    (f"modules.{module}", "ModuleError"): "ValueError" for module in ("contract", "contract.errors")
}


class Transplants:
    """The copies in a script, each after those that it needs."""

    def __init__(self, names: Names, imports: Imports) -> None:
        self._names = names
        self._imports = imports
        self._taken: dict[tuple[str, str], str] = {}
        self.parts: list[list[str]] = []
        """The lines of each."""

    def take(self, thing: Any) -> str:
        """Copy a function or class; return its name in the script."""
        return self._take(thing.__module__, thing.__qualname__)

    def _take(self, module: str, name: str) -> str:
        file, name = home(module, name)
        key = (file.module, name)
        if key not in self._taken:
            local = self._taken[key] = self._names.claim(name)
            part = _part(file, name)
            edits = list(part.edits)
            if local != name:
                edits += [(at, at + len(name), local) for at in part.own_names]
            for used, positions in part.uses.items():
                found = self._name_of(file, used)
                if found != used:
                    edits += [(at, at + len(used), found) for at in positions]
            self.parts.append(_edited(file.source, part.start, part.end, edits))
        return self._taken[key]

    def _name_of(self, file: SourceFile, used: str) -> str:
        if used in file.nodes:
            return self._take(file.module, used)
        module, name = file.imports[used]
        if not module.startswith(_OWN):
            return self._imports.name(module, name) if name else self._imports.module(module, used)
        return _REPLACED.get((module, name)) or self._take(module, name)


@dataclass(frozen=True)
class Part:
    """A definition of a file, by offsets of its source.

    Parameters
    ----------
    edits : tuple of Edit
        What is left out or replaced in every copy.
    uses : mapping of str to list of int
        Where each global name is used; not its own.
    """

    start: int
    end: int
    edits: tuple[Edit, ...]
    uses: dict[str, list[int]]
    own_names: list[int]


@cache
def _part(file: SourceFile, name: str) -> Part:
    """Return the definition of a name."""
    nodes = file.nodes[name]
    first, last = nodes[0], nodes[-1]
    decorators = getattr(first, "decorator_list", [])
    is_declared = any(map(declares, decorators))
    line = first.lineno if is_declared else min([first.lineno, *(e.lineno for e in decorators)])
    start = file.at(line, 0)
    end = file.at(last.end_lineno or 0, last.end_col_offset or 0)
    edits: list[Edit] = []
    for node in nodes:
        edits += left_out(file, node)
        edits += errors(file, node)
        edits += headless(file, node)
    if is_declared and isinstance(first, ast.FunctionDef):
        edits += undeclared(first, file.source, file.at)
    for remove in (unused_variables, unused_counters):
        gone = [(a, b) for a, b, _ in edits]
        for node in nodes:
            edits += remove(file, node, gone)
    gone = [(a, b) for a, b, text in edits if not text]
    known = {*file.nodes, *file.imports}
    uses: dict[str, list[int]] = {}
    own: list[int] = []
    for node in nodes:
        for used, at in global_names(file, node, local_names(node)):
            if used not in known or any(a <= at < b for a, b in gone):
                continue
            if used == name:
                own.append(at)
            else:
                uses.setdefault(used, []).append(at)
        for each in ast.walk(node):
            if isinstance(each, ast.ImportFrom) and each.module == SWITCHES:
                uses.update({alias.name: [] for alias in each.names})
    if isinstance(first, (ast.FunctionDef, ast.ClassDef)):
        keyword = "def " if isinstance(first, ast.FunctionDef) else "class "
        own.append(file.at(first.lineno, first.col_offset) + len(keyword))
    elif isinstance(first, ast.Assign) and len(defined(first)) > 1:
        raise TypeError(f"{file.module}.{name}: assign constants one by one.")
    return Part(start, end, tuple(edits), uses, own)


def _edited(source: str, start: int, end: int, edits: list[Edit]) -> list[str]:
    outer: list[Edit] = []
    for edit in sorted(edits, key=lambda each: (each[0], -each[1])):
        # What is inside of something removed is removed with it.
        if not outer or edit[0] >= outer[-1][1]:
            outer.append(edit)
    text, position = "", start
    for first, last, replacement in outer:
        text += source[position:first] + replacement
        position = last
    text += source[position:end]
    text = re.sub(r"[ \t]*# (?:noqa|type: ignore).*", "", text)
    return text.rstrip().split("\n")
