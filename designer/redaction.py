"""Texts that are kept or shown, without the passwords in them.

The texts may be a stranger's: everything here takes time linear in their length.
"""

from __future__ import annotations

import re


def without_secrets(text: str) -> str:
    """Return a text with passwords and signatures in URLs redacted."""
    text = re.sub(r"(?i)([?&;](?:sig|token|password|pwd|key)=)[^&\s'\"]+", r"\1***", text)
    return re.sub(r"(://[^\s:/@]*):[^\s@/\"]+@", r"\1:***@", text)


def without_passwords(text: str) -> str:
    """Return a text with passwords in URLs redacted, even those that contain a slash."""
    if "://" not in text:
        return text
    *parts, last = text.split("@")
    redacted = []
    for part in parts:
        word = _last_word(part)
        found = _USER.search(word)
        kept = part if found is None else f"{part[: len(part) - len(word) + found.end()]}***"
        redacted.append(kept)
    return "@".join([*redacted, last])


def has_password(text: str) -> bool:
    """Return whether a text contains a password, in a URL or as ODBC has it."""
    if _NAMED.search(text) is not None:
        return True
    return "://" in text and any(
        _PASSWORD.search(_last_word(part)) for part in text.split("@")[:-1]
    )


def _last_word(text: str) -> str:
    """Return what an @ after a text may belong to.

    Looking for the @ from each :// instead would take the square of the length.
    """
    return text.rsplit(None, 1)[-1] if text and not text[-1].isspace() else ""


_USER = re.compile(r"://[^:/]*:(?=.)", re.DOTALL)
# {braces} and ${...} contain a name, not a password.
_PASSWORD = re.compile(r"://[^/:]*:(?![{$<*]).", re.DOTALL)
_NAMED = re.compile(r"(?:^|[;\s?&])(?:password|passwd|pwd|accountkey)=(?![{$<*;])\S", re.IGNORECASE)
