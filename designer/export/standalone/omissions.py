"""What is left out of a copied definition: imports, warnings, progress, the codes of errors."""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator

from designer.export.source import WIDTH
from designer.export.standalone.source_file import Edit, SourceFile

_SILENT = re.compile(r"report_progress|_?warn(?:_\w+)?$")
"""Functions whose calls are left out."""


def left_out(file: SourceFile, node: ast.AST) -> Iterator[Edit]:
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


def headless(file: SourceFile, node: ast.AST) -> Iterator[Edit]:
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


def unused_counters(
    file: SourceFile, node: ast.stmt, gone: list[tuple[int, int]]
) -> Iterator[Edit]:
    """Yield the edits that mark loop variables which only served what is left out."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    read = [each for each in names if isinstance(each.ctx, ast.Load)]
    places = [(each.id, file.at(each.lineno, each.col_offset)) for each in read]
    left = {id for id, at in places if not any(a <= at < b for a, b in gone)}
    for loop in ast.walk(node):
        if not isinstance(loop, ast.For):
            continue
        each = loop.target
        for target in each.elts if isinstance(each, ast.Tuple) else [each]:
            if isinstance(target, ast.Name) and target.id in {id for id, _ in places} - left:
                at = file.at(target.lineno, target.col_offset)
                yield at, at, "_"


def unused_variables(
    file: SourceFile, node: ast.stmt, gone: list[tuple[int, int]]
) -> Iterator[Edit]:
    """Yield the edits that remove variables which only served what is left out."""
    for function in ast.walk(node):
        if not isinstance(function, ast.FunctionDef):
            continue
        names = [each for each in ast.walk(function) if isinstance(each, ast.Name)]
        places = [
            (each.id, file.at(each.lineno, each.col_offset))
            for each in names
            if isinstance(each.ctx, ast.Load)
        ]
        left = {id for id, at in places if not any(a <= at < b for a, b in gone)}
        served = {id for id, _ in places} - left
        for block in _blocks(function):
            dropped = [statement for statement in block if _assigns_only(statement, served)]
            empty = all(
                each in dropped
                or any(a <= file.at(each.lineno, each.col_offset) < b for a, b in gone)
                for each in block
            )
            for statement in dropped:
                start, end, text = _line(file, statement)
                if empty and statement is dropped[0]:
                    text = f"{' ' * statement.col_offset}pass\n"
                yield start, end, text


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for each in ast.walk(node):
        for block in (getattr(each, "body", None), getattr(each, "orelse", None)):
            if isinstance(block, list) and block:
                yield block


def _assigns_only(statement: ast.stmt, names: Container[str]) -> bool:
    """Return whether a statement does nothing but give these names values."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
        return False
    target = statement.targets[0]
    each = target.elts if isinstance(target, ast.Tuple) else [target]
    return all(isinstance(name, ast.Name) and name.id in names for name in each)


def _needs_a_body(file: SourceFile, node: ast.AST, first: ast.stmt) -> bool:
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


def _line(file: SourceFile, statement: ast.stmt) -> Edit:
    """Return the edit that removes whole lines, and the empty lines after an import."""
    start = file.at(statement.lineno, 0)
    end = file.at((statement.end_lineno or 0) + 1, 0)
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        while file.source[end : end + 1] == "\n":
            end += 1
        if re.match(r" *(?:class|def|@)", file.source[end : end + 100]):
            end -= 1
    return start, end, ""


def errors(file: SourceFile, node: ast.AST) -> Iterator[Edit]:
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
