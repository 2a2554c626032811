"""Functions, classes and constants of modules, copied into a script with what they use.

The copy is the source, so that it computes the same to the last bit. What only serves the
designer is left out: warnings and progress, of a block its head alone; an error is a ValueError
with its sentence.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from designer.catalog import USER_PACKAGE
from designer.export.imports import SWITCHES, Imports
from designer.export.names import Names
from designer.export.source import WIDTH
from designer.export.standalone.declarations import declares, undeclared

_SILENT = re.compile(r"report_progress|_?warn(?:_\w+)?$")
"""Functions whose calls are left out."""

_OWN = ("modules.", f"{USER_PACKAGE}.")
_REPLACED = {
    (f"modules.{module}", "ModuleError"): "ValueError" for module in ("contract", "contract.errors")
}
_KEPT_OUT = ("modules.contract.data_table.DataTable", "modules.contract.value")

Edit = tuple[int, int, str]


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
        file, name = _home(module, name)
        key = (file.module, name)
        if key not in self._taken:
            local = self._taken[key] = self._names.claim(name)
            part = file.parts[name]
            edits = list(part.edits)
            if local != name:
                edits += [(at, at + len(name), local) for at in part.own_names]
            for used, positions in part.uses.items():
                found = self._name_of(file, used)
                if found != used:
                    edits += [(at, at + len(used), found) for at in positions]
            self.parts.append(_edited(file.source, part.start, part.end, edits))
        return self._taken[key]

    def _name_of(self, file: File, used: str) -> str:
        if used in file.parts:
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


@dataclass(frozen=True)
class File:
    """A file of modules: its imports, and what it defines.

    Parameters
    ----------
    imports : mapping of str to tuple of (str, str)
        By name: the module, and the name in it; empty for the module itself.
    """

    module: str
    source: str
    imports: dict[str, tuple[str, str]]
    nodes: dict[str, list[ast.stmt]]
    offsets: list[int]
    _parts: dict[str, Part] = field(default_factory=dict)

    @property
    def parts(self) -> PartsOf:
        """The definitions by name."""
        return PartsOf(self)

    def at(self, line: int, column: int) -> int:
        """Return the offset of a position of :mod:`ast`, whose columns are bytes."""
        start = self.offsets[line - 1]
        text = self.source[start : start + column]
        while len(text.encode()) > column:
            text = text[:-1]
        return start + len(text)


class PartsOf:
    """The definitions of a file, each analyzed on first access."""

    def __init__(self, file: File) -> None:
        self._file = file

    def __contains__(self, name: str) -> bool:
        return name in self._file.nodes

    def __getitem__(self, name: str) -> Part:
        if name not in self._file._parts:
            self._file._parts[name] = _analyzed(self._file, name)
        return self._file._parts[name]


def _home(module: str, name: str) -> tuple[File, str]:
    """Return the file that defines a name, through packages that only pass it on."""
    while True:
        if f"{module}.{name}".startswith(_KEPT_OUT):
            raise TypeError(f"{module}.{name} can't be copied into a script.")
        file = _file(module)
        if name in file.nodes:
            return file, name
        module, name = file.imports[name]


@cache
def _file(module: str) -> File:
    origin = importlib.import_module(module).__file__
    assert origin is not None
    source = Path(origin).read_text("utf-8")
    tree = ast.parse(source)
    nodes: dict[str, list[ast.stmt]] = {}
    for index, node in enumerate(tree.body):
        for name in _defined(node):
            following = tree.body[index + 1 : index + 2]
            documented = isinstance(node, (ast.Assign, ast.AnnAssign)) and any(
                isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
                for each in following
            )
            nodes[name] = [node, *(following if documented else ())]
    imports = {}
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Import):
            for alias in inner.names:
                imports[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0],
                    "",
                )
                if not alias.asname and "." in alias.name:
                    # ``import pyarrow.csv``: the name is that of the package.
                    imports[alias.name] = (alias.name, "")
        elif isinstance(inner, ast.ImportFrom) and inner.module:
            for alias in inner.names:
                imports[alias.asname or alias.name] = (inner.module, alias.name)
    lengths = [len(line) for line in source.splitlines(keepends=True)]
    offsets = [0]
    for length in lengths:
        offsets.append(offsets[-1] + length)
    return File(module, source, imports, nodes, offsets)


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    names: list[str] = []
    for target in targets:
        each = target.elts if isinstance(target, ast.Tuple) else (target,)
        names += [item.id for item in each if isinstance(item, ast.Name)]
    return names


def _analyzed(file: File, name: str) -> Part:
    nodes = file.nodes[name]
    first, last = nodes[0], nodes[-1]
    decorators = getattr(first, "decorator_list", [])
    is_declared = any(map(declares, decorators))
    line = first.lineno if is_declared else min([first.lineno, *(e.lineno for e in decorators)])
    start = file.at(line, 0)
    end = file.at(last.end_lineno or 0, last.end_col_offset or 0)
    edits: list[Edit] = []
    for node in nodes:
        edits += _left_out(file, node)
        edits += _errors(file, node)
        edits += _headless(file, node)
    if is_declared and isinstance(first, ast.FunctionDef):
        edits += undeclared(first, file.source, file.at)
    gone = [(a, b) for a, b, text in edits if not text]
    for node in nodes:
        edits += _unused_counters(file, node, gone)
    known = {*file.nodes, *file.imports}
    uses: dict[str, list[int]] = {}
    own: list[int] = []
    for node in nodes:
        local = _local_names(node)
        for used, at in _names(file, node):
            if used not in known or used in local or any(a <= at < b for a, b in gone):
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
    elif isinstance(first, ast.Assign) and len(_defined(first)) > 1:
        raise TypeError(f"{file.module}.{name}: assign constants one by one.")
    return Part(start, end, tuple(edits), uses, own)


def _names(file: File, node: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the names in an expression or statement with their offsets.

    Before Python 3.12 the positions inside of an f-string are wrong, so its text is searched.
    """
    if isinstance(node, ast.Name):
        yield node.id, file.at(node.lineno, node.col_offset)
    elif isinstance(node, ast.JoinedStr):
        start = file.at(node.lineno, node.col_offset)
        text = file.source[start : file.at(node.end_lineno or 0, node.end_col_offset or 0)]
        for used in {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}:
            for field in re.finditer(r"\{[^{}]*\}", text):
                for match in re.finditer(rf"(?<![\w.]){used}\b", field[0]):
                    yield used, start + field.start() + match.start()
    else:
        for child in ast.iter_child_nodes(node):
            yield from _names(file, child)


