"""The output of commands on stdout."""

from __future__ import annotations

import json
import math
from typing import Any

import click


def print_json(document: Any) -> None:
    """Print one JSON document.

    ASCII only, so that no terminal's encoding can break it. JSON has no number that isn't finite:
    such a one becomes null.
    """
    try:
        text = json.dumps(document, indent=2, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(document), indent=2)
    click.echo(text)


def _finite(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _finite(value) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_finite(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
