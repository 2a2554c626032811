r"""Long texts in the language that is used: explanations of modules, and pages of the guide.

The catalog ``pages`` has a text for each paragraph, heading, item, and cell, so a page that changed
is shown with its new paragraphs in English, and the others translated.

>>> from designer.long_texts import page_in_language, paragraphs
>>> list(paragraphs("# Run\n\nPress **F5**,\nand wait."))
['Run', 'Press **F5**, and wait.']
>>> page_in_language("# Run")
'# Run'
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from designer.paths import resources
from designer.reference_texts import reference_in_language
from designer.texts import N_, language, tr

if TYPE_CHECKING:
    from markdown_it.token import Token

DOMAIN = "pages"
"""The catalog of long texts. It is read when the first one is shown."""

ITEM = "- "
"""How a paragraph begins that is an item of a list."""

SECTIONS = (N_("Notes"), N_("References"), N_("See Also"))
"""Sections of a docstring that the help of a module shows."""


def introduction(docstring: str) -> list[str]:
    """Return the paragraphs of a docstring before its first section; items begin with “- ”."""
    return [text for title, text in _parts(docstring) if not title]


def sections(docstring: str) -> list[tuple[str, list[str]]]:
    """Return the titles and paragraphs of the sections of a docstring that help shows."""
    found: dict[str, list[str]] = {}
    for title, text in _parts(docstring):
        if title in SECTIONS:
            found.setdefault(title, []).append(text)
    return list(found.items())


def paragraph_in_language(text: str) -> str:
    """Return a paragraph in the language that is used; itself if it isn't translated."""
    if language() == "en" or not text.strip():
        return text
    text = " ".join(text.split())
    item = ITEM if text.startswith(ITEM) else ""
    return item + (_known(text.removeprefix(item)) or text.removeprefix(item))


def page_in_language(markdown: str) -> str:
    """Return a page in the language that is used.

    Parameters
    ----------
    markdown : str
        CommonMark with tables. Code stays as it is.
    """
    if language() == "en":
        return markdown
    lines = markdown.splitlines(keepends=True)
    for first, last, texts in _places(markdown):
        place = "".join(lines[first:last])
        made, rest = "", place
        for text in texts:
            if match := _pattern(text).search(rest):
                found = _known(text) or reference_in_language(text, _known)
                # A line that begins with a bar is a row, where another bar would end the cell.
                made += rest[: match.start()]
                escaped = found.replace("|", r"\|") if place.lstrip().startswith("|") else found
                made += escaped if found != text else match[0]
                rest = rest[match.end() :]
        lines[first] = made + rest
        lines[first + 1 : last] = [""] * (last - first - 1)
    return "".join(lines)


def paragraphs(markdown: str) -> Iterator[str]:
    """Yield the texts of a page: paragraphs, headings, items, and cells, each as one line."""
    for _, _, texts in _places(markdown):
        yield from texts


def headings(markdown: str) -> list[set[str]]:
    """Return what links call each heading of a page, in order.

    That is its text in lowercase with hyphens, ``without-a-mouse``, and the name of an anchor
    before it, ``<a id="split_data"></a>``.
    """
    found: list[set[str]] = []
    anchor, is_heading = "", False
    for token in _tokens(markdown):
        if token.type == "inline" and is_heading:
            slug = re.sub(r"[^\w\- ]", "", _plain(token).lower()).replace(" ", "-")
            found.append({slug, anchor} - {""})
            anchor = ""
        elif token.type == "inline" and (match := _ANCHOR.fullmatch(token.content)):
            anchor = match[1]
        is_heading = token.type == "heading_open"
    return found


def _known(text: str) -> str:
    """Return the translation of a text that a catalog has; empty if none has it."""
    for known in (_catalog(language()).gettext, tr):
        if (found := known(text)) != text:
            return found
    # The module reference has what docstrings have, where code has two backticks.
    doubled = re.sub("`+", "``", text)
    return re.sub("`+", "`", _known(doubled)) if doubled != text else ""


def _parts(docstring: str) -> Iterator[tuple[str, str]]:
    """Yield the paragraphs of a docstring, each with the title of its section."""
    title = ""
    for block in docstring.split("\n\n"):
        lines = block.splitlines()
        underline = lines[1].strip() if len(lines) > 1 else ""
        if underline and not underline.strip("-"):
            title, lines = lines[0].strip(), lines[2:]
        for each in re.split(r"\n(?=- )", "\n".join(lines)):
            if text := " ".join(each.split()):
                yield title, text


def _places(markdown: str) -> Iterator[tuple[int, int, list[str]]]:
    """Yield first line, end, and texts of each paragraph, and of each row of a table."""
    inline = [token for token in _tokens(markdown) if token.type == "inline" and token.map]
    for (first, end), tokens in groupby(inline, key=lambda token: tuple(token.map or (0, 0))):
        # The catalog has its own header for an empty text.
        texts = (" ".join(token.content.split()) for token in tokens)
        yield first, end, [text for text in texts if text]


def _tokens(markdown: str) -> list[Token]:
    # The window imports this file as it opens, and needs no page for that.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse(markdown)


def _plain(inline: Token) -> str:
    return "".join(each.content for each in inline.children or ())


def _pattern(text: str) -> re.Pattern[str]:
    """Return the forms of a text in a page: in several lines, indented, quoted, with escapes."""
    words = (re.escape(word).replace(r"\|", r"\\?\|") for word in text.split())
    return re.compile(r"\s+(?:> ?)*".join(words))


@lru_cache(maxsize=4)
def _catalog(used: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, resources() / "locale", [used], fallback=True)


_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
