"""Counts of what is on the canvas, as text; empty for none."""

from __future__ import annotations

from designer.texts import counted


def modules(n: int) -> str:
    """Return “2 modules”."""
    return counted("{n} module", "{n} modules", n) if n else ""


def groups(n: int) -> str:
    """Return “2 groups”."""
    return counted("{n} group", "{n} groups", n) if n else ""


def notes(n: int) -> str:
    """Return “2 notes”."""
    return counted("{n} note", "{n} notes", n) if n else ""


def links(n: int) -> str:
    """Return “2 links”."""
    return counted("{n} link", "{n} links", n) if n else ""


def problems(severity: str, n: int) -> str:
    """Return “2 warnings”; the severity is ``error``, ``warning``, or ``hint``."""
    if not n:
        return ""
    if severity == "error":
        return counted("{n} error", "{n} errors", n)
    if severity == "warning":
        return counted("{n} warning", "{n} warnings", n)
    return counted("{n} hint", "{n} hints", n)
