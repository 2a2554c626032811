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
import os
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
    return ngettext(one, many, n).format(n=n)


def N_(text: str) -> str:
    """Mark a text that is translated later, where it is shown; returned as it is."""
    return text


def _code(named: str) -> str:
    """Return the two letters of a locale; Windows has names such as German_Germany."""
    code = locale.normalize(named)[:2].lower()
    return code if code.isalpha() else "en"


class _State:
    """The language of this process."""

    def __init__(self) -> None:
        self.language = "en"
        self.translation: gettext.NullTranslations = gettext.NullTranslations()


_state = _State()
