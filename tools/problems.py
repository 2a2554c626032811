"""Write the skeleton of a page in docs/problems for each new code of a problem, and their index.

A code is declared where its problem is raised: ``ModuleError("code", message, hint)``, a
``Problem`` with ``code=``, or the error of a step as plain data. Messages and hints are
copied from there; why it happens and the example are written by hand.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "problems"
INDEX = "README.md"
SECTIONS = ("What happened", "Why", "What to do", "Example")
UNWRITTEN = "Not written yet."

_SPELLED = {
    "azure": "Azure",
    "azureml main": "azureml_main",
    "cancelled": "canceled",
    "dataframe": "DataFrame",
    "do not": "don't",
    "docker": "Docker",
    "n grams": "n-grams",
    "r": "R",
    "sdk": "SDK",
    "sql": "SQL",
    "url": "URL",
    "vowpal wabbit": "Vowpal Wabbit",
}
"""What a title doesn't write as its code does."""

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_RAISED = ("ModuleError", "StepProblem", "problem", "error")


@dataclass
class Declared:
    """What the source says about a code."""

    messages: dict[str, None] = field(default_factory=dict)
    hints: dict[str, None] = field(default_factory=dict)


def main() -> int:
    """Write the pages that are missing, and the index."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    codes = declared()
    new = [code for code in codes if not (FOLDER / f"{code}.md").exists()]
    for code in new:
        (FOLDER / f"{code}.md").write_text(page(code, codes[code]), encoding="utf-8")
    (FOLDER / INDEX).write_text(index(codes), encoding="utf-8")
    print(f"{len(codes)} codes; new pages: {', '.join(new) or 'none'}")
    return 0


def declared() -> dict[str, Declared]:
    """Return the codes in the source, in order, with their messages and hints."""
    found: dict[str, Declared] = {}
    for package in ("modules", "designer"):
        for path in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            for code, message, hint in _declarations(tree, checks=path.stem.endswith("_checks")):
                entry = found.setdefault(code, Declared())
                entry.messages.update(dict.fromkeys(filter(None, [message])))
                entry.hints.update(dict.fromkeys(filter(None, [hint])))
    return dict(sorted(found.items()))


def page(code: str, source: Declared, why: str = UNWRITTEN, example: str = UNWRITTEN) -> str:
    """Return the text of a page."""
    parts = dict(
        zip(SECTIONS, (_listed(source.messages), why, _listed(source.hints), example), strict=True)
    )
    if not source.hints:
        parts["What to do"] = "Follow the message, and run the step again."
    lines = [f"# {title(code)}", "", f"`{code}`", ""]
    for heading, text in parts.items():
        lines += [f"## {heading}", "", text, ""]
    return "\n".join([*lines, f"[All problems]({INDEX})", ""])


def title(code: str) -> str:
    """Return the heading of the page of a code: its words, spelled as in a sentence."""
    words = code.replace("-", " ")
    for plain, spelled in _SPELLED.items():
        words = re.sub(rf"\b{plain}\b", spelled, words)
    return words[:1].upper() + words[1:]


def index(codes: Mapping[str, Declared]) -> str:
    """Return the text of the page that lists all others."""
    lines = [
        "# Problems",
        "",
        "Each kind of problem has a code, which never changes. F1 in the list of problems, “What",
        "this means” in a result, and `designer validate --explain CODE` show its page.",
        "",
    ]
    for code, source in codes.items():
        first = next(iter(source.messages), "")
        lines.append(f"- [`{code}`]({code}.md){f': {first}' if first else ''}")
    return "\n".join([*lines, ""])


def _declarations(tree: ast.AST, *, checks: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the code, the message, and the hint of each problem; unknown ones are empty."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            values = list(node.args)
            named = {each.arg: each.value for each in node.keywords if each.arg}
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if "code" in named:
                first = 0 if name == "_report" else 1
                yield from _entry(named["code"], values[first : first + 2], named)
            elif name in _RAISED and len(values) > 1:
                yield from _entry(values[0], values[1:3], named)
        elif isinstance(node, ast.Tuple):
            # What a check of a parameter yields.
            if checks and len(node.elts) == 3:
                yield from _entry(node.elts[0], node.elts[1:], {})
        elif isinstance(node, ast.Dict):
            keys = {str(k.value): v for k, v in zip(node.keys, node.values, strict=True)
                    if isinstance(k, ast.Constant)}  # fmt: skip
            if {"code", "message"} <= keys.keys():
                yield from _entry(keys["code"], [keys["message"]], keys)
        elif isinstance(node, ast.arguments):
            for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
                if argument.arg == "code" and default is not None:
                    yield from _entry(default, [], {})


def _entry(
    code: ast.expr, texts: list[ast.expr], named: Mapping[str, ast.expr]
) -> Iterator[tuple[str, str, str]]:
    if (
        isinstance(code, ast.Constant)
        and isinstance(code.value, str)
        and _CODE.fullmatch(code.value)
    ):
        message = texts[0] if texts else named.get("message")
        hint = texts[1] if len(texts) > 1 else named.get("hint")
        yield code.value, _text(message), _text(hint)


def _text(node: ast.expr | None) -> str:
    """Return a text of the source; what is filled in is “…”, and only that counts as unknown."""
    found = _template(node)
    if not re.search(r"\w", found):
        return ""
    return " ".join(found.removeprefix("…: ").replace("….", "…").split())


def _template(node: ast.expr | None) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left) + _template(node.right)
    return "…" if node is not None else ""


def _listed(texts: Mapping[str, None]) -> str:
    return "\n".join(f"- {text}" for text in texts) or "- The message describes it."


if __name__ == "__main__":
    sys.exit(main())
