"""Several choices in a text parameter."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from modules.contract import ModuleError


def listed(text: str, known: Collection[str], parameter: str) -> list[str]:
    """Return the choices of a text that lists them, separated by commas.

    Raises
    ------
    ModuleError
        If there are none, or one isn't known.
    """
    found = [part.strip().lower() for part in text.split(",") if part.strip()]
    for choice in found or [text.strip()]:
        if choice not in known:
            close = difflib.get_close_matches(choice, known, n=1)
            raise ModuleError(
                "unknown-choice",
                f"“{choice}” isn't one of the choices." if choice else "Nothing is chosen.",
                f"Did you mean “{close[0]}”?" if close else f"Choose of: {', '.join(known)}.",
                parameter=parameter,
            )
    return list(dict.fromkeys(found))
