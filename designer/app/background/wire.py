"""What the window and the process that submits say to each other: one JSON object a line.

To the process: first ``{"do": "run", ...}``, ``{"do": "follow", "run": ID, ...}``,
``{"do": "publish", ...}`` or ``{"do": "computes", ...}``, later ``{"do": "cancel"}``;
the end of the input means that nobody listens any more.
From the process: ``{"say": text}``, ``{"submitted": {...}}``, ``{"event": name, ...}``,
and at the end ``{"result": {...}}``, ``{"computes": {...}}``, ``{"made": {...}, "told":
text}`` or ``{"error": {...}}``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from designer.engine import events
from designer.engine.results import Output

KINDS: Mapping[str, type[events.Event]] = {
    kind.__name__: kind
    for kind in (
        events.RunStarted,
        events.Queued,
        events.Running,
        events.Progress,
        events.LogLine,
        events.Completed,
        events.Reused,
        events.Failed,
        events.Skipped,
        events.Cancelled,
        events.RunFinished,
    )
}


def event_to_json(event: events.Event) -> dict[str, Any]:
    """Return an event as plain data."""
    plain: dict[str, Any] = {"event": type(event).__name__}
    for field in dataclasses.fields(event):
        value = getattr(event, field.name)
        if field.name == "outputs":
            value = {port: output.to_json() for port, output in value.items()}
        elif field.name == "error":
            value = {name: _plain(item) for name, item in value.items()}
        plain[field.name] = list(value) if isinstance(value, tuple) else value
    return plain


def event_from_json(plain: Mapping[str, Any]) -> events.Event | None:
    """Rebuild an event; None for one that is not known here."""
    kind = KINDS.get(str(plain.get("event")))
    if kind is None:
        return None
    known = {field.name for field in dataclasses.fields(kind)}
    values = {name: value for name, value in plain.items() if name in known}
    try:
        if "outputs" in values:
            outputs = values["outputs"].items()
            values["outputs"] = {port: Output.from_json(output) for port, output in outputs}
        if "nodes" in values:
            values["nodes"] = tuple(values["nodes"])
        return kind(**values)
    except (TypeError, KeyError, AttributeError):
        return None


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
