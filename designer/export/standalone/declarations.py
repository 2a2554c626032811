"""What a module declares, left out of the copy of its function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator


def declares(decorator: ast.expr) -> bool:
    """Return whether a decorator declares a module, for the designer alone."""
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id in ("learner", "module")
    )


def undeclared(
    node: ast.FunctionDef, source: str, at: Callable[[int, int], int]
) -> Iterator[tuple[int, int, str]]:
    """Yield the edits that leave a plain function of a module: no declaration, no long help.

    Parameters
    ----------
    at : callable
        Returns the offset of a position of :mod:`ast` in the source.
    """
    for each in node.decorator_list:
        yield at(each.lineno, each.col_offset), at(node.lineno, 0), ""
    plain, keywords = node.args, node.args.kw_defaults
    first = [None] * (len(plain.args) - len(plain.defaults))
    for argument, default in zip(
        [*plain.args, *plain.kwonlyargs], [*first, *plain.defaults, *keywords], strict=True
    ):
        kind = argument.annotation
        if kind is None:
            continue
        start = at(argument.lineno, argument.col_offset) + len(argument.arg)
        end = at(kind.end_lineno or 0, kind.end_col_offset or 0)
        yield start, end, ""
        if default is not None:
            yield end, at(default.lineno, default.col_offset), "="
    help_text = node.body[0]
    if ast.get_docstring(node):
        begin = at(help_text.lineno, help_text.col_offset)
        end = at(help_text.end_lineno or 0, help_text.end_col_offset or 0)
        sentence = source[begin:end].partition("\n")[0].removesuffix('"""')
        yield begin + len(sentence), end, '"""'
