"""The response of an endpoint, in short."""

from __future__ import annotations

import json
from typing import Any

from designer.app.views import formatting


def summary(content: Any) -> str:
    """Return the scores of the first row of a response in one line."""
    results = content.get("Results") if isinstance(content, dict) else None
    rows = next(iter(results.values()), None) if isinstance(results, dict) and results else None
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return ""
    names = [name for name in rows[0] if name.lower().startswith(("scored", "assignments"))]
    names = names or list(rows[0])[-1:]
    names = names[:4] + [name for name in rows[0] if name == "Main Reasons"]
    parts = [f"{name}: {_short(rows[0][name])}" for name in names]
    more = f"  (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
    return "\n".join(parts) + more


def refusal(content: Any) -> str:
    """Return the error in the response to a rejected request."""
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return ""
    return f"{error.get('message', '')} {error.get('hint', '')}".strip()


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds."""
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 100 else f"{value:,.0f} ms"


def parsed(text: str) -> Any:
    """Return the content of a JSON text; None if it is invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _short(value: Any) -> str:
    return formatting.number(value) if isinstance(value, float) else str(value)
