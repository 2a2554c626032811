"""Finds the texts that rooms below the window make, with placeholders for what they put in.

They don't know the window's language, so the window translates them by their form; see
``designer/composed_texts.py``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from literal_texts import unwrapped

ROOMS = ("modules", "designer")

NOT_SHOWN = (
    # The window's own texts, what programs read, and what is written into files.
    "designer/app/",
    "designer/cli/",
    "designer/deployment/texts/",
    "designer/export/standalone/",
    "designer/export/main_program.py",
    "designer/export/notebook.py",
    "designer/export/statements.py",
    "designer/export/imports.py",
    "designer/examples.py",
    "designer/packaging/plug_ins.py",
    "designer/texts.py",
    "modules/endpoint/",
    "modules/step.py",
    "modules/learning/trusted.py",
    "modules/learning/compiled/",
    "modules/runtime/arguments.py",
    "modules/scoring/mlflow_model.py",
    "modules/tables/formulas/functions.py",
)
"""Files and folders whose texts the window doesn't show."""

_CODE = re.compile(
    # Statements, queries, names, options, commands, signatures, formats, and patterns.
    r"\n|^ {2,}|^[\w.{}]+[._][\w.{}]+$|^(?:INSERT|SELECT|DELETE|CREATE|UPDATE|PRAGMA)\b"
    r"|\w\(\w*\)$|^--\w|^import \w|^from [\w.]+ import|^def \w+\(|^class \w+[:(]"
    r"|^(?:def|return)$|^return \S+$|^with \w+\(|^for [\w{}, ]+ in\b"
    r"|^(?:select|pragma|apt|brew|winget|pip|cp|sh|python|designer|az|name:|modules) [\w.*{}$-]"
    r"|^\W*\{\w*\}\W*$"
    r"|^[/$@]|\{\w+\}\(|^\{\w+\} = |\[\{|\\[bdswS1]|\|[A-Z]|-> |^\w+:$"
    r'|^"""|^\{\w+\}\.|\.\w+\(|lambda|\bfor \w+ in\b|^\w+\.\w+ [<>]|shuffle=|^ij,|=\{|={2}\d|^\{\{"'
)


def composed_texts(root: Path) -> dict[str, list[str]]:
    """Return the texts by file, each with named placeholders: ``“{column}” has no values.``"""
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        for file in sorted((root / room).rglob("*.py")):
            name = file.relative_to(root).as_posix()
            if not name.startswith(NOT_SHOWN):
                texts = list(dict.fromkeys(texts_of(file.read_text(encoding="utf-8"))))
                if texts:
                    found[name] = texts
    return found


def texts_of(source: str) -> Iterator[str]:
    """Yield the texts of a program."""
    for node in unwrapped(source, deep=True):
        text = template(node)
        if not _CODE.search(text) and not _CODE.search(text.strip()):
            yield text.strip()


def template(node: ast.Constant | ast.JoinedStr) -> str:
    """Return a literal with a named placeholder for each value that is put in."""
    if isinstance(node, ast.Constant):
        text = str(node.value)
        # A text with names in braces is filled later.
        return text if _FIELDS.search(text) else text.replace("{", "{{").replace("}", "}}")
    parts: list[str] = []
    used: dict[str, int] = {}
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        elif isinstance(part, ast.FormattedValue):
            name = _name(part.value)
            used[name] = used.get(name, 0) + 1
            parts.append(f"{{{name}{used[name] if used[name] > 1 else ''}}}")
    return "".join(parts)


_FIELDS = re.compile(r"\{[a-z_]\w*(?::[^{}]*)?\}")


def _name(node: ast.expr) -> str:
    """Return a name for a value: that of its variable or attribute, or of what is called."""
    if isinstance(node, ast.Name):
        return node.id.strip("_")
    if isinstance(node, ast.Attribute):
        return node.attr.strip("_")
    if isinstance(node, ast.Call):
        named = _name(node.func)
        if named in ("len", "join", "str", "sum", "max", "min", "int", "sorted", "format"):
            inner = node.args[0] if node.args else node.func
            kind = {"len": "count", "join": "list"}.get(named)
            return kind or _name(inner)
        return named
    if isinstance(node, ast.Subscript):
        return _name(node.value)
    if isinstance(node, ast.BinOp):
        return _name(node.left)
    if isinstance(node, ast.IfExp):
        return _name(node.body)
    return "value"
