"""Texts on the screen, in the language that was chosen: gettext with English texts as keys.

>>> from designer.texts import ngettext, tr
>>> tr("Open file")
'Open file'
>>> ngettext("{n} row", "{n} rows", 2).format(n=2)
'2 rows'

The window's texts are evaluated when its files are imported (those of commands, for example), so
:func:`use` comes before. Translations are in ``resources/locale``; ``tools/texts.py`` collects
the texts. The decision record 0023 has the reasons for gettext.
"""

from __future__ import annotations

import gettext
import locale
import numbers
import os
import string
from contextlib import suppress

from designer.paths import resources

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages of the window, each with its own name for itself."""

DOMAINS = ("messages", "modules", "window")
"""The catalogs of a language, the one that counts last: other rooms' texts, modules, the window."""


def use(language: str) -> None:
    """Show texts in a language from now on.

    Parameters
    ----------
    language : str
        One of :data:`LANGUAGES`, or ``system`` for that of the system, if there is a translation.
    """
    chosen = system_language() if language == "system" else language
    _state.language = chosen if chosen in LANGUAGES else "en"
    found: gettext.NullTranslations = gettext.NullTranslations()
    for domain in DOMAINS if _state.language != "en" else ():
        # A translation that can't be read leaves the texts in English.
        with suppress(OSError):
            folder = resources() / "locale"
            each = gettext.translation(domain, folder, [_state.language])
            each.add_fallback(found)
            found = each
    _state.translation = found


def language() -> str:
    """Return the language that is used, one of :data:`LANGUAGES`."""
    return _state.language


def system_language() -> str:
    """Return the system's language, two letters, ``en`` if it isn't known.

    On POSIX the usual environment variables name it, as they do for gettext itself.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if named := os.environ.get(name, "").partition(":")[0]:
            return _code(named)
    # The locale of Windows and macOS.
    return _code(locale.getlocale()[0] or "en")


def tr(text: str) -> str:
    """Return a text in the language that is used; itself if it isn't translated."""
    return _state.translation.gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a text that belongs to a number."""
    return _state.translation.ngettext(one, many, n)


def counted(one: str, many: str, n: int) -> str:
    """Return the form of a text that belongs to a number, with the number in place of ``{n}``.

    >>> counted("{n:,} row", "{n:,} rows", 2000)
    '2,000 rows'
    """
    return filled(ngettext(one, many, n), n=n)


def filled(text: str, /, **values: object) -> str:
    """Return a text with values in its placeholders, numbers as the language writes them.

    Only placeholders with a format change a number: a year, or a number that is copied, has none.

    >>> filled(tr("{rows:,} of {total:,} rows"), rows=1200, total=2000)
    '1,200 of 2,000 rows'
    """
    return _LOCAL.vformat(text, (), values)


def formatted(number: float, spec: str = ",") -> str:
    """Return a number in a format of Python's, as the language that is used writes it.

    >>> formatted(1234567), formatted(0.125, ".1%")
    ('1,234,567', '12.5%')
    """
    return localized(format(number, spec))


def localized(number: str) -> str:
    """Return a number that Python wrote, with the separators of the language that is used."""
    return number.translate(_SEPARATORS.get(_state.language, {}))


def N_(text: str) -> str:
    """Mark a text that is translated later, where it is shown; returned as it is."""
    return text


def _code(named: str) -> str:
    """Return the two letters of a locale; Windows has names such as German_Germany."""
    code = locale.normalize(named)[:2].lower()
    return code if code.isalpha() else "en"


class _Local(string.Formatter):
    """Fills placeholders, numbers with the separators of the language."""

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec and isinstance(value, numbers.Real):
            return localized(format(value, format_spec))
        return format(value, format_spec)


_LOCAL = _Local()

_SEPARATORS = {"de": str.maketrans({",": ".", ".": ",", "%": "\N{NO-BREAK SPACE}%"})}
"""What separates thousands and decimals where English has a comma and a point."""


class _State:
    """The language of this process."""

    def __init__(self) -> None:
        self.language = "en"
        self.translation: gettext.NullTranslations = gettext.NullTranslations()


_state = _State()
