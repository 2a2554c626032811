"""From the text of formulas to expressions, with Python's parser; nothing is ever run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from modules.contract import ModuleError

LONGEST = 4000
"""Maximum characters of a formula."""

_DEEPEST = 50
_TOKENS = re.compile(r"""("[^"]*"|'[^']*')|(`[^`]*`)|(\w+)|(#)""")
_KEPT = {"and": "and", "or": "or", "not": "not", "in": "in", "true": "True", "false": "False"}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.USub: "negative",
    ast.UAdd: "positive",
}
_INSTEAD: dict[type[ast.AST], str] = {
    ast.BitAnd: "Use “and” to combine conditions.",
    ast.BitOr: "Use “or” to combine conditions.",
    ast.Invert: "Use “not” to negate a condition.",
    ast.BitXor: "Use “**” for powers.",
}


@dataclass(frozen=True)
class Constant:
    """A text, a number, true or false.

    Parameters
    ----------
    start : int
        Where it is in the formula, from 1.
    """

    value: Any
    start: int


@dataclass(frozen=True)
class Name:
    """A column."""

    column: str
    start: int


@dataclass(frozen=True)
class Call:
    """A function or an operator with its arguments."""

    function: str
    arguments: tuple[Expression, ...]
    start: int


Expression = Constant | Name | Call


@dataclass(frozen=True)
class Formula:
    """An expression and the column that it makes.

    Parameters
    ----------
    line : int
        Where it starts in the text, from 1.
    """

    output: str
    expression: Expression
    line: int


