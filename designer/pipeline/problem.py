"""One thing that is wrong with a pipeline."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    Parameters
    ----------
    severity : str
        ``error`` (the pipeline can't run), ``warning`` or ``hint``.
    message : str
        One sentence.
    hint : str
        One sentence that says what to do.
    node, port, parameter : str or None
        Where it is; without a node it is the whole pipeline. ``parameter`` without
        ``node`` is a pipeline parameter.
    """

    severity: Severity
    message: str
    hint: str = ""
    node: str | None = None
    port: str | None = None
    parameter: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the problem as plain data."""
        names = ("severity", "node", "port", "parameter", "message", "hint")
        return {name: getattr(self, name) for name in names}


def near(name: str, known: Iterable[str], what: str) -> str:
    """Return a hint that names what was perhaps meant, or what there is."""
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean “{close[0]}”?"
    if not names:
        return f"There are no {what}."
    more = " …" if len(names) > 8 else ""
    return f"The {what} are {', '.join(f'“{name}”' for name in names[:8])}{more}."
