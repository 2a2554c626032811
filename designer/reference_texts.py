"""Lines of the module reference in the language that is used.

``tools/docs.py`` makes the reference of titles and helps, which the catalogs have; the lines they
are put into are recognized here by their form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from designer.composed_texts import in_language
from designer.texts import N_, tr

Known = Callable[[str], str]
"""Returns the translation of a text; empty if there is none."""


def reference_in_language(text: str, known: Known) -> str:
    """Return a line, cell, or item of the reference; its parts in English that aren't known.

    Parameters
    ----------
    text : str
        In Markdown, on one line.
    known : callable
        Returns the translation of a title, or of a help; empty if there is none.
    """
    return _formed(text, _LINES, known) or _sentences(text, known)


def _formed(text: str, forms: tuple[str, ...], known: Known) -> str:
    for form in forms:
        if match := _pattern(form).fullmatch(text):
            parts = {name: _part(name, part, known) for name, part in match.groupdict().items()}
            return tr(form).format(**parts)
    return ""


def _part(name: str, text: str, known: Known) -> str:
    if name in ("text", "title"):
        return known(text) or (_sentences(text, known) if name == "text" else text)
    if name == "titles":
        return tr(" and ").join(known(each) or each for each in text.split(" and "))
    if name == "choices":
        return f"`{tr(' or ')}`".join(text.split("` or `"))
    if name == "settings":
        return _SETTING.sub(lambda each: (known(each[1]) or each[1]) + each[2], text)
    return in_language(text) if name in ("limits", "kind") else text


def _sentences(text: str, known: Known) -> str:
    """Return a help, and the sentences that follow it."""
    ends = [match.end() for match in re.finditer(r"[.!?](?= |$)", text)]
    for end in reversed(ends):
        # A help of a few words has no period in the catalog.
        found = known(text[:end]) or known(text[: end - 1])
        if end == ends[0] and not found:
            found = _formed(text[:end], _SENTENCES, known)
        if found:
            rest = text[end:].lstrip()
            found += "." if not found.endswith((".", "!", "?")) else ""
            return f"{found} {_sentences(rest, known)}" if rest else found
    return text


@lru_cache(maxsize=100)
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(form)))


_SETTING = re.compile(r"(?<![^ ])([^`, ][^`]*)( `[^`]*`)")
"""The title of a parameter, and its value."""

_LINES = (
    N_("parameter"),
    N_("default"),
    N_("what it does"),
    N_("[{title}]({link}): {text}"),
    N_("**Example** (*Add an example* in the palette, or {command})"),
    N_("**{title}**"),
    N_("`{name}` ({kind}, optional): {text}"),
    N_("`{name}` ({kind}): {text}"),
    N_("{title} (`{name}`)"),
    N_("[{title}]({link})"),
    N_("{title}, linked to {titles}: {settings}"),
    N_("{title}, linked to {titles}"),
)

_SENTENCES = (
    N_("Integer {limits}."),
    N_("Number {limits}."),
    N_("One of {choices}."),
    N_("Any of {choices}."),
    N_("`{name}` needs {libraries}."),
    N_("Only when {title} is {choices}."),
)
