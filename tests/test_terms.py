"""The words on the screen and in the docs: terms that were replaced must not come back."""

from __future__ import annotations

import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TERMS = {
    r"\b(?:is|are|was) no (?!longer\b|example\b)(?:a |an )?\w+ of\b": "isn't one of",
    r"\b(?:go|goes|went|going) on\b": "continue, keep running",
    r"\banew\b": "again",
    r"\blearnt\b": "fitted, learned",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bcommonest\b": "most frequent",
    r"\bsmall letters\b": "lowercase letters",
    r"\bthe original(?! order\b)\b": "Azure ML designer",
    r"\bwhat (?:came|becomes|became) of\b": "the result, what to do with",
    r"\b(?:take|takes|taken|taking|took) back\b": "undo, roll back",
    r"\b(?:says?|said|tells?|told)\b": "shows, reports, contains",
    r"\ba person\b|\bpersons\b(?!,)": "you, the user",
    r"\b(?:somebody|nobody)\b": "someone, no one",
    r"\b[Ww]hole numbers?\b": "integer",
    r"\bof (?:Docker|Azure|Azure ML|Microsoft)'s\b(?! \w)": "the noun first: a Docker container",
    r"\bof (?:a|its|their) own\b(?=[.;:,]|$)": "its own x, a separate x",
    r"(?<!in )(?<!into )\bplaces?\b(?!\s*holder)": "target, position, folder, index",
    r"\b(?:is|are|do|does|did|was|were|has|have|should) not\b(?! exist\b| None\b)": "isn't",
    r"\b(?<!\")can ?not\b(?! find dataset)": "can't",
    r"\bstands? (?:in|on|at|for|alone|there|here)\b": "is",
    r"\b(?:each|every|all) by itself\b": "separately",
    r"[A-Za-z]’[a-z]": "a straight apostrophe",
    r"\bgrew beyond all numbers\b": "diverged",
    r"\bcame to rest\b": "converged",
    r"\bWhole number\b": "Integer",
    r"\bcalls itself without an end\b": "infinite recursion",
    r"\bReused from before\b": "Reused",
    r"\bLook again\b|\bAsk Azure\b": "Refresh",
    r"\bTest the web service\b": "Test the endpoint",
    r"\bproperty panel\b": "Properties panel",
    r"\ba process of its own\b": "a separate process",
    r"\bconflict marks\b": "conflict markers",
    r"\bcatalogue\b|\bcolour|\blicence\b|\bminimis|\blabell": "American spelling",
}
"""Terms as regular expressions, each with what to write instead."""

ANY = re.compile("|".join(f"(?:{term})" for term in TERMS), re.IGNORECASE)


@pytest.mark.long
def test_no_replaced_term_came_back() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: “{hit}”; write: {better}"
        for path in files()
        for line, text in texts(path)
        for hit, better in replaced(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("The run goes on.", "goes on"),
        ("“x” is no machine of that size.", "is no machine of"),
        ("The column does not exist in the table", None),
        ("What was learnt stays.", "learnt"),
        ("The model doesn't contain text.", None),
        ("It takes whole numbers.", "whole numbers"),
        ("Don’t close it.", "n’t"),
        ("Values in “quotes” are fine.", None),
        ("The file stands in the folder.", "stands in"),
        ("A stand-in of the service", None),
        ("There is no file “x”.", None),
        ("A value that is no longer used", None),
    ],
)
def test_a_term_is_found_and_good_english_is_not(text: str, hit: str | None) -> None:
    assert [found for found, _ in replaced(text)] == ([] if hit is None else [hit])


def test_texts_of_a_file_are_its_strings_and_comments(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text('said = 1  # a comment\nname = f"{said} rows"\n"""A\ndocstring."""\n', "utf-8")
    read = [(line, text) for line, text in texts(file) if text.strip('"f{}')]
    assert (1, "# a comment") in read
    assert (4, 'docstring."""') in read
    assert not any("said" in text for line, text in read if line == 1)


def files() -> Iterator[Path]:
    """Yield what people read: code, pages, and the notes of the samples."""
    for room in ("designer", "modules"):
        yield from sorted((ROOT / room).rglob("*.py"))
    yield from sorted((ROOT / "samples").rglob("*.json"))
    yield from sorted(
        {*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("[a-z]*/README.md")}
    )


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that people read, numbered from 1."""
    text = path.read_text("utf-8")
    if path.suffix == ".md":
        yield from enumerate(text.splitlines(), 1)
    elif path.suffix == ".json":
        pipeline = json.loads(text)
        yield 1, pipeline["description"]
        yield from ((1, node.get("comment", "")) for node in pipeline["nodes"].values())
        for note in pipeline.get("notes", {}).values():
            yield from ((1, line) for line in note["text"])
    else:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            name = tokenize.tok_name[token.type]
            if name in ("STRING", "COMMENT", "FSTRING_MIDDLE"):
                for number, line in enumerate(token.string.splitlines(), token.start[0]):
                    yield number, _without_code(line, name)


def replaced(text: str) -> Iterator[tuple[str, str]]:
    """Yield the terms of a text that were replaced, and what to write instead."""
    if not ANY.search(text):
        return
    for term, better in TERMS.items():
        if match := re.search(term, text, re.IGNORECASE):
            yield match[0], better


def _without_code(line: str, kind: str) -> str:
    """Return a line without what an f-string of Python 3.11 has between braces."""
    return (
        re.sub(r"\{[^{}]*\}", "{}", line)
        if kind == "STRING" and re.search("f[\"']", line)
        else line
    )
