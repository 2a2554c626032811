"""A file of modules: what it imports and defines, and which names a definition uses."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KEPT_OUT = ("modules.contract.data_table.DataTable", "modules.contract.value")

Edit = tuple[int, int, str]
"""First and last offset in the source, and the text that replaces it."""


@dataclass(frozen=True, eq=False)
class SourceFile:
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

    def at(self, line: int, column: int) -> int:
        """Return the offset of a position of :mod:`ast`, whose columns are bytes."""
        start = self.offsets[line - 1]
        text = self.source[start : start + column]
        while len(text.encode()) > column:
            text = text[:-1]
        return start + len(text)


def home(module: str, name: str) -> tuple[SourceFile, str]:
    """Return the file that defines a name, through packages that only pass it on."""
    while True:
        if f"{module}.{name}".startswith(_KEPT_OUT):
            raise TypeError(f"{module}.{name} can't be copied into a script.")
        file = source_file(module)
        if name in file.nodes:
            return file, name
        module, name = file.imports[name]


@cache
def source_file(module: str) -> SourceFile:
    """Return the file of a module."""
    origin = importlib.import_module(module).__file__
    assert origin is not None
    source = Path(origin).read_text("utf-8")
    tree = ast.parse(source)
    nodes: dict[str, list[ast.stmt]] = {}
    for index, node in enumerate(tree.body):
        for name in defined(node):
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
    return SourceFile(module, source, imports, nodes, offsets)


def defined(node: ast.stmt) -> list[str]:
    """Return the names that a statement defines."""
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


def global_names(
    file: SourceFile, node: ast.AST, hidden: frozenset[str]
) -> Iterator[tuple[str, int]]:
    """Yield the global names in an expression or statement with their offsets.

    Parameters
    ----------
    hidden : frozenset of str
        Names that mean something else here.

    Notes
    -----
    Before Python 3.12 the positions inside of an f-string are wrong, so its text is searched.
    """
    if isinstance(node, ast.Name):
        if node.id not in hidden:
            yield node.id, file.at(node.lineno, node.col_offset)
    elif isinstance(node, ast.JoinedStr):
        start = file.at(node.lineno, node.col_offset)
        text = file.source[start : file.at(node.end_lineno or 0, node.end_col_offset or 0)]
        used_here = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        for used in used_here - hidden:
            for field in re.finditer(r"\{[^{}]*\}", text):
                for match in re.finditer(rf"(?<![\w.]){used}\b", field[0]):
                    yield used, start + field.start() + match.start()
    else:
        for child in ast.iter_child_nodes(node):
            inner = hidden
            if isinstance(child, ast.FunctionDef) and isinstance(node, ast.ClassDef):
                # What a method names doesn't hide anything in another one.
                inner = local_names(child)
            yield from global_names(file, child, inner)


def local_names(node: ast.stmt) -> frozenset[str]:
    """Return names that mean something else inside of a definition: arguments and variables.

    Those of a class are its own variables, without what its methods name.
    """
    found: set[str] = set()
    body = [node]
    if isinstance(node, ast.ClassDef):
        body = [each for each in node.body if not isinstance(each, ast.FunctionDef)]
    for each in (inner for statement in body for inner in ast.walk(statement)):
        if isinstance(each, ast.arg):
            found.add(each.arg)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
    return frozenset(found - set(defined(node)))