class FormulaError(ValueError):
    """What is wrong with an expression, and where.

    Parameters
    ----------
    start : int
        The character, from 1; 0 if it is the whole expression.
    column : str, optional
        A column that doesn't exist.
    """

    def __init__(
        self,
        message: str,
        hint: str,
        start: int = 0,
        code: str = "bad-formula",
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.start, self.code = message, hint, start, code
        self.column = column

    def as_module_error(self, output: str, line: int) -> ModuleError:
        """Return the error as that of a formula."""
        where = f" at character {self.start}" if self.start else ""
        message = f"Formula “{output}”{where}: {self.message}"
        return ModuleError(
            self.code, message, self.hint, parameter="formulas", column=self.column, line=line
        )


def parsed(text: str) -> list[Formula]:
    """Return the formulas of a text, one a line; an indented line continues the one before.

    Raises
    ------
    ModuleError
        For the first that can't be read.
    """
    found = []
    for line, written in _lines(text):
        head = re.match(r"\s*(?:`([^`]+)`|([^=`]+?))\s*=(?!=)", written)
        if head is None:
            raise ModuleError(
                "bad-formula",
                f"Line {line} isn't a formula: “{written.strip()}”.",
                "Write the new column, =, and the expression: total = price * quantity.",
                parameter="formulas",
                line=line,
            )
        output = head[1] or head[2]
        try:
            found.append(Formula(output, expression_of(written, head.end()), line))
        except FormulaError as error:
            raise error.as_module_error(output, line) from error
    if not found:
        raise ModuleError(
            "no-formula",
            "There is no formula.",
            "Enter one in each line: total = price * quantity.",
            parameter="formulas",
        )
    return found


def expression_of(text: str, start: int = 0) -> Expression:
    """Return the expression that a text contains from a position on.

    Raises
    ------
    FormulaError
        If it isn't one.
    """
    body = text[start:]
    blanks = len(body) - len(body.lstrip())
    if not body.strip():
        raise FormulaError("the expression is empty.", "Enter an expression after the =.")
    if len(text) > LONGEST:
        raise FormulaError(
            f"it is longer than {LONGEST:,} characters.", "Divide it into several formulas."
        )
    names: dict[int, str] = {}
    texts: dict[int, str] = {}
    offset = start + blanks

    def replaced(match: re.Match[str]) -> str:
        """Give the parser names and texts of the same length, so that positions stay.

        Any name can be one of a column then, and a backslash in a text is only that.
        """
        if match[4]:
            raise FormulaError(
                "“#” isn't allowed in an expression.",
                "Enter column names in `backticks`, and comments in separate lines.",
                offset + match.start() + 1,
            )
        text, quoted, word = match[1], match[2], match[3]
        if text is not None:
            texts[match.start()] = text[1:-1]
            return f"'{'_' * (len(text) - 2)}'"
        if quoted is None and (word is None or word[0].isdigit()):
            return match[0]
        if word and word.lower() in _KEPT:
            return _KEPT[word.lower()]
        names[match.start()] = quoted[1:-1] if quoted else word
        return "_" * len(match[0])

    source = _TOKENS.sub(replaced, body.strip())
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        position = offset + max(error.offset or 1, 1)
        raise FormulaError(*_reason(source, error), position) from None
    except (RecursionError, MemoryError, ValueError, OverflowError):
        raise FormulaError("it can't be read.", "Simplify the expression.") from None
    return _Reader(names, texts, source.encode(), offset).read(tree, 0)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the formulas with the numbers of their lines."""
    current: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if current is not None and line[0].isspace():
            current = current[0], f"{current[1]} {line.strip()}"
            continue
        if current is not None:
            yield current
        current = number, line
    if current is not None:
        yield current


def _reason(source: str, error: SyntaxError) -> tuple[str, str]:
    if re.search(r"(?<![=<>!])=(?!=)", source):
        return "a single = doesn't compare.", "Use == to compare."
    if "<>" in source or "&&" in source or "||" in source:
        return "the operator isn't known.", "Use !=, and, or."
    if source.count("(") != source.count(")"):
        return "the parentheses don't match.", "Add or remove a parenthesis."
    return (
        "the expression can't be read from here on.",
        "Check operators and quotes. Enter column names with blanks in `backticks`.",
    )


class _Reader:
    """Turns what Python's parser found into expressions, and rejects everything else."""

    def __init__(
        self, names: dict[int, str], texts: dict[int, str], source: bytes, offset: int
    ) -> None:
        self._names, self._texts = names, texts
        self._source, self._offset = source, offset

    def read(self, node: ast.expr, depth: int) -> Expression:
        start, deeper = self._start(node), depth + 1
        if depth > _DEEPEST:
            raise FormulaError("it is nested too deeply.", "Divide it into formulas.", start)
        if isinstance(node, ast.Name):
            return Name(self._name(node), start)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return Constant(self._texts[self._index(node)], start)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
            if type(node.value) is int and not -(2**63) <= node.value < 2**63:
                raise FormulaError("the integer is too large.", "Write 1e20 for it.", start)
            return Constant(node.value, start)
        if isinstance(node, ast.BinOp):
            pair = (self.read(node.left, deeper), self.read(node.right, deeper))
            return Call(self._operator(node.op, start), pair, start)
        if isinstance(node, ast.UnaryOp):
            inner = self.read(node.operand, deeper)
            return Call(self._operator(node.op, start), (inner,), start)
        if isinstance(node, ast.BoolOp):
            parts = tuple(self.read(each, deeper) for each in node.values)
            return Call(self._operator(node.op, start), parts, start)
        if isinstance(node, ast.Compare):
            return self._comparison(node, deeper)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            arguments = tuple(self.read(each, deeper) for each in node.args)
            return Call(self._name(node.func).lower(), arguments, start)
        raise FormulaError(
            "this isn't allowed in an expression.",
            "Use columns, values, operators, and the functions of the help.",
            start,
        )

    def _comparison(self, node: ast.Compare, depth: int) -> Expression:
        start = self._start(node)
        left, found = self.read(node.left, depth), []
        for sign, other in zip(node.ops, node.comparators, strict=True):
            if isinstance(sign, (ast.In, ast.NotIn)):
                listed = other.elts if isinstance(other, (ast.Tuple, ast.List)) else [other]
                if not listed or (listed == [other] and not isinstance(other, ast.Constant)):
                    raise FormulaError(
                        "“in” needs a list of values.",
                        'Write the values in parentheses, with commas: in ("a", "b").',
                        self._start(other),
                    )
                values = tuple(self.read(each, depth) for each in listed)
                call = Call("in", (left, *values), start)
                found.append(Call("not", (call,), start) if isinstance(sign, ast.NotIn) else call)
                continue
            right = self.read(other, depth)
            found.append(Call(self._operator(sign, start), (left, right), start))
            left = right
        return found[0] if len(found) == 1 else Call("and", tuple(found), start)

    def _operator(self, node: ast.AST, start: int) -> str:
        known = _OPERATORS.get(type(node))
        if known is None:
            hint = _INSTEAD.get(type(node), "Use + - * / // % ** and comparisons.")
            raise FormulaError("the operator isn't known.", hint, start)
        return known

    def _name(self, node: ast.Name) -> str:
        return self._names[self._index(node)]

    def _index(self, node: ast.expr) -> int:
        lines = self._source.splitlines(keepends=True)
        before = b"".join(lines[: node.lineno - 1]) + lines[node.lineno - 1][: node.col_offset]
        return len(before.decode())

    def _start(self, node: ast.expr) -> int:
        return self._offset + self._index(node) + 1
