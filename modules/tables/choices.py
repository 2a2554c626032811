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
            raise ModuleError(
                "unknown-choice",
                f"“{choice}” isn't one of the choices." if choice else "Nothing is chosen.",
                _remedy(choice, known),
                parameter=parameter,
            )
    return list(dict.fromkeys(found))


def _remedy(choice: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(choice, known, n=1)
    return f"Did you mean “{close[0]}”?" if close else f"Choose from: {', '.join(known)}."
