"""The output of commands on stdout."""

from __future__ import annotations

import json
from typing import Any

import click


def print_json(document: Any) -> None:
    """Print one JSON document; ASCII only, so that no terminal's encoding can break it."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False))