def _local_names(node: ast.stmt) -> set[str]:
    """Return names that mean something else inside of a definition: arguments and variables."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
    return found - set(_defined(node))


def _left_out(file: File, node: ast.AST) -> Iterator[Edit]:
    """Yield the edits that remove imports, warnings, and what only exists for them."""
    for each in ast.walk(node):
        for body in (getattr(each, "body", None), getattr(each, "orelse", None)):
            if not isinstance(body, list):
                continue
            removed = [
                statement
                for statement in body
                if isinstance(statement, ast.stmt) and _is_for_the_designer(statement)
            ]
            for statement in removed:
                start, end, text = _line(file, statement)
                if len(removed) == len(body) and _needs_a_body(file, each, statement):
                    text = f"{' ' * statement.col_offset}pass\n"
                    removed = []
                yield start, end, text


def _headless(file: File, node: ast.AST) -> Iterator[Edit]:
    """Yield the edits that replace blocks whose progress is reported by their statements."""
    for each in ast.walk(node):
        if not isinstance(each, ast.With) or not all(
            isinstance(item.context_expr, ast.Call)
            and isinstance(item.context_expr.func, ast.Name)
            and item.context_expr.func.id == "part_of_progress"
            for item in each.items
        ):
            continue
        first = each.body[0].lineno
        yield file.at(each.lineno, 0), file.at(first, 0), ""
        for line in range(first, (each.end_lineno or first) + 1):
            start = file.at(line, 0)
            if file.source.startswith("    ", start):
                yield start, start + 4, ""


def _unused_counters(file: File, node: ast.stmt, gone: list[tuple[int, int]]) -> Iterator[Edit]:
    """Yield the edits that mark loop variables which only served what is left out."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    read = [each for each in names if isinstance(each.ctx, ast.Load)]
    places = [(each.id, file.at(each.lineno, each.col_offset)) for each in read]
    left = {id for id, at in places if not any(a <= at < b for a, b in gone)}
    for loop in ast.walk(node):
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Tuple):
            continue
        for target in loop.target.elts:
            if isinstance(target, ast.Name) and target.id in {id for id, _ in places} - left:
                at = file.at(target.lineno, target.col_offset)
                yield at, at, "_"


def _needs_a_body(file: File, node: ast.AST, first: ast.stmt) -> bool:
    """Return whether a block stays if all of its statements go; one of ``elif`` doesn't."""
    if isinstance(node, ast.Module) or (isinstance(node, ast.stmt) and _is_for_the_designer(node)):
        return False
    start = file.at(first.lineno, first.col_offset)
    return not file.source.startswith("elif", start)


def _is_for_the_designer(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        function = statement.value.func
        return isinstance(function, ast.Name) and bool(_SILENT.match(function.id))
    if isinstance(statement, (ast.If, ast.For)) and not statement.orelse:
        return all(map(_is_for_the_designer, statement.body))
    return False


def _line(file: File, statement: ast.stmt) -> Edit:
    """Return the edit that removes whole lines, and the empty lines after an import."""
    start = file.at(statement.lineno, 0)
    end = file.at((statement.end_lineno or 0) + 1, 0)
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        while file.source[end : end + 1] == "\n":
            end += 1
        if re.match(r" *(?:class|def|@)", file.source[end : end + 100]):
            end -= 1
    return start, end, ""


def _errors(file: File, node: ast.AST) -> Iterator[Edit]:
    """Yield the edits that leave only the sentence of an error."""
    for each in ast.walk(node):
        if not isinstance(each, ast.Call) or not isinstance(each.func, ast.Name):
            continue
        if each.func.id != "ModuleError":
            continue
        message = each.args[1]
        begin = file.at(each.args[0].lineno, each.args[0].col_offset)
        first = file.at(message.lineno, message.col_offset)
        last = file.at(message.end_lineno or 0, message.end_col_offset or 0)
        end = file.at(each.end_lineno or 0, each.end_col_offset or 0) - 1
        head = file.source[file.source.rfind("\n", 0, begin) + 1 : begin]
        sentence = file.source[first:last]
        one_line = len(head.strip()) > 0 or "\n" in sentence
        if "\n" not in file.source[begin:end] or one_line:
            yield begin, first, ""
            tail = file.source[last:end]
            yield last, end, "\n" + tail.rpartition("\n")[2] if "\n" in tail else ""
            continue
        # In one line if it fits.
        opening = file.at(each.func.end_lineno or 0, each.func.end_col_offset or 0) + 1
        before = opening - (file.source.rfind("\n", 0, opening) + 1)
        rest = file.source[end + 1 :].partition("\n")[0]
        # A ValueError is one character shorter.
        if before - 1 + len(sentence) + 1 + len(rest) <= WIDTH:
            yield opening, first, ""
            yield last, end, ""
        else:
            yield begin, first, ""
            yield last, end, "\n" + file.source[last:end].rpartition("\n")[2]


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
