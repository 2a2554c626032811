"""English words and forms for cleaning text. Imports no library."""

from __future__ import annotations

import re

_STOP_WORDS = """
    a about above after again against all also am an and any are as at be because been before
    being below between both but by can could d did do does doing down during each either else
    ever every few for from further had has have having he her here hers herself him himself his
    how however i if in into is it its itself just ll m may me might more most must my myself
    neither no nor not now of off on once only or other our ours ourselves out over own re s
    same shall she should since so some such t than that the their theirs them themselves then
    there therefore these they this those though through thus to too under until up upon us ve
    very was we were what when where whether which while who whom whose why will with within
    without would yet you your yours yourself yourselves
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Function words: articles, pronouns, prepositions, conjunctions, auxiliary verbs and common
adverbs, and what an apostrophe leaves of them (s, t, ll). A list that also has words of
content, as ``computer`` or ``fire``, costs a classifier what it needs (Nothman, Qin and Yurchak
2018, Stop Word Lists in Free Open-source Software Packages)."""

_IS = "he|she|it|that|this|what|who|where|there|here|how|when|why"

_CONTRACTIONS = (
    (r"\b(w)on't\b", r"\1ill not"),
    (r"\b(sh)an't\b", r"\1all not"),
    (r"\b(ca)n't\b", r"\1n not"),
    (r"\b(a)in't\b", r"\1m not"),
    (r"\b(let)'s\b", r"\1 us"),
    (r"(\w)n't\b", r"\1 not"),
    (r"(\w)'re\b", r"\1 are"),
    (r"(\w)'ve\b", r"\1 have"),
    (r"(\w)'ll\b", r"\1 will"),
    (r"\b(i)'m\b", r"\1 am"),
    (r"(\w)'d\b", r"\1 would"),
    (rf"\b({_IS})'s\b", r"\1 is"),
)
_EXPANSIONS = [(re.compile(form, re.IGNORECASE), full) for form, full in _CONTRACTIONS]

_SHORT = """
    mr mrs ms dr prof sr jr st vs etc no vol fig approx inc ltd co corp dept est jan feb mar apr
    jun jul aug sep sept oct nov dec e.g i.e a.m p.m u.s u.k ph.d
"""
_ABBREVIATIONS = frozenset(_SHORT.split())
_END = re.compile(r"(?<![.!?])[.!?]+[\"')\]”’]*\s+(?=[\"'(\[“‘]?[A-Z0-9])")


def expanded(text: str) -> str:
    """Return a text with the contractions of verbs in full: ``wouldn't`` as ``would not``.

    Straight and typographic apostrophes are recognized. An ``'s`` is expanded after pronouns
    and question words only; elsewhere it is a possessive. ``'d`` becomes ``would``.
    """
    text = text.replace("’", "'")
    if "'" not in text:
        return text
    for form, full in _EXPANSIONS:
        text = form.sub(full, text)
    return text


def sentences(text: str) -> list[str]:
    """Return the sentences of a text.

    A sentence ends with a period, question mark or exclamation mark before white space and an
    uppercase letter or a digit, unless the period belongs to an abbreviation or an initial.
    """
    found, start = [], 0
    for end in _END.finditer(text):
        before = text[start : end.start()].rsplit(None, 1)
        last = before[-1].lstrip("\"'([“‘") if before else ""
        single = len(last) == 1 and last.isalpha() and last != "I"
        if end[0].startswith(". ") and (single or last.lower() in _ABBREVIATIONS):
            continue
        found.append(text[start : end.end()].strip())
        start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found
