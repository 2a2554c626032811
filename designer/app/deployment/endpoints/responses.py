"""The response of an endpoint, in short."""

from __future__ import annotations

import json
from typing import Any

from designer.app.views import formatting
from designer.app.views.contributions import contributions_chart
from designer.texts import formatted, tr
from modules.contract.chart import Chart
from modules.values.score_columns import BASE_VALUE, CONTRIBUTION, MAIN_REASONS


def summary(content: Any) -> str:
    """Return the scores of the first row of a response in one line."""
    rows = _rows(content)
    if not rows:
        return ""
    names = [name for name in rows[0] if name.lower().startswith(("scored", "assignments"))]
    names = names or list(rows[0])[-1:]
    names = names[:4] + [name for name in rows[0] if name == MAIN_REASONS]
    parts = [f"{name}: {_short(rows[0][name])}" for name in names]
    more = tr("  (and {number} more rows)").format(number=len(rows) - 1) if len(rows) > 1 else ""
    return "\n".join(parts) + more


def explanation(content: Any) -> Chart | None:
    """Return the contributions to the first row of a response; None without explanations."""
    rows = _rows(content)
    if not rows or not isinstance(rows[0].get(BASE_VALUE), (int, float)):
        return None
    found = [
        (name.removeprefix(CONTRIBUTION), float(value))
        for name, value in rows[0].items()
        if name.startswith(CONTRIBUTION) and isinstance(value, (int, float))
    ]
    return contributions_chart(float(rows[0][BASE_VALUE]), found) if found else None


def refusal(content: Any) -> str:
    """Return the error in the response to a rejected request."""
    error = content.get("error") if isinstance(content, dict) else None
    if not isinstance(error, dict):
        return ""
    return f"{error.get('message', '')} {error.get('hint', '')}".strip()


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds."""
    value = seconds * 1000
    return f"{formatted(value, '.1f')} ms" if value < 100 else f"{formatted(value, ',.0f')} ms"


def parsed(text: str) -> Any:
    """Return the content of a JSON text; None if it is invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _rows(content: Any) -> list[dict[str, Any]]:
    """Return the rows of the first output of a response; none if they have another form."""
    results = content.get("Results") if isinstance(content, dict) else None
    rows = next(iter(results.values()), None) if isinstance(results, dict) and results else None
    if not isinstance(rows, list) or not rows or not isinstance(rows[0], dict):
        return []
    return rows


def _short(value: Any) -> str:
    return formatting.number(value) if isinstance(value, float) else str(value)
