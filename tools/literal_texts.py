"""Finds the literal texts in the window's code that a user can see and that aren't translated.

Whatever reads like words counts as such a text, unless its place shows that it isn't one: a key, a
name, a comparison, an error of programming. So a new text is found wherever it is written.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

TRANSLATING = {"tr", "N_", "ngettext", "counted", "in_language"}

NOT_SHOWN_CALLS = {
    "setObjectName", "setProperty", "property", "findChild", "findChildren", "getattr", "setattr",
    "hasattr", "isinstance", "TypeVar", "NewType", "cast", "QFont", "icon", "pixmap", "QColor",
    "debug", "info", "warning", "error", "exception", "getLogger", "compile", "match", "fullmatch",
    "search", "sub", "split", "rsplit", "partition", "rpartition", "startswith", "endswith",
    "removeprefix", "removesuffix", "replace", "strip", "lstrip", "rstrip", "encode", "decode",
    "open", "Path", "environ", "getenv", "strftime", "strptime", "setStyleSheet", "setFilter",
    "setData", "value", "setValue", "fromString", "QUrl", "QKeySequence", "ThreadPoolExecutor",
    "Thread", "field", "find", "index", "count", "pop", "setdefault", "Signal", "partial",
    "fromTheme", "setName", "wait_for", "execute", "fill",
    "setFormat", "setDisplayFormat", "fontFamilies",
    "RowFilter", "setCursorName", "setStyle", "setFamily", "QRegularExpression", "read_text",
    "write_text",
    "with_name", "with_suffix", "glob", "rglob", "import_module", "Template", "setGroup",
}  # fmt: skip
"""Functions whose texts nobody sees; ``get`` takes a key, but its default may be shown."""

NOT_SHOWN_KEYWORDS = {
    "icon", "menus", "needs", "kind", "severity", "name", "role", "key", "keys", "mode", "encoding",
    "purpose", "sep", "end", "errors", "objectName", "default_factory", "id", "format", "anchor",
    "color", "style", "side", "extra", "code", "pattern", "suffixes", "of", "status", "newline",
    "keywords", "trusted", "requires",
}  # fmt: skip

NOT_SHOWN_FILES = {"shell/commands/menus.py", "code/spans.py"}
"""Files with names of menus, translated where they are shown, and of tokens of programs."""

PROGRAMMING = {
    "ValueError", "TypeError", "RuntimeError", "KeyError", "AssertionError", "NotImplementedError",
    "AttributeError", "LookupError", "IndexError",
}  # fmt: skip

_WORDS = re.compile(
    r"[A-Z“(]?[a-z]+[^\W\d_]*[ …:.,?!]|^[A-Z][a-z]{2,}$|[a-z] [a-z“(]|^[A-Z][a-z]+ [A-Z]"
    r"|\{\} [a-z]{3,}|[a-z]{3,} \{\}"
)
_NO_TEXT = re.compile(
    # Markup, style sheets, patterns, and keys;
    r"^\s*<|^style=|[{}] *[;:]|\{ \w|\\[bdswW]|^(?:Ctrl|Alt|Shift|Meta)\+"
    # names, addresses, paths, formats, and tokens of programs.
    r"|^[a-z]+:[^ ]|^[\w.-]+/[\w./-]+$|^#|^[a-z_.]+$|^%|^\w+://|\.json$|^[A-Z][a-z]+ \d[\d.]*$"
)

_KEYS = re.compile(r"(?:^|_)(?:KIND|DECLINED|OF_WORDS)$")
"""Constants that are compared, and never shown."""


def unwrapped(source: str, *, deep: bool = False) -> Iterator[ast.Constant | ast.JoinedStr]:
    """Yield the nodes of texts that aren't passed to a function that translates them.

    Parameters
    ----------
    deep : bool
        Also texts that are put into others, and those of every error.
    """
    tree = ast.parse(source)
    yield from _Finder(deep=deep).of(tree)


def is_text(text: str) -> bool:
    """Return whether a literal reads like words."""
    return bool(_WORDS.search(text)) and not _NO_TEXT.search(text)


def literal(node: ast.Constant | ast.JoinedStr) -> str:
    """Return the text of a literal, with ``{}`` for what is put in."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
    )


class _Finder:
    def __init__(self, *, deep: bool) -> None:
        self._deep = deep

    def of(self, node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
        if isinstance(node, ast.JoinedStr):
            shown = literal(node)
            # Placeholders look like the blocks of a style sheet.
            found = is_text(shown.replace("{}", "_") if self._deep else shown)
            if found:
                yield node
            if self._deep or not found:
                for part in node.values:
                    if isinstance(part, ast.FormattedValue):
                        yield from self.of(part.value)
            return
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and is_text(node.value):
                yield node
            return
        for child in self._shown_children(node):
            yield from self.of(child)

    def _shown_children(self, node: ast.AST) -> Iterator[ast.AST]:
        if isinstance(node, ast.Call):
            yield from self._of_call(node)
        elif isinstance(node, ast.Compare):
            return
        elif isinstance(node, ast.Dict):
            yield from node.values
        elif isinstance(node, ast.Subscript):
            yield node.value
        elif isinstance(node, ast.Raise):
            called = node.exc
            programming = isinstance(called, ast.Call) and _name(called.func) in PROGRAMMING
            if programming and not self._deep:
                return
            yield from ast.iter_child_nodes(node)
        elif isinstance(node, (ast.AnnAssign, ast.arg)):
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                yield node.value
        elif isinstance(node, ast.Assign):
            names = [each.id for each in node.targets if isinstance(each, ast.Name)]
            targets = [each for target in node.targets for each in ast.walk(target)]
            keys = [each.id for each in targets if isinstance(each, ast.Name)]
            if names != ["__all__"] and not any(map(_KEYS.search, keys)):
                yield node.value
        elif isinstance(node, ast.ClassDef):
            if not any(_name(base).endswith(("Enum", "TypedDict")) for base in node.bases):
                yield from node.body
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from node.decorator_list
            yield from (each for each in (*node.args.defaults, *node.args.kw_defaults) if each)
            yield from node.body
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return
        elif isinstance(node, ast.match_case):
            yield from node.body
        elif isinstance(node, ast.Assert):
            return
        else:
            yield from ast.iter_child_nodes(node)

    def _of_call(self, node: ast.Call) -> Iterator[ast.AST]:
        name = _name(node.func)
        if name in TRANSLATING or name in NOT_SHOWN_CALLS:
            # A method may be called on a text, and an argument may be a call.
            yield from (each for each in node.args if isinstance(each, ast.Call))
            return
        yield node.func
        first_is_key = name in ("get", "translated", "pipeline_word")
        for index, each in enumerate(node.args):
            if first_is_key and index == 0:
                continue
            # The second argument of a command is its keys.
            if name == "command" and index == 1:
                continue
            yield each
        yield from (each.value for each in node.keywords if each.arg not in NOT_SHOWN_KEYWORDS)


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))
